#include "backend/net/url.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/net/curl_library.h"

namespace howdah::net {
namespace {

std::optional<std::string> Part(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (Curl().url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string value(text);
  Curl().free(text);
  return value;
}

}  // namespace

std::optional<UrlParts> ParseUrl(const std::string& text) {
  if (!LoadCurl().ok()) return std::nullopt;
  const std::unique_ptr<CURLU, decltype(Curl().url_cleanup)> url(
      Curl().url(), Curl().url_cleanup);
  if (Curl().url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  auto scheme = Part(url.get(), CURLUPART_SCHEME, 0);
  auto host = Part(url.get(), CURLUPART_HOST, 0);
  auto port = Part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port) return std::nullopt;
  return UrlParts{*scheme, *host, *port};
}

bool IsLoopback(absl::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         absl::StartsWith(host, "127.");
}

std::string Origin(const std::string& url) {
  const std::optional<UrlParts> parts = ParseUrl(url);
  if (!parts) return "the upstream";
  return absl::StrCat(parts->scheme, "://", parts->host, ":", parts->port);
}

}  // namespace howdah::net
