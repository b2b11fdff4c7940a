#include "backend/services/access_service.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/services/timestamp_conversion.h"

namespace howdah::services {

using auth::v1::AuthorizationServer;
using auth::v1::GetAuthorizationServerRequest;
using auth::v1::Identity;
using auth::v1::WhoAmIRequest;

absl::StatusOr<Identity> AccessService::WhoAmI(const CallContext& context,
                                               const WhoAmIRequest&) {
  const auth::Principal& principal = context.principal;
  Identity identity;
  identity.set_name(principal.name);
  identity.set_issuer(principal.issuer);
  identity.set_subject(principal.subject);
  for (const auto& group : principal.groups) identity.add_groups(group);
  for (const auto& scope : principal.scopes) identity.add_scopes(scope);
  identity.set_limited_to_scopes(principal.limited_to_scopes);
  for (const auto scope :
       auth::GrantedScopes(principal, options_.scope_names)) {
    identity.add_granted(scope);
  }
  if (principal.expires != absl::InfiniteFuture()) {
    SetTimestamp(principal.expires, identity.mutable_expire_time());
  }
  identity.set_summary(
      principal.limited_to_scopes
          ? absl::StrCat("You are \"", principal.name,
                         "\" and may do what these scopes allow: ",
                         absl::StrJoin(principal.scopes, ", "), ".")
          : absl::StrCat("You are \"", principal.name,
                         "\" and may do what this server allows."));
  return identity;
}

void AccessService::GetAuthorizationServer(const CallContext&,
                                           const GetAuthorizationServerRequest&,
                                           Reply<AuthorizationServer> reply) {
  if (issuer_ == nullptr) return reply(Describe(nullptr));
  issuer_->metadata().Refresh(
      [this, reply = std::move(reply)](const auto& refreshed) {
        reply(Describe(refreshed.ok() ? refreshed->value.get() : nullptr));
      });
}

std::optional<absl::StatusOr<AuthorizationServer>>
AccessService::GetAuthorizationServerFromMemory(
    const CallContext&, const GetAuthorizationServerRequest&) {
  if (issuer_ == nullptr) return Describe(nullptr);
  const auto known = issuer_->metadata().Current();
  if (known.value == nullptr) return std::nullopt;
  return Describe(known.value.get());
}

AuthorizationServer AccessService::Describe(
    const auth::IssuerMetadata* metadata) const {
  AuthorizationServer server;
  server.set_issuer(options_.issuer);
  for (const auto& audience : options_.audiences) {
    server.add_audiences(audience);
  }
  for (const auto& scope : options_.required_scopes) {
    server.add_required_scopes(scope);
  }
  if (options_.scopes_enforced) {
    for (const auto scope : {mcp::v1::SCOPE_READ, mcp::v1::SCOPE_WRITE,
                             mcp::v1::SCOPE_ADMIN, mcp::v1::SCOPE_SECRETS}) {
      auto* name = server.add_scope_names();
      name->set_scope(scope);
      name->set_name(options_.scope_names.Of(scope));
    }
  }
  server.set_registration_endpoint(options_.registration_endpoint);
  if (metadata != nullptr) server.set_metadata_json(metadata->json);
  return server;
}

}  // namespace howdah::services
