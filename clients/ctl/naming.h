// Names of commands and flags, from the names of the contract.
//
//   ResourceWord("ClusterService")                  => "clusters"
//   VerbWord("ListClusters", "ClusterService")      => "list"
//   VerbWord("RotateRolePassword", "RoleService")   => "rotate-password"
//   FlagWord("storage_size")                        => "--storage-size"
#ifndef HOWDAH_CLIENTS_CTL_NAMING_H_
#define HOWDAH_CLIENTS_CTL_NAMING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::ctl {

// "StorageClass" and "storage_class" => "storage-class".
std::string KebabCase(absl::string_view name);

// The plural of what the service is for.
std::string ResourceWord(absl::string_view service);

// The method without the noun of its service.
std::string VerbWord(absl::string_view method, absl::string_view service);

std::string FlagWord(absl::string_view field);

// "cluster_name" => "CLUSTER_NAME", as it stands in a usage line.
std::string PlaceholderWord(absl::string_view field);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_NAMING_H_
