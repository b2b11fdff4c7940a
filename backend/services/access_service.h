// Tells callers who they are, and where they get tokens.
//
//   AccessService service({.issuer = "https://id.example.com"}, &issuer);
//   service.WhoAmI(context, {});   // {name: "ada", granted: [SCOPE_READ]}
#ifndef HOWDAH_BACKEND_SERVICES_ACCESS_SERVICE_H_
#define HOWDAH_BACKEND_SERVICES_ACCESS_SERVICE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/auth/issuer.h"
#include "backend/auth/policy.h"
#include "backend/services/call_context.h"
#include "howdah/auth/v1/access_service.pb.h"

namespace howdah::services {

struct AccessServiceOptions {
  // Empty where no tokens are taken.
  std::string issuer;
  std::vector<std::string> audiences = {};
  std::vector<std::string> required_scopes = {};
  auth::ScopeNames scope_names = {};
  bool scopes_enforced = false;
  std::string registration_endpoint = {};
};

// Threads: safe. Owns: nothing; the issuer must outlive it.
class AccessService {
 public:
  // `issuer` is null where no tokens are taken.
  AccessService(AccessServiceOptions options, auth::Issuer* issuer)
      : options_(std::move(options)), issuer_(issuer) {}

  absl::StatusOr<auth::v1::Identity> WhoAmI(const CallContext& context,
                                            const auth::v1::WhoAmIRequest&);
  std::optional<absl::StatusOr<auth::v1::Identity>> WhoAmIFromMemory(
      const CallContext& context, const auth::v1::WhoAmIRequest& request) {
    return WhoAmI(context, request);
  }

  void GetAuthorizationServer(const CallContext& context,
                              const auth::v1::GetAuthorizationServerRequest&,
                              Reply<auth::v1::AuthorizationServer> reply);
  std::optional<absl::StatusOr<auth::v1::AuthorizationServer>>
  GetAuthorizationServerFromMemory(
      const CallContext& context,
      const auth::v1::GetAuthorizationServerRequest&);

 private:
  auth::v1::AuthorizationServer Describe(
      const auth::IssuerMetadata* metadata) const;

  const AccessServiceOptions options_;
  auth::Issuer* const issuer_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ACCESS_SERVICE_H_
