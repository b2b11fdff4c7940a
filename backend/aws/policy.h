// What the operator allows of AWS, from a typed file; and the decision on a
// call.
//
//   ASSIGN_OR_RETURN(Policy policy, Policy::Load("/etc/howdah/aws.yaml"));
//   ASSIGN_OR_RETURN(Decision decision,
//                    policy.Decide(Tool::kRead, parsed, what, {"prod",
//                    region}));
//   if (decision.needs_confirmation && !request.confirm()) …
//
// The file (docs/aws.md) has profiles and regions that may be used, by all or
// by each caller, and rules of which the first that matches a command decides.
// Rules narrow; only `reveal` widens, by what is refused without it: secrets
// and stored data. No rule makes a write a read or a forbidden command run. A
// file that is not understood wholly is refused with its place, so that no
// typing error opens a door.
#ifndef HOWDAH_BACKEND_AWS_POLICY_H_
#define HOWDAH_BACKEND_AWS_POLICY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/aws/classifier.h"
#include "backend/aws/command_line.h"

namespace howdah::aws {

enum class Tool { kRead, kWrite };

// Who calls, by the name and the groups that its token or certificate says.
struct Caller {
  std::string name = {};
  std::vector<std::string> groups = {};
};

// Where a call goes. An empty profile is the default one; an empty region is
// refused where regions are limited.
struct Target {
  std::string profile = {};
  std::string region = {};
  Caller caller = {};
};

struct Decision {
  // Destructive, runs code, or an operator's rule says so.
  bool needs_confirmation = false;
  // Name of the operator's rule that matched; empty if none did.
  std::string rule;
};

enum class RuleEffect { kAllow, kConfirm, kDeny };

// Empty lists match everything; patterns have `*` for any characters.
struct PolicyRule {
  std::string name;
  RuleEffect effect = RuleEffect::kDeny;
  std::vector<std::string> services;
  std::vector<std::string> commands;  // "ec2 terminate-*"
  std::vector<CommandClass> classes;
  CommandFlags flags = 0;  // any of them
  std::vector<std::string> profiles;
  std::vector<std::string> regions;
  bool reveal_secrets = false;
  bool reveal_data = false;
};

// What some callers may use, of what all may.
struct CallerRule {
  std::vector<std::string> names;
  std::vector<std::string> groups;
  std::vector<std::string> profiles;
  std::vector<std::string> regions;
};

// Threads: immutable; safe.
class Policy {
 public:
  // Everything that needs no `reveal`.
  Policy() = default;

  // INVALID_ARGUMENT with reason POLICY_INVALID and "path:line:column".
  static absl::StatusOr<Policy> Parse(absl::string_view text,
                                      absl::string_view path);
  static absl::StatusOr<Policy> Load(const std::string& path);

  // PERMISSION_DENIED with one of the reasons in errors.h.
  absl::StatusOr<Decision> Decide(Tool tool, const ParsedCommand& parsed,
                                  const Classification& what,
                                  const Target& target) const;

  bool AllowsProfile(const Caller& caller, absl::string_view profile) const;
  bool AllowsRegion(const Caller& caller, absl::string_view region) const;

 private:
  const PolicyRule* FirstMatch(const Command& command,
                               const Classification& what,
                               const Target& target) const;
  absl::Status CheckTarget(const ParsedCommand& parsed,
                           const Target& target) const;

  // The first that names the caller; null if none does.
  const CallerRule* RuleOf(const Caller& caller) const;

  std::vector<std::string> profiles_;  // empty: all
  std::vector<std::string> regions_;   // empty: all
  // Empty: all callers alike. Else who is not named may use nothing.
  std::vector<CallerRule> callers_;
  RuleEffect otherwise_ = RuleEffect::kAllow;
  std::vector<PolicyRule> rules_;
};

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_POLICY_H_
