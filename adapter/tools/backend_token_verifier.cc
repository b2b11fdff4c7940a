#include "adapter/tools/backend_token_verifier.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "howdah/auth/v1/access_service.pb.h"
#include "proto/support/scopes.h"
#include "proto/support/status_details.h"

namespace howdah::tools {
namespace {

using howdah::auth::v1::AuthorizationServer;
using howdah::auth::v1::GetAuthorizationServerRequest;
using howdah::auth::v1::Identity;
using howdah::auth::v1::WhoAmIRequest;
using howdah::mcp::v1::Scope;

constexpr char kWhoAmI[] = "/howdah.auth.v1.AccessService/WhoAmI";
constexpr char kDescribe[] =
    "/howdah.auth.v1.AccessService/GetAuthorizationServer";
constexpr absl::Duration kTimeout = absl::Seconds(15);

absl::Status Read(const absl::StatusOr<absl::string_view>& answer,
                  google::protobuf::Message& message) {
  if (!answer.ok()) return answer.status();
  if (message.ParseFromArray(answer->data(),
                             static_cast<int>(answer->size()))) {
    return absl::OkStatus();
  }
  return absl::InternalError("The backend's answer cannot be read.");
}

// The same for all tokens of one caller, and for no other caller.
std::string KeyOf(const Identity& identity) {
  return absl::StrCat(identity.issuer(), "\n", identity.subject());
}

mcp::Verdict Good(const Identity& identity) {
  auto principal = std::make_shared<mcp::Principal>();
  principal->key = KeyOf(identity);
  principal->limited = identity.limited_to_scopes();
  std::vector<Scope> granted;
  for (const int scope : identity.granted()) {
    granted.push_back(static_cast<Scope>(scope));
  }
  for (const Scope scope :
       {howdah::mcp::v1::SCOPE_READ, howdah::mcp::v1::SCOPE_WRITE,
        howdah::mcp::v1::SCOPE_ADMIN, howdah::mcp::v1::SCOPE_SECRETS}) {
    if (support::Grants(granted, scope)) {
      principal->scopes.push_back(support::ScopeText(scope));
    }
  }
  mcp::Verdict verdict;
  verdict.kind = mcp::Verdict::Kind::kGood;
  verdict.principal = std::move(principal);
  verdict.expires =
      identity.has_expire_time()
          ? absl::FromUnixSeconds(identity.expire_time().seconds())
          : absl::InfiniteFuture();
  return verdict;
}

mcp::Verdict Bad(const absl::Status& status) {
  mcp::Verdict verdict;
  verdict.sentence = std::string(status.message());
  google::rpc::ErrorInfo info;
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      verdict.kind = mcp::Verdict::Kind::kRefused;
      break;
    case absl::StatusCode::kPermissionDenied:
      verdict.kind = mcp::Verdict::Kind::kScopesMissing;
      if (support::GetDetail(status, info)) {
        const auto scope = info.metadata().find("scope");
        if (scope != info.metadata().end()) verdict.scopes = scope->second;
      }
      break;
    default:
      verdict.kind = mcp::Verdict::Kind::kUnknown;
  }
  return verdict;
}

std::unique_ptr<mcp::AuthorizationServer> ToServer(
    const AuthorizationServer& from) {
  auto server = std::make_unique<mcp::AuthorizationServer>();
  server->issuer = from.issuer();
  server->required_scopes.assign(from.required_scopes().begin(),
                                 from.required_scopes().end());
  for (const auto& name : from.scope_names()) {
    server->scope_names.emplace_back(support::ScopeText(name.scope()),
                                     name.name());
  }
  server->registration_endpoint = from.registration_endpoint();
  server->metadata_json = from.metadata_json();
  return server;
}

}  // namespace

void BackendTokenVerifier::Verify(const std::string& token,
                                  const std::string& traceparent,
                                  std::function<void(mcp::Verdict)> done) {
  upstream::CallOptions options;
  options.timeout = kTimeout;
  options.bearer_token = token;
  options.traceparent = traceparent;
  options.repeatable = true;
  caller_.Call(kWhoAmI, WhoAmIRequest(), options,
               [done = std::move(done)](
                   const absl::StatusOr<absl::string_view>& answer) {
                 Identity identity;
                 const absl::Status read = Read(answer, identity);
                 done(read.ok() ? Good(identity) : Bad(read));
               });
}

void BackendTokenVerifier::Describe(
    std::function<void(std::unique_ptr<mcp::AuthorizationServer>)> done) {
  upstream::CallOptions options;
  options.timeout = kTimeout;
  options.repeatable = true;
  caller_.Call(kDescribe, GetAuthorizationServerRequest(), options,
               [done = std::move(done)](
                   const absl::StatusOr<absl::string_view>& answer) {
                 AuthorizationServer server;
                 done(Read(answer, server).ok() ? ToServer(server) : nullptr);
               });
}

}  // namespace howdah::tools
