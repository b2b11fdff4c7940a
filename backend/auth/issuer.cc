#include "backend/auth/issuer.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/auth/json_object.h"
#include "backend/net/url.h"
#include "proto/support/status_macros.h"

namespace howdah::auth {
namespace {

constexpr char kOpenId[] = "/.well-known/openid-configuration";
constexpr char kOAuth[] = "/.well-known/oauth-authorization-server";

// "https://id.example/a" -> {"https://id.example", "/a"}.
std::pair<std::string, std::string> SplitUrl(const std::string& url) {
  const size_t host = url.find("://");
  const size_t path =
      host == std::string::npos ? url.size() : url.find('/', host + 3);
  if (path == std::string::npos) return {url, ""};
  return {url.substr(0, path),
          std::string(absl::StripSuffix(url.substr(path), "/"))};
}

}  // namespace

absl::Status CheckIssuerUrl(const std::string& url) {
  const auto parts = net::ParseUrl(url);
  const bool trusted =
      parts && (parts->scheme == "https" ||
                (parts->scheme == "http" && net::IsLoopback(parts->host)));
  if (!trusted || url.find_first_of("?#@ ") != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", url,
        "\" is no https URL without query, fragment and user (http only on "
        "this machine)"));
  }
  return absl::OkStatus();
}

Issuer::Issuer(IssuerOptions options, HttpGet get, net::Clock& clock)
    : options_(std::move(options)),
      get_(std::move(get)),
      metadata_(options_.refresh, clock,
                [this](std::stop_token stop) { return FetchMetadata(stop); }),
      keys_(options_.refresh, clock,
            [this](std::stop_token stop) { return FetchKeys(stop); }) {}

absl::StatusOr<IssuerMetadata> Issuer::FetchMetadata(
    std::stop_token cancelled) const {
  const auto [origin, path] = SplitUrl(options_.url);
  absl::StatusOr<std::string> text =
      get_(absl::StrCat(origin, path, kOpenId), cancelled);
  if (!text.ok()) {
    absl::StatusOr<std::string> other =
        get_(absl::StrCat(origin, kOAuth, path), cancelled);
    // The first error says more: most issuers speak OpenID Connect.
    if (!other.ok()) return text.status();
    text = std::move(other);
  }
  const std::optional<nlohmann::json> document = ParseJsonObject(*text);
  if (!document) {
    return absl::UnavailableError("its metadata is no JSON object.");
  }
  const std::string stated = StringMember(*document, "issuer");
  if (stated != options_.url) {
    return absl::FailedPreconditionError(absl::StrCat(
        "its metadata names the issuer \"", stated.substr(0, 200),
        "\" and not \"", options_.url, "\"; give just that to --oidc-issuer."));
  }
  IssuerMetadata metadata;
  metadata.json =
      document->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  metadata.jwks_uri = StringMember(*document, "jwks_uri");
  return metadata;
}

absl::StatusOr<KeySet> Issuer::FetchKeys(std::stop_token cancelled) const {
  std::string url = options_.jwks_uri;
  if (url.empty()) {
    ASSIGN_OR_RETURN(const IssuerMetadata metadata, FetchMetadata(cancelled));
    url = metadata.jwks_uri;
    const auto parts = net::ParseUrl(url);
    if (!parts ||
        (parts->scheme != "https" &&
         !(parts->scheme == "http" && net::IsLoopback(parts->host)))) {
      return absl::FailedPreconditionError(
          "its metadata has no jwks_uri with https.");
    }
  }
  ASSIGN_OR_RETURN(const std::string text, get_(url, cancelled));
  return ParseKeySet(text);
}

}  // namespace howdah::auth
