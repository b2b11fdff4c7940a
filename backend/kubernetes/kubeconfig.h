// Finds and reads kubeconfig files as every Kubernetes client does.
//
//   ASSIGN_OR_RETURN(Kubeconfig config,
//                    Kubeconfig::Load({.path = flags.kubeconfig},
//                                     Environment::OfProcess()));
//   ASSIGN_OR_RETURN(Connection connection, config.Resolve(flags.context));
//
// Looked for in this order: the given path; the files of KUBECONFIG, merged,
// the first to name something wins; a pod's service account; ~/.kube/config.
#ifndef HOWDAH_BACKEND_KUBERNETES_KUBECONFIG_H_
#define HOWDAH_BACKEND_KUBERNETES_KUBECONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/connection.h"

namespace howdah::kubernetes {

// What the surroundings say about where Kubernetes is.
struct Environment {
  std::string kubeconfig;  // KUBECONFIG
  std::string home = {};
  std::string service_host;  // KUBERNETES_SERVICE_HOST
  std::string service_port = {};
  std::string service_account_dir =
      "/var/run/secrets/kubernetes.io/serviceaccount";

  static Environment OfProcess();
};

struct KubeconfigOptions {
  // As from --kubeconfig; empty for the usual places.
  std::string path = {};
};

// Threads: immutable; safe. Owns: copies of what the files said.
class Kubeconfig {
 public:
  // FAILED_PRECONDITION with reason KUBECONFIG_MISSING or KUBECONFIG_INVALID,
  // and a message that names the file, the places searched and what to do.
  static absl::StatusOr<Kubeconfig> Load(const KubeconfigOptions& options,
                                         const Environment& environment);

  // In the order of their names. A pod's service account is the context
  // "in-cluster".
  std::vector<std::string> context_names() const;
  // Where it was found: its files, or "the service account of this Pod".
  const std::string& source() const { return source_; }

  // May be empty.
  const std::string& current_context() const { return current_context_; }

  // The connection of a context; "" means the current one. NOT_FOUND with
  // reason CONTEXT_NOT_FOUND lists the names there are.
  absl::StatusOr<Connection> Resolve(absl::string_view context) const;

 private:
  friend class KubeconfigReader;

  struct Cluster {
    std::string server = {};
    net::TlsOptions tls = {};
    std::string proxy_url = {};
  };
  struct User {
    net::ClientCertificate certificate = {};
    std::string token = {};
    std::string token_file = {};
    std::optional<ExecPlugin> exec = {};
    std::string impersonate_user = {};
    std::vector<std::string> impersonate_groups = {};
  };
  struct Context {
    std::string cluster = {};
    std::string user = {};
    std::string namespace_name = {};
    std::string source = {};
  };

  static Kubeconfig InCluster(const Environment& environment);

  std::string source_;
  std::string current_context_;
  std::map<std::string, Cluster> clusters_;
  std::map<std::string, User> users_;
  std::map<std::string, Context> contexts_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_KUBECONFIG_H_
