// Decides whether a method's toolset is on.
//
//   const ToolsetPolicy policy(SplitToolsets("postgres,aiven"), {"postgres"});
//   RETURN_IF_ERROR(policy.Authorise("DeleteCluster", "postgres",
//                                    call.Metadata("howdah-toolsets")));
//
// Without --toolsets those are on that are by default. The caller's wish can
// only narrow.
#ifndef HOWDAH_BACKEND_AUTH_TOOLSET_POLICY_H_
#define HOWDAH_BACKEND_AUTH_TOOLSET_POLICY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::auth {

// "a, b" as a list; just {"all"} for "all" among them.
std::vector<std::string> SplitToolsets(absl::string_view text);

// Threads: immutable; safe.
class ToolsetPolicy {
 public:
  // `asked` as of SplitToolsets; empty: `by_default` are on.
  ToolsetPolicy(std::vector<std::string> asked,
                std::vector<std::string> by_default)
      : on_(asked.empty() ? std::move(by_default) : std::move(asked)) {}

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
