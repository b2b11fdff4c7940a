// Decides whether a method's toolset is on.
//
//   const ToolsetPolicy policy(SplitToolsets("postgres,aiven"));
//   RETURN_IF_ERROR(policy.Authorise("DeleteCluster", "postgres",
//                                    call.Metadata("howdah-toolsets")));
//
// The server's --toolsets and the caller's wish can each only narrow.
#ifndef HOWDAH_BACKEND_AUTH_TOOLSET_POLICY_H_
#define HOWDAH_BACKEND_AUTH_TOOLSET_POLICY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::auth {

// "a, b" as a list; empty, which means all, for "all" among them.
std::vector<std::string> SplitToolsets(absl::string_view text);

// Threads: immutable; safe.
class ToolsetPolicy {
 public:
  // Empty: all are on.
  explicit ToolsetPolicy(std::vector<std::string> on = {})
      : on_(std::move(on)) {}

  // PERMISSION_DENIED with reason TOOLSET_OFF. `toolset` is empty for what
  // cannot be switched off, `wish` where the caller has none.
  absl::Status Authorise(absl::string_view method, absl::string_view toolset,
                         absl::string_view wish) const;

  // INVALID_ARGUMENT if a name of --toolsets is none of these.
  absl::Status CheckKnown(const std::vector<std::string>& known) const;

 private:
  const std::vector<std::string> on_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TOOLSET_POLICY_H_
