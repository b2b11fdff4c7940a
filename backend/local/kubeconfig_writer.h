// Writes the kubeconfig by which kubectl and the backend reach the plane.
//
//   RETURN_IF_ERROR(WriteKubeconfig("/data/kubeconfig",
//                                   {.server = "https://127.0.0.1:6550",
//                                    .ca_pem = ca, .token = token}));
#ifndef HOWDAH_BACKEND_LOCAL_KUBECONFIG_WRITER_H_
#define HOWDAH_BACKEND_LOCAL_KUBECONFIG_WRITER_H_

#include <string>

#include "absl/status/status.h"

namespace howdah::local {

struct KubeconfigContent {
  std::string server;
  std::string ca_pem;
  std::string token;
};

// The context is "howdah-local", its namespace "default"; mode 0600.
absl::Status WriteKubeconfig(const std::string& path,
                             const KubeconfigContent& content);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_KUBECONFIG_WRITER_H_
