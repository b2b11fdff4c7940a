#include "backend/auth/http_get.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/net/http_client.h"
#include "backend/net/url.h"
#include "proto/support/status_macros.h"

namespace howdah::auth {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
// Key sets have some kilobytes.
constexpr size_t kMostBytes = 1 << 20;
constexpr int kOk = 200;

}  // namespace

HttpGet MakeHttpGet() {
  const auto client = std::make_shared<net::HttpClient>(
      net::HttpClientOptions{.connect_timeout = kPatience});
  return [client](const std::string& url,
                  std::stop_token cancelled) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(net::HttpResponse response,
                     client->Send({.url = url,
                                   .headers = {{"Accept", "application/json"}},
                                   .deadline = absl::Now() + kPatience,
                                   .cancelled = std::move(cancelled),
                                   .max_response_bytes = kMostBytes}));
    if (response.status != kOk) {
      return absl::UnavailableError(absl::StrCat(net::Origin(url),
                                                 " answered with HTTP status ",
                                                 response.status, "."));
    }
    return std::move(response.body);
  };
}

}  // namespace howdah::auth
