#include "backend/auth/token_authenticator.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "backend/auth/connection_authenticator.h"
#include "backend/auth/errors.h"
#include "backend/auth/rhonabwy_library.h"
#include "proto/support/status_macros.h"

namespace howdah::auth {
namespace {

constexpr absl::Duration kRetryIssuer = absl::Seconds(10);
constexpr absl::string_view kScheme = "Bearer ";

// Empty if there is none.
absl::string_view TokenOf(absl::string_view authorization) {
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) return {};
  return absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
}

absl::Status NeedsToken() {
  return TokenRefused(kTokenRequired,
                      "This server lets in only callers with a bearer token of "
                      "its issuer; send it as \"authorization\" metadata.");
}

absl::Status KeyUnknown() {
  return TokenRefused(kTokenKeyUnknown,
                      "The token was signed with a key that its issuer does "
                      "not publish.");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenAuthenticator>> TokenAuthenticator::Make(
    TokenAuthenticatorOptions options, Issuer& issuer, net::Clock& clock) {
  RETURN_IF_ERROR(LoadRhonabwy());
  if (options.rules.issuer.empty() || options.rules.audiences.empty()) {
    return absl::InvalidArgumentError("Issuer and audience must be set.");
  }
  return std::unique_ptr<TokenAuthenticator>(
      new TokenAuthenticator(std::move(options), issuer, clock));
}

TokenAuthenticator::TokenAuthenticator(TokenAuthenticatorOptions options,
                                       Issuer& issuer, net::Clock& clock)
    : options_(std::move(options)),
      issuer_(issuer),
      clock_(clock),
      cache_(options_.most_cached),
      failures_(options_.failures, clock) {}

std::optional<Authenticator::Answer> TokenAuthenticator::FromMemory(
    const Caller& caller) {
  const absl::string_view authorization = caller.Metadata("authorization");
  if (authorization.empty()) {
    std::optional<Principal> named =
        options_.certificates ? PrincipalOfCertificate(caller) : std::nullopt;
    if (!named) return NeedsToken();
    const absl::Status known = Impersonate(options_.impersonation, *named);
    return known.ok() ? Answer(*std::move(named)) : Answer(known);
  }
  const absl::string_view token = TokenOf(authorization);
  if (token.empty()) return NeedsToken();
  const Keys keys = issuer_.keys().Current();
  if (keys.value == nullptr) return std::nullopt;
  std::optional<Principal> known =
      cache_.Find(token, keys.number, clock_.Now());
  if (known) return *std::move(known);
  return failures_.Refusal(caller.Peer(), token);
}

void TokenAuthenticator::Authenticate(const Caller& caller, Done done) {
  if (std::optional<Answer> known = FromMemory(caller)) {
    return done(*std::move(known));
  }
  std::string text(TokenOf(caller.Metadata("authorization")));
  absl::StatusOr<FailureLimit::Trial> trial =
      failures_.Begin(caller.Peer(), text, cache_.WasGood(text, clock_.Now()));
  if (!trial.ok()) return done(trial.status());
  Done learn = [this, text, trial = *std::move(trial),
                done = std::move(done)](Answer answer) {
    const absl::Status said = failures_.End(trial, answer.status());
    if (answer.ok()) return done(std::move(answer));
    if (IsFailure(answer.status())) cache_.Forget(text);
    done(said);
  };
  absl::StatusOr<SignedToken> token = SignedToken::Parse(text);
  if (!token.ok()) return learn(token.status());
  Verify(std::move(text), *std::move(token), std::move(learn));
}

void TokenAuthenticator::Verify(std::string text, SignedToken token,
                                Done done) {
  const Keys keys = issuer_.keys().Current();
  if (keys.value != nullptr) {
    if (std::optional<Answer> answer = Check(text, token, keys)) {
      return done(*std::move(answer));
    }
  }
  // Perhaps the issuer has begun to sign with a new key.
  issuer_.keys().Refresh(
      [this, text = std::move(text), token = std::move(token),
       done = std::move(done)](const absl::StatusOr<Keys>& refreshed) {
        if (!refreshed.ok()) {
          return done(
              IssuerUnavailable(refreshed.status().message(), kRetryIssuer));
        }
        std::optional<Answer> answer = Check(text, token, *refreshed);
        done(answer ? *std::move(answer) : Answer(KeyUnknown()));
      });
}

std::optional<Authenticator::Answer> TokenAuthenticator::Check(
    const std::string& text, const SignedToken& token, const Keys& keys) {
  const auto candidates =
      keys.value->Candidates(token.algorithm(), token.key_id());
  for (const PublicKey* key : candidates) {
    const absl::StatusOr<nlohmann::json> claims = token.Verify(*key);
    if (!claims.ok()) {
      // A token that names its key was signed by just that one, or by nobody.
      if (!token.key_id().empty() && candidates.size() == 1) {
        return claims.status();
      }
      continue;
    }
    absl::StatusOr<Principal> principal =
        ReadPrincipal(*claims, options_.rules, clock_.Now());
    if (!principal.ok()) return principal.status();
    const absl::Status known = Impersonate(options_.impersonation, *principal);
    if (!known.ok()) return known;
    cache_.Keep(text, keys.number, *principal);
    return principal;
  }
  return std::nullopt;
}

}  // namespace howdah::auth
