#include "backend/net/http_error.h"

#include "absl/strings/str_cat.h"
#include "backend/net/http_client.h"
#include "backend/net/url.h"
#include "proto/support/status_details.h"

namespace howdah::net {

using support::ErrorBuilder;

absl::Status MalformedRequest(absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, kBadRequest,
                      support::kHowdahDomain)
      .Message(absl::StrCat("The HTTP request cannot be sent: ", what, "."))
      .With("problem", what)
      .Build();
}

absl::Status HttpError(absl::StatusCode code, absl::string_view reason,
                       const std::string& url, absl::string_view detail) {
  const std::string origin = Origin(url);
  return ErrorBuilder(code, reason, support::kHowdahDomain)
      .Message(absl::StrCat(origin, ": ", detail))
      .With("server", origin)
      .With("detail", detail)
      .Build();
}

absl::Status ErrorOfCurl(const std::string& url, const Failed& failed) {
  using Code = absl::StatusCode;
  const auto error = [&](Code code, absl::string_view reason,
                         absl::string_view detail) {
    return HttpError(code, reason, url, detail);
  };
  if (failed.cancelled) {
    return error(Code::kCancelled, kCancelled, "the request was cancelled");
  }
  if (failed.larger_than.has_value()) {
    return error(Code::kResourceExhausted, kResponseTooLarge,
                 absl::StrCat("the response is larger than ",
                              *failed.larger_than, " bytes"));
  }
  switch (failed.code) {
    case CURLE_OPERATION_TIMEDOUT:
      // libcurl has one code for "no connection in time" and "no answer in
      // time"; only the former says that nothing was sent.
      if (failed.nothing_sent) {
        return error(Code::kUnavailable, kConnectFailed, failed.detail);
      }
      return error(Code::kDeadlineExceeded, kDeadlineExceeded,
                   "no answer before the deadline");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return error(Code::kUnavailable, kConnectFailed, failed.detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
      return error(Code::kUnavailable, kTlsFailed, failed.detail);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return MalformedRequest(failed.detail);
    default:
      return error(Code::kUnavailable, kConnectionLost, failed.detail);
  }
}

bool SurelyNotSent(const absl::Status& error) {
  const std::string reason = support::ErrorReason(error);
  return reason == kConnectFailed || reason == kTlsFailed ||
         reason == kBadRequest;
}

}  // namespace howdah::net
