#include "backend/auth/token_rules.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "backend/auth/errors.h"
#include "backend/auth/json_object.h"
#include "backend/auth/scope_name.h"
#include "proto/support/status_macros.h"

namespace howdah::auth {
namespace {

using nlohmann::json;

constexpr size_t kLongestName = 255;
constexpr size_t kMostGroups = 256;
// The year 9999; what is beyond is no date but a mistake.
constexpr double kLastSecond = 253402300799.0;

// One text, or a list of texts; with `split`, a text is cut at spaces.
std::vector<std::string> Texts(const json& claims, const std::string& name,
                               bool split) {
  std::vector<std::string> texts;
  const auto found = claims.find(name);
  if (found == claims.end()) return texts;
  const auto add = [&](const std::string& text) {
    if (!split) return texts.push_back(text);
    for (absl::string_view part :
         absl::StrSplit(text, ' ', absl::SkipEmpty())) {
      texts.emplace_back(part);
    }
  };
  if (found->is_string()) add(found->get<std::string>());
  if (!found->is_array()) return texts;
  for (const json& item : *found) {
    if (item.is_string()) add(item.get<std::string>());
  }
  return texts;
}

bool Contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

absl::Status BadClaim(absl::string_view name) {
  return TokenRefused(kTokenMalformed,
                      absl::StrCat("The claim \"", name,
                                   "\" of the token is missing or not of "
                                   "the kind that it must be."));
}

// Nullopt if the claim is not there.
absl::StatusOr<std::optional<absl::Time>> TimeClaim(const json& claims,
                                                    const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<absl::Time>();
  if (!found->is_number()) return BadClaim(name);
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return BadClaim(name);
  return std::optional<absl::Time>(
      absl::FromUnixSeconds(static_cast<int64_t>(std::floor(seconds))));
}

absl::StatusOr<absl::Time> CheckTimes(const json& claims,
                                      const TokenRules& rules, absl::Time now) {
  ASSIGN_OR_RETURN(const auto expires, TimeClaim(claims, "exp"));
  ASSIGN_OR_RETURN(const auto not_before, TimeClaim(claims, "nbf"));
  ASSIGN_OR_RETURN(const auto issued, TimeClaim(claims, "iat"));
  if (!expires) return BadClaim("exp");
  if (now >= *expires + rules.leeway) {
    return TokenRefused(kTokenExpired, "The token has expired; get another.");
  }
  for (const auto& begin : {not_before, issued}) {
    if (begin && now < *begin - rules.leeway) {
      return TokenRefused(kTokenNotYetValid,
                          "The token is not valid yet; compare the clocks of "
                          "this server and of the issuer.");
    }
  }
  return *expires + rules.leeway;
}

absl::Status CheckOrigin(const json& claims, const TokenRules& rules) {
  if (StringMember(claims, "iss") != rules.issuer) {
    return TokenRefused(
        kTokenIssuer,
        absl::StrCat("The token was not issued by \"", rules.issuer, "\"."));
  }
  for (const std::string& audience : Texts(claims, "aud", /*split=*/false)) {
    if (Contains(rules.audiences, audience)) return absl::OkStatus();
  }
  return TokenRefused(
      kTokenAudience,
      absl::StrCat("The token is not meant for this server; its audience must "
                   "be \"",
                   absl::StrJoin(rules.audiences, "\" or \""), "\"."));
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return absl::ascii_iscntrl(c); });
}

absl::Status CheckBaseScopes(const Principal& principal,
                             const TokenRules& rules) {
  for (const std::string& scope : rules.scopes) {
    if (HasScope(principal.scopes, scope)) continue;
    return ScopeMissing(absl::StrCat("The token needs the scope \"", scope,
                                     "\", which it does not have."),
                        absl::StrJoin(rules.scopes, " "));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Principal> ReadPrincipal(const json& claims,
                                        const TokenRules& rules,
                                        absl::Time now) {
  RETURN_IF_ERROR(CheckOrigin(claims, rules));
  Principal principal;
  ASSIGN_OR_RETURN(principal.expires, CheckTimes(claims, rules, now));
  // A token that is good only together with a key of its holder is no bearer
  // token, and whoever sends it as one may have stolen it.
  if (claims.contains("cnf")) {
    return TokenRefused(kTokenBound,
                        "The token is bound to a key of its holder (\"cnf\") "
                        "and not good as a bearer token.");
  }
  principal.name = StringMember(claims, rules.username_claim.c_str());
  principal.issuer = rules.issuer;
  principal.subject = StringMember(claims, "sub");
  if (!IsName(principal.name) || !IsName(principal.subject)) {
    return TokenRefused(kTokenSubject,
                        absl::StrCat("The token does not say whose it is in "
                                     "the claims \"sub\" and \"",
                                     rules.username_claim, "\"."));
  }
  for (std::string& group :
       Texts(claims, rules.groups_claim, /*split=*/false)) {
    if (principal.groups.size() == kMostGroups) break;
    if (IsName(group)) principal.groups.push_back(std::move(group));
  }
  principal.scopes = Texts(claims, "scope", /*split=*/true);
  for (std::string& scope : Texts(claims, "scp", /*split=*/true)) {
    if (!Contains(principal.scopes, scope)) {
      principal.scopes.push_back(std::move(scope));
    }
  }
  principal.limited_to_scopes = rules.limit_to_scopes;
  RETURN_IF_ERROR(CheckBaseScopes(principal, rules));
  return principal;
}

}  // namespace howdah::auth
