// Runs kubectl, which knows how to reach the user's Kubernetes.
//
//   ProcessKubectl kubectl;
//   ASSIGN_OR_RETURN(Kubectl::Result done,
//                    kubectl.Run({"apply", "-f", "-"}, manifests));
#ifndef HOWDAH_CLIENTS_CTL_KUBECTL_H_
#define HOWDAH_CLIENTS_CTL_KUBECTL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace howdah::ctl {

class Kubectl {
 public:
  struct Result {
    int exit_code = 0;
    std::string output;
  };

  virtual ~Kubectl() = default;

  // Gives `input` to its standard input and waits; what it says of itself goes
  // to our standard error. FAILED_PRECONDITION where there is no kubectl.
  virtual absl::StatusOr<Result> Run(const std::vector<std::string>& arguments,
                                     const std::string& input) = 0;
};

// The one on PATH, without a shell. Threads: not safe.
class ProcessKubectl : public Kubectl {
 public:
  absl::StatusOr<Result> Run(const std::vector<std::string>& arguments,
                             const std::string& input) override;
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_KUBECTL_H_
