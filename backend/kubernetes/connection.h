// How to reach one API server and as whom: what a kubeconfig context says.
#ifndef HOWDAH_BACKEND_KUBERNETES_CONNECTION_H_
#define HOWDAH_BACKEND_KUBERNETES_CONNECTION_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/net/http_client.h"

namespace howdah::kubernetes {

// A program that prints credentials (client.authentication.k8s.io).
struct ExecPlugin {
  std::string api_version = {};
  // A path, or a name to look for in PATH.
  std::string command = {};
  std::vector<std::string> arguments = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  bool provide_cluster_info = false;
  // The plug-in needs a terminal, which a server does not have.
  bool needs_terminal = false;
  // What to tell when the program is missing.
  std::string install_hint = {};
};

struct Connection {
  // For messages: the context's name, and where it was found.
  std::string context = {};
  std::string source = {};

  std::string server = {};
  net::TlsOptions tls = {};
  std::string proxy_url = {};
  std::string default_namespace = "default";

  // At most one of these is used, in this order; a client certificate in `tls`
  // stands beside them.
  std::string token_file = {};
  std::string token = {};
  std::optional<ExecPlugin> exec = {};

  // For whom to act when a call says nothing (`as`, `as-groups`).
  std::string impersonate_user = {};
  std::vector<std::string> impersonate_groups = {};
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CONNECTION_H_
