#include "backend/server/authorization_config.h"

#include <boost/program_options.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/auth/issuer.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

namespace po = boost::program_options;

// What --scopes means without a value.
constexpr char kDefaultNames[] = "default";

absl::Status BadFlag(absl::string_view message) {
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_FLAG",
                               support::kHowdahDomain)
      .Message(message)
      .Build();
}

std::vector<std::string> Words(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" ,"), absl::SkipEmpty());
}

absl::Status CheckUrl(absl::string_view flag, const std::string& url) {
  if (url.empty()) return absl::OkStatus();
  const absl::Status checked = auth::CheckIssuerUrl(url);
  return checked.ok()
             ? checked
             : BadFlag(absl::StrCat(flag, ": ", checked.message(), "."));
}

// "read=a,write=b" over the default names.
absl::StatusOr<auth::ScopeNames> ReadScopeNames(absl::string_view text) {
  auth::ScopeNames names;
  if (text == kDefaultNames) return names;
  const std::pair<absl::string_view, std::string*> known[] = {
      {"read", &names.read},
      {"write", &names.write},
      {"admin", &names.admin},
      {"secrets", &names.secrets}};
  for (const std::string& word : Words(text)) {
    const std::pair<std::string, std::string> given =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    std::string* to = nullptr;
    for (const auto& [name, target] : known) {
      if (name == given.first) to = target;
    }
    if (to == nullptr || given.second.empty()) {
      return BadFlag(absl::StrCat(
          "--scopes takes names for read, write, admin and secrets, such as "
          "--scopes=read=howdah.read,write=howdah.write, got \"",
          word, "\"."));
    }
    *to = given.second;
  }
  return names;
}

absl::Status CheckAlone(const AuthorizationFlags& f,
                        const AuthorizationConfig& config) {
  if (!f.issuer.empty()) return absl::OkStatus();
  // Whoever set these believes that tokens are asked for.
  if (!config.audiences.empty() || !f.jwks_uri.empty() || !f.scope.empty() ||
      !f.scopes.empty() || f.impersonate) {
    return BadFlag(
        "--oidc-audience, --oidc-jwks-uri, --oidc-scope, --scopes and "
        "--impersonate need --oidc-issuer (or OIDC_ISSUER).");
  }
  return absl::OkStatus();
}

}  // namespace

void DescribeAuthorization(support::ProgramFlags& flags,
                           AuthorizationFlags& f) {
  const auto text = [](std::string* to, const char* name) {
    return po::value(to)->value_name(name)->default_value("", "");
  };
  flags.Group("Tokens (OAuth 2.1, OpenID Connect)")
      .add_options()("oidc-issuer", text(&f.issuer, "URL"),
                     "take only callers with a token of this issuer")(
          "oidc-audience", po::value(&f.audiences)->value_name("AUD"),
          "audience that tokens must have; may be repeated to accept several")(
          "oidc-jwks-uri", text(&f.jwks_uri, "URL"),
          "the issuer's keys; default: where its metadata says")(
          "oidc-scope", text(&f.scope, "SCOPE"),
          "scopes that every token must have")(
          "dcr-proxy-url", text(&f.dcr_proxy_url, "URL"),
          "where clients can register, for issuers that register nobody")(
          "oidc-username-claim",
          po::value(&f.username_claim)
              ->value_name("NAME")
              ->default_value("sub"),
          "claim that names the caller")("oidc-groups-claim",
                                         po::value(&f.groups_claim)
                                             ->value_name("NAME")
                                             ->default_value("groups"),
                                         "claim with the caller's groups")(
          "impersonate", po::bool_switch(&f.impersonate),
          "ask Kubernetes in the caller's name, so that its RBAC decides")(
          "impersonate-prefix",
          po::value(&f.impersonate_prefix)
              ->value_name("PREFIX")
              ->default_value("", ""),
          "put before names of users and groups, for example oidc:")(
          "failure-rate",
          po::value(&f.failure_rate)
              ->value_name("N")
              ->default_value(100, "100"),
          "bad tokens of an address a second, after twice as many; 0: any "
          "number")("scopes",
                    po::value(&f.scopes)
                        ->value_name("[=read=NAME,...]")
                        ->default_value("", "")
                        ->implicit_value(kDefaultNames, ""),
                    "let tokens do only what their scopes say (with =, so they "
                    "are called)");
  flags.AlsoVariable("oidc-issuer", "OIDC_ISSUER");
  flags.AlsoVariable("oidc-audience", "OIDC_AUDIENCE");
  flags.AlsoVariable("oidc-jwks-uri", "OIDC_JWKS_URI");
  flags.AlsoVariable("oidc-scope", "OIDC_SCOPE");
  flags.AlsoVariable("dcr-proxy-url", "DCR_PROXY_URL");
}

absl::StatusOr<AuthorizationConfig> CheckAuthorization(
    const AuthorizationFlags& f) {
  AuthorizationConfig config;
  for (const std::string& given : f.audiences) {
    for (std::string& audience : Words(given)) {
      config.audiences.push_back(std::move(audience));
    }
  }
  RETURN_IF_ERROR(CheckAlone(f, config));
  RETURN_IF_ERROR(CheckUrl("--dcr-proxy-url", f.dcr_proxy_url));
  config.registration_endpoint = f.dcr_proxy_url;
  if (f.issuer.empty()) return config;
  RETURN_IF_ERROR(CheckUrl("--oidc-issuer", f.issuer));
  RETURN_IF_ERROR(CheckUrl("--oidc-jwks-uri", f.jwks_uri));
  if (config.audiences.empty()) {
    return BadFlag(
        "--oidc-issuer needs --oidc-audience (or OIDC_AUDIENCE): without it "
        "tokens that the issuer gave for other services would be accepted.");
  }
  if (f.username_claim.empty()) {
    return BadFlag("--oidc-username-claim must not be empty.");
  }
  // Neither a negative number nor none.
  if (!(f.failure_rate >= 0)) {
    return BadFlag("--failure-rate is at least 0.");
  }
  config.failure_rate = f.failure_rate;
  config.issuer = f.issuer;
  config.jwks_uri = f.jwks_uri;
  config.required_scopes = Words(f.scope);
  config.enforce_scopes = !f.scopes.empty();
  if (config.enforce_scopes) {
    ASSIGN_OR_RETURN(config.scope_names, ReadScopeNames(f.scopes));
  }
  config.username_claim = f.username_claim;
  config.groups_claim = f.groups_claim;
  config.impersonation = {.on = f.impersonate, .prefix = f.impersonate_prefix};
  return config;
}

}  // namespace howdah::server
