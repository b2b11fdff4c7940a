#include "backend/kubernetes/api_client.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "proto/support/trace_context.h"

namespace howdah::kubernetes {
namespace {

net::HttpClientOptions HttpOptions(const Connection& connection) {
  net::HttpClientOptions options;
  options.tls = connection.tls;
  options.proxy_url = connection.proxy_url;
  return options;
}

bool IsTransient(int http_status) {
  return http_status == 429 || http_status >= 500;
}

}  // namespace

ApiClient::ApiClient(Connection connection, ApiClientOptions options,
                     net::Clock& clock)
    : connection_(std::move(connection)),
      options_(std::move(options)),
      clock_(clock),
      http_(HttpOptions(connection_)),
      credentials_(connection_, clock_) {}

absl::StatusOr<net::HttpRequest> ApiClient::Prepare(
    const ApiRequest& request, const Call& call,
    const Credential& credential) const {
  net::HttpRequest http;
  http.method = request.method;
  http.url = absl::StrCat(connection_.server, request.path);
  http.body = request.body;
  http.cancelled = call.cancelled;
  http.spare_memory = request.spare_memory;
  http.deadline = call.deadline == absl::InfiniteFuture()
                      ? clock_.Now() + options_.longest_request
                      : call.deadline;
  http.client_certificate = credential.certificate;
  http.headers.emplace_back("Accept", "application/json");
  if (!request.body.empty()) {
    http.headers.emplace_back("Content-Type", request.content_type);
  }
  if (!credential.token.empty()) {
    http.headers.emplace_back("Authorization",
                              absl::StrCat("Bearer ", credential.token));
  }
  if (std::string parent = support::ChildTraceparent(call.trace);
      !parent.empty()) {
    http.headers.emplace_back("traceparent", std::move(parent));
  }
  const bool on_behalf = !call.impersonate_user.empty();
  const std::string& user =
      on_behalf ? call.impersonate_user : connection_.impersonate_user;
  const std::vector<std::string>& groups =
      on_behalf ? call.impersonate_groups : connection_.impersonate_groups;
  if (!user.empty()) {
    http.headers.emplace_back("Impersonate-User", user);
    for (const std::string& group : groups) {
      http.headers.emplace_back("Impersonate-Group", group);
    }
  } else if (!call.impersonate_groups.empty()) {
    // Groups alone would be ignored: the call would run with more rights.
    return MalformedAnswer(request.asked,
                           "groups are impersonated without a user");
  }
  return http;
}

ApiClient::Attempt ApiClient::Judge(
    const ApiRequest& request, absl::StatusOr<net::HttpResponse> result) const {
  Attempt attempt;
  if (!result.ok()) {
    attempt.transient = absl::IsUnavailable(result.status());
    attempt.maybe_done = !net::SurelyNotSent(result.status());
    attempt.error = ErrorOfTransport(request.asked, result.status(),
                                     connection_.server, connection_.context);
    return attempt;
  }
  attempt.response = *std::move(result);
  const int status = attempt.response.status;
  if (status / 100 == 2) return attempt;
  const absl::string_view retry_after = attempt.response.Header("retry-after");
  attempt.error = ErrorOfResponse(request.asked, status, attempt.response.body,
                                  retry_after);
  attempt.transient =
      IsTransient(status) && !absl::IsFailedPrecondition(attempt.error);
  // What the server's flow control refuses it has not begun.
  attempt.maybe_done = status >= 500;
  attempt.retry_after =
      ParseRetryAfter(retry_after).value_or(absl::ZeroDuration());
  return attempt;
}

ApiClient::Attempt ApiClient::Try(const ApiRequest& request, const Call& call) {
  Attempt attempt;
  for (const bool last : {false, true}) {
    absl::StatusOr<Credential> credential = credentials_.Get(call);
    if (!credential.ok()) {
      attempt.error = credential.status();
      return attempt;
    }
    absl::StatusOr<net::HttpRequest> http = Prepare(request, call, *credential);
    if (!http.ok()) {
      attempt.error = http.status();
      return attempt;
    }
    attempt = Judge(request, http_.Send(*http));
    if (attempt.response.status != 401 || last ||
        !credentials_.Refused(*credential)) {
      break;
    }
  }
  return attempt;
}

absl::StatusOr<net::HttpResponse> ApiClient::Execute(const ApiRequest& request,
                                                     const Call& call,
                                                     bool* repeated) {
  net::Backoff backoff(options_.backoff, options_.random);
  for (int attempts = 1;; ++attempts) {
    Attempt attempt = Try(request, call);
    if (attempt.error.ok()) return std::move(attempt.response);
    const absl::Duration pause = std::max(backoff.Next(), attempt.retry_after);
    const absl::Time next = clock_.Now() + pause;
    if (!attempt.transient || (attempt.maybe_done && !request.repeatable) ||
        attempts >= options_.max_attempts || pause > options_.longest_pause ||
        next >= call.deadline) {
      return attempt.error;
    }
    if (attempt.maybe_done && repeated != nullptr) *repeated = true;
    if (!clock_.SleepUntil(next, call.cancelled)) return attempt.error;
  }
}

absl::Status ApiClient::Stream(
    const ApiRequest& request, const Call& call,
    const std::function<absl::Status(absl::string_view)>& on_bytes) {
  for (const bool last : {false, true}) {
    ASSIGN_OR_RETURN(const Credential credential, credentials_.Get(call));
    ASSIGN_OR_RETURN(net::HttpRequest http, Prepare(request, call, credential));
    http.max_response_bytes = size_t{1} << 20;  // of an error
    absl::Status refused;
    absl::StatusOr<net::HttpResponse> response =
        http_.Stream(http, [&](absl::string_view bytes) {
          refused = on_bytes(bytes);
          return refused;
        });
    if (!refused.ok()) return refused;
    const Attempt attempt = Judge(request, std::move(response));
    if (attempt.response.status == 401 && !last &&
        credentials_.Refused(credential)) {
      continue;
    }
    return attempt.error;
  }
  return absl::OkStatus();
}

}  // namespace howdah::kubernetes
