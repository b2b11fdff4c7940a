// Errors of HttpClient: what libcurl says, in our words.
#ifndef HOWDAH_BACKEND_NET_HTTP_ERROR_H_
#define HOWDAH_BACKEND_NET_HTTP_ERROR_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/net/curl_library.h"

namespace howdah::net {

// How a transfer ended.
struct Failed {
  CURLcode code = CURLE_OK;
  std::string detail;
  bool cancelled = false;
  // Set if the response was larger than this.
  std::optional<size_t> larger_than;
  // No connection was ready before the time for making one was over.
  bool nothing_sent = false;
};

absl::Status ErrorOfCurl(const std::string& url, const Failed& failed);

absl::Status HttpError(absl::StatusCode code, absl::string_view reason,
                       const std::string& url, absl::string_view detail);

// INVALID_ARGUMENT: the request cannot be sent.
absl::Status MalformedRequest(absl::string_view what);

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_HTTP_ERROR_H_
