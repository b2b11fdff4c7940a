// Decides whether a caller may use a method, from the facts that the contract
// declares for it.
//
//   Policy policy({.read_only = true});
//   RETURN_IF_ERROR(policy.Authorise(principal, "…/DeleteCluster", facts));
//
// Three things can narrow, none can widen: the server's --read-only, the
// caller's wish (metadata "howdah-read-only: true"), the scopes of its token.
#ifndef HOWDAH_BACKEND_AUTH_POLICY_H_
#define HOWDAH_BACKEND_AUTH_POLICY_H_

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/auth/principal.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::auth {

// What the issuer calls the scopes of the contract.
struct ScopeNames {
  std::string read = "howdah:read";
  std::string write = "howdah:write";
  std::string admin = "howdah:admin";
  std::string secrets = "howdah:secrets";

  const std::string& Of(mcp::v1::Scope scope) const;
};

struct PolicyOptions {
  bool read_only = false;
  ScopeNames scope_names = {};
  // Scopes that every token has; named together with those that are missing,
  // so that a caller can ask for all at once.
  std::vector<std::string> base_scopes = {};
};

// Threads: safe; all but read_only is immutable.
class Policy {
 public:
  explicit Policy(PolicyOptions options = {})
      : options_(std::move(options)), read_only_(options_.read_only) {}

  // For the calls that come from now on.
  void set_read_only(bool read_only) { read_only_ = read_only; }

  // PERMISSION_DENIED with reason READ_ONLY or SCOPE_MISSING.
  absl::Status Authorise(const Principal& principal, absl::string_view method,
                         const mcp::v1::Method& facts) const;

 private:
  const PolicyOptions options_;
  std::atomic<bool> read_only_;
};

// PERMISSION_DENIED, SCOPE_MISSING, where a principal that may do just what its
// scopes name lacks one of `needed`. `what` needs them: begin of the sentence.
absl::Status RequireScopes(const Principal& principal, absl::string_view what,
                           const std::vector<mcp::v1::Scope>& needed,
                           const PolicyOptions& options);

// The scopes of the contract that `principal` has.
std::vector<mcp::v1::Scope> GrantedScopes(const Principal& principal,
                                          const ScopeNames& names);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_POLICY_H_
