// `howdahctl rbac`: gives a ServiceAccount the rights that the backend needs.
//
//   ProcessKubectl kubectl;
//   return RbacCommand(terminal, kubectl).Run({"--role", "view"});
//
// The manifests are those of deploy/kubernetes, compiled in; kubectl applies
// them and answers what the ServiceAccount may do.
#ifndef HOWDAH_CLIENTS_CTL_RBAC_COMMAND_H_
#define HOWDAH_CLIENTS_CTL_RBAC_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/ctl/kubectl.h"
#include "clients/ctl/terminal.h"

namespace howdah::ctl {

// Threads: not safe. Owns: nothing; terminal and kubectl must outlive it.
class RbacCommand {
 public:
  RbacCommand(Terminal& terminal, Kubectl& kubectl)
      : terminal_(terminal), kubectl_(kubectl) {}

  // The words after "rbac". Returns the exit code, as App::Run does.
  int Run(const std::vector<std::string>& words);

 private:
  struct Flags {
    std::string role = "edit";
    // Of the ServiceAccount.
    std::string namespace_name = "howdah";
    std::string account = "cnpg-mcp-server";
    // Where it may do it; empty: everywhere.
    std::string only_namespace;
    std::string kubeconfig, context;
    bool print = false, dry_run = false, verify = false, help = false;
  };

  static absl::StatusOr<Flags> Parse(const std::vector<std::string>& words);
  std::string Manifests(const Flags& flags) const;
  // Exit codes.
  int Apply(const Flags& flags);
  int Verify(const Flags& flags);
  int Fail(const absl::Status& why, int exit_code);

  Terminal& terminal_;
  Kubectl& kubectl_;
};

// The manifests in the order of their file names.
const std::vector<absl::string_view>& RbacManifests();

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_RBAC_COMMAND_H_
