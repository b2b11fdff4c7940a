#include "adapter/server/authorization_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/server/http_config.h"
#include "boost/program_options.hpp"

namespace howdah::adapter {
namespace {

namespace po = boost::program_options;

}  // namespace

void DescribeAuthorization(support::ProgramFlags& flags,
                           AuthorizationConfig& config) {
  const auto text = [](std::string* to, const char* name) {
    return po::value(to)->value_name(name)->default_value("", "");
  };
  flags.Group("Tokens (http)")
      .add_options()("oidc-issuer", text(&config.issuer, "URL"),
                     "let in only callers with a token of this issuer")(
          "oidc-audience", po::value(&config.audiences)->value_name("AUD"),
          "for a spawned backend, as are the next four: audience that tokens "
          "must "
          "have; may be repeated")(
          "oidc-jwks-uri", text(&config.jwks_uri, "URL"), "the issuer's keys")(
          "oidc-scope", text(&config.scope, "SCOPE"),
          "scopes that every token must have")(
          "dcr-proxy-url", text(&config.dcr_proxy_url, "URL"),
          "where clients can register")(
          "scopes",
          po::value(&config.scopes)
              ->value_name("[=read=NAME,...]")
              ->default_value("", "")
              ->implicit_value("default", ""),
          "let tokens do only what their scopes say; see howdah-backend "
          "--help");
  flags.AlsoVariable("oidc-issuer", "OIDC_ISSUER");
  flags.AlsoVariable("oidc-audience", "OIDC_AUDIENCE");
  flags.AlsoVariable("oidc-jwks-uri", "OIDC_JWKS_URI");
  flags.AlsoVariable("oidc-scope", "OIDC_SCOPE");
  flags.AlsoVariable("dcr-proxy-url", "DCR_PROXY_URL");
}

std::vector<std::string> BackendFlags(const AuthorizationConfig& config) {
  const bool on = !config.issuer.empty();
  std::vector<std::string> flags;
  const auto add = [&](const char* flag, const std::string& value) {
    flags.emplace_back(flag);
    flags.push_back(on ? value : "");
  };
  add("--oidc-issuer", config.issuer);
  add("--oidc-audience", absl::StrJoin(config.audiences, " "));
  add("--oidc-jwks-uri", config.jwks_uri);
  add("--oidc-scope", config.scope);
  add("--dcr-proxy-url", config.dcr_proxy_url);
  if (on && !config.scopes.empty()) {
    flags.push_back(absl::StrCat("--scopes=", config.scopes));
  }
  return flags;
}

absl::Status CheckReach(const AuthorizationConfig& config,
                        const std::string& host) {
  if (!config.issuer.empty() || IsLoopback(host)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--host ", host,
      " can be reached by others, and nobody would be asked for a token; give "
      "--oidc-issuer (or OIDC_ISSUER), see docs/oidc.md, or listen on "
      "127.0.0.1"));
}

}  // namespace howdah::adapter
