// Decides whether a caller may use a method, from the effect that the contract
// declares for it.
//
//   Policy policy({.read_only = true});
//   RETURN_IF_ERROR(policy.Authorise(principal, "…/DeleteCluster", facts));
//
// Three things can narrow, none can widen: the server's --read-only, the
// caller's wish (metadata "howdah-read-only: true"), the scopes of its token.
#ifndef HOWDAH_BACKEND_AUTH_POLICY_H_
#define HOWDAH_BACKEND_AUTH_POLICY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/auth/principal.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::auth {

struct PolicyOptions {
  bool read_only = false;
};

// The scope that a method with this effect needs if it names none itself:
// "howdah:read", "howdah:write" or "howdah:execute".
absl::string_view ScopeOf(mcp::v1::Effect effect);

// Threads: immutable; safe.
class Policy {
 public:
  explicit Policy(PolicyOptions options = {}) : options_(options) {}

  // PERMISSION_DENIED with reason READ_ONLY or SCOPE_MISSING.
  absl::Status Authorise(const Principal& principal, absl::string_view method,
                         const mcp::v1::Method& facts) const;

 private:
  const PolicyOptions options_;
};

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_POLICY_H_
