#include "adapter/server/authorization_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "adapter/server/http_config.h"
#include "boost/program_options.hpp"

namespace howdah::adapter {
namespace {

namespace po = boost::program_options;

}  // namespace

void DescribeAuthorization(po::options_description& options,
                           AuthorizationConfig& config,
                           const EnvironmentOf& environment) {
  const auto text = [&](std::string* to, const char* name,
                        const char* variable) {
    return po::value(to)->value_name(name)->default_value(environment(variable),
                                                          variable);
  };
  const std::vector<std::string> audiences = absl::StrSplit(
      environment("OIDC_AUDIENCE"), absl::ByAnyChar(" ,"), absl::SkipEmpty());
  auto add = options.add_options();
  add("oidc-issuer", text(&config.issuer, "URL", "OIDC_ISSUER"),
      "http: let in only callers with a token of this issuer");
  add("oidc-audience",
      po::value(&config.audiences)
          ->value_name("AUD")
          ->default_value(audiences, "OIDC_AUDIENCE"),
      "for a spawned backend, as are the next four; see its --help");
  add("oidc-jwks-uri", text(&config.jwks_uri, "URL", "OIDC_JWKS_URI"), "");
  add("oidc-scope", text(&config.scope, "SCOPE", "OIDC_SCOPE"), "");
  add("dcr-proxy-url", text(&config.dcr_proxy_url, "URL", "DCR_PROXY_URL"), "");
  add("scopes",
      po::value(&config.scopes)
          ->value_name("read=NAME,...")
          ->default_value("", "")
          ->implicit_value("default", "howdah:read,..."),
      "");
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
