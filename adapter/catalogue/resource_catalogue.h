// Which resources there are, which read answers each, and where names come
// from, read from the contract like the tools.
//
//   const ResourceCatalogue resources(*catalogue);
//   const auto found = resources.Find("howdah://clusters/default/orders");
//   found->kind->rpc.path;   // ".../GetCluster"
//   found->values;           // {{"namespace", "default"}, {"name", "orders"}}
//   resources.SourceOf("role")->rpc.path;   // ".../ListRoles"
//   resources.Find("howdah://clusters/a/b/roles/app?context=prod");
//       // the item "app" of ListRoles, in another context
#ifndef HOWDAH_ADAPTER_CATALOGUE_RESOURCE_CATALOGUE_H_
#define HOWDAH_ADAPTER_CATALOGUE_RESOURCE_CATALOGUE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/catalogue/rpc.h"
#include "adapter/catalogue/uri_template.h"
#include "google/protobuf/descriptor.h"

namespace howdah::catalogue {

// A List method whose items name things.
struct NameSource {
  Rpc rpc;
  // The repeated field of its answer.
  const google::protobuf::FieldDescriptor* items = nullptr;
  // Kind of name to the item's field: "cluster" to Cluster.name.
  std::map<std::string, const google::protobuf::FieldDescriptor*> names;
};

// A resource, or all of one form.
struct ResourceKind {
  Rpc rpc;
  const howdah::mcp::v1::Resource* facts = nullptr;
  UriTemplate uri{""};
  std::string description;
  transcoding::ArgumentShape arguments;
  // Kind of name of each variable.
  std::map<std::string, std::string> names;
  // As clients see it, with what it takes beside its variables.
  std::string shown_template;
  // If the resource is one item of the answer: the variable that names it, the
  // list, and the item's field with its name.
  std::string item_variable;
  const google::protobuf::FieldDescriptor* items = nullptr;
  const google::protobuf::FieldDescriptor* item_name = nullptr;
  const transcoding::MessageTable* item_table = nullptr;
  // Whose items fill all variables; null if none do, or there are none.
  const NameSource* listed_by = nullptr;
};

// Kind of thing that the field names; empty if it names none.
const std::string& KindOf(const google::protobuf::FieldDescriptor& field);

// Threads: immutable; safe. Owns: its tables. The catalogue must outlive it.
class ResourceCatalogue {
 public:
  explicit ResourceCatalogue(Catalogue& catalogue);
  ResourceCatalogue(const ResourceCatalogue&) = delete;
  ResourceCatalogue& operator=(const ResourceCatalogue&) = delete;

  // In the order of the contract.
  const std::vector<ResourceKind>& resources() const { return resources_; }
  const std::vector<NameSource>& sources() const { return sources_; }

  struct Found {
    const ResourceKind* kind = nullptr;
    UriValues values;
    // Empty: the current one.
    std::string context;
  };
  std::optional<Found> Find(absl::string_view uri) const;

  // Null if nothing lists names of that kind.
  const NameSource* SourceOf(absl::string_view kind) const;

 private:
  void AddSource(const google::protobuf::MethodDescriptor& method,
                 transcoding::MessageTables& tables);
  const NameSource* ListOf(const ResourceKind& kind) const;
  void NameItem(const std::string& variable, transcoding::MessageTables& tables,
                ResourceKind& kind) const;

  std::vector<NameSource> sources_;
  std::vector<ResourceKind> resources_;
};

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_RESOURCE_CATALOGUE_H_
