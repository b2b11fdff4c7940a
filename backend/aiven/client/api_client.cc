#include "backend/aiven/client/api_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/aiven/errors.h"
#include "backend/aiven/retry_policy.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "proto/support/trace_context.h"

namespace howdah::aiven {
namespace {

constexpr int kTooManyRequests = 429;
// Aiven's largest answers are lists of services, some tens of kilobytes each.
constexpr size_t kLargestAnswer = size_t{64} << 20;
constexpr int kLongestRetryAfterSeconds = 3600;

bool IsSuccess(int status) { return status / 100 == 2; }

// The sentence of libcurl's error stays; the reason is one of the plane.
absl::Status Unreachable(const absl::Status& error,
                         const std::string& subject) {
  return support::ErrorBuilder(error.code(),
                               error.code() == absl::StatusCode::kUnavailable
                                   ? std::string(kUnavailable)
                                   : support::ErrorReason(error),
                               kDomain)
      .Message(absl::StrCat("Aiven could not be asked for ", subject, ": ",
                            error.message()))
      .Build();
}

absl::Duration RetryAfter(const net::HttpResponse& response) {
  int seconds = 0;
  if (!absl::SimpleAtoi(response.Header("retry-after"), &seconds)) {
    return absl::ZeroDuration();
  }
  return absl::Seconds(std::clamp(seconds, 0, kLongestRetryAfterSeconds));
}

}  // namespace

ApiClient::ApiClient(ApiClientOptions options, TokenSource& tokens,
                     net::HttpClient& http, net::Clock& clock)
    : options_(std::move(options)),
      tokens_(tokens),
      http_(http),
      clock_(clock),
      rate_(options_.rate) {}

absl::StatusOr<std::string> ApiClient::Token() {
  ASSIGN_OR_RETURN(std::string token, tokens_.Current());
  const std::lock_guard lock(mutex_);
  if (token != last_token_) {
    last_token_ = token;
    ++generation_;
  }
  return token;
}

uint64_t ApiClient::token_generation() {
  // One that cannot be read is told by the request that needs it.
  (void)Token();
  const std::lock_guard lock(mutex_);
  return generation_;
}

absl::Status ApiClient::WaitForSlot(const ReadOptions& limits) {
  while (true) {
    absl::Time slot;
    const absl::Time now = clock_.Now();
    {
      const std::lock_guard lock(mutex_);
      slot = rate_.NextSlot(now);
      if (slot <= now) {
        rate_.Take(now);
        return absl::OkStatus();
      }
    }
    if (slot >= limits.deadline) return NoRoomBeforeDeadline(slot - now);
    if (!clock_.SleepUntil(slot, limits.cancelled)) return Cancelled();
  }
}

absl::StatusOr<net::HttpResponse> ApiClient::Exchange(
    const ApiRequest& request, const ReadOptions& limits,
    const std::string& token) {
  net::HttpRequest http;
  http.method = request.method;
  http.url = options_.base_url + request.path;
  http.headers = {{"Authorization", "aivenv1 " + token},
                  {"Accept", "application/json"}};
  if (std::string parent = support::ChildTraceparent(limits.trace);
      !parent.empty()) {
    http.headers.emplace_back("traceparent", std::move(parent));
  }
  if (!request.body.empty()) {
    http.headers.emplace_back("Content-Type", "application/json");
    http.body = request.body;
  }
  http.deadline =
      std::min(limits.deadline, clock_.Now() + options_.try_timeout);
  http.cancelled = limits.cancelled;
  http.max_response_bytes = kLargestAnswer;
  return http_.Send(http);
}

absl::Duration ApiClient::NoteRefusal(const net::HttpResponse& response) {
  const absl::Duration told = RetryAfter(response);
  if (response.status != kTooManyRequests) return told;
  Refusal refusal = ReadRefusal(ReadApiErrorBody(response.body).message);
  if (!refusal.wait && told > absl::ZeroDuration()) refusal.wait = told;
  const std::lock_guard lock(mutex_);
  rate_.Refused(clock_.Now(), refusal);
  return refusal.wait.value_or(told);
}

absl::Status ApiClient::Send(
    const ApiRequest& request, const ReadOptions& limits,
    absl::FunctionRef<absl::Status(absl::string_view)> take) {
  std::string rejected_token;
  for (int tries = 1;; ++tries) {
    RETURN_IF_ERROR(WaitForSlot(limits));
    ASSIGN_OR_RETURN(const std::string token, Token());
    Failure failure{.tries = tries, .method = request.method};
    std::string message;
    absl::Status error;
    const auto response = Exchange(request, limits, token);
    if (!response.ok()) {
      error = Unreachable(response.status(), request.subject);
      // A deadline of this try alone, or no connection: it may pass.
      const bool final =
          absl::IsCancelled(error) || absl::IsInvalidArgument(error) ||
          absl::IsResourceExhausted(error) || clock_.Now() >= limits.deadline;
      if (final) return error;
    } else if (IsSuccess(response->status)) {
      if (!response->Header("howdah-aiven-sandbox").empty()) is_sandbox_ = true;
      error = take(response->body);
      if (support::ErrorReason(error) != kBadAnswer) return error;
    } else {
      failure.told = NoteRefusal(*response);
      error = ErrorOfApi({.status = response->status,
                          .body = response->body,
                          .subject = request.subject,
                          .retry_after = *failure.told});
      message = ReadApiErrorBody(response->body).message;
      failure.status = response->status;
      failure.message = message;
      const bool rejected = support::ErrorReason(error) == kTokenRejected;
      if (rejected && token != rejected_token && tries < kMostTries) {
        // It may have been renewed while the request was under way.
        rejected_token = token;
        const auto renewed = Token();
        if (renewed.ok() && *renewed != token) continue;
      }
    }
    const auto pause = PauseBeforeRetry(failure, options_.random());
    if (!pause) return error;
    const absl::Time next = clock_.Now() + *pause;
    if (next >= limits.deadline) return error;
    if (!clock_.SleepUntil(next, limits.cancelled)) return Cancelled();
  }
}

}  // namespace howdah::aiven
