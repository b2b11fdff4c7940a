// What a token must say to be let in, whose signature has been verified.
//
//   const TokenRules rules = {.issuer = "https://id.example.com",
//                             .audiences = {"https://howdah.example.com/mcp"}};
//   ASSIGN_OR_RETURN(Principal who, ReadPrincipal(claims, rules, now));
#ifndef HOWDAH_BACKEND_AUTH_TOKEN_RULES_H_
#define HOWDAH_BACKEND_AUTH_TOKEN_RULES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/auth/principal.h"
#include "nlohmann/json.hpp"

namespace howdah::auth {

// Threads: a value.
struct TokenRules {
  // Just as the token's "iss" has it.
  std::string issuer;
  // The token must be meant for one of these; never empty.
  std::vector<std::string> audiences;
  // Scopes that every token must have.
  std::vector<std::string> scopes = {};
  // Claims that name the caller, and the groups it is in.
  std::string username_claim = "sub";
  std::string groups_claim = "groups";
  // How far clocks may differ.
  absl::Duration leeway = absl::Seconds(30);
  // The caller may do only what its scopes name; else what the server allows.
  bool limit_to_scopes = false;
};

// UNAUTHENTICATED with a reason of errors.h, or PERMISSION_DENIED with reason
// SCOPE_MISSING. Scopes are read from "scope" and "scp", as text or as lists.
absl::StatusOr<Principal> ReadPrincipal(const nlohmann::json& claims,
                                        const TokenRules& rules,
                                        absl::Time now);

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_TOKEN_RULES_H_
