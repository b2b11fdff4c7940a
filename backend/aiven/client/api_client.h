// Requests to Aiven's API as one account: within its rate limit, again where a
// failure passes by itself, with a token that may change meanwhile.
//
//   ApiClient client(account, tokens, http, net::SystemClock());
//   absl::Status status = client.Send(
//       {.path = "/project", .subject = "the projects"}, limits,
//       [&](absl::string_view body) { ... });
//
// Contract. Every status but 2xx is an error, with or without a body. What
// `take` refuses as AIVEN_BAD_ANSWER (half an answer, a gateway's page) is
// asked for again like a 5xx. All requests read, so repeating them doubles
// nothing.
#ifndef HOWDAH_BACKEND_AIVEN_CLIENT_API_CLIENT_H_
#define HOWDAH_BACKEND_AIVEN_CLIENT_API_CLIENT_H_

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/aiven/account.h"
#include "backend/aiven/client/token_source.h"
#include "backend/aiven/rate_limit.h"
#include "backend/net/backoff.h"
#include "backend/net/clock.h"
#include "backend/net/http_client.h"

namespace howdah::aiven {

struct ApiRequest {
  std::string method = "GET";
  // Below the base URL; made by api_path.h or a literal.
  std::string path = {};
  std::string body = {};
  // What is asked for, in words of an error: "services of project demo".
  std::string subject = {};
};

struct ApiClientOptions {
  std::string base_url;
  RateLimitOptions rate = {};
  // Of one try; a silent upstream is asked again within the deadline.
  absl::Duration try_timeout = absl::Seconds(30);
  std::function<double()> random = &net::RandomUnit;
};

// Threads: safe. Owns: nothing of what it is given, which must outlive it.
class ApiClient {
 public:
  ApiClient(ApiClientOptions options, TokenSource& tokens,
            net::HttpClient& http, net::Clock& clock);

  // `take` gets the body of the success; its error is the result.
  absl::Status Send(const ApiRequest& request, const ReadOptions& limits,
                    absl::FunctionRef<absl::Status(absl::string_view)> take);

  // The API said that it is the sandbox.
  bool is_sandbox() const { return is_sandbox_; }
  // Changes when another token is used: what was read with the old one may be
  // more than the new one may see.
  uint64_t token_generation();

  const std::string& base_url() const { return options_.base_url; }

 private:
  absl::Status WaitForSlot(const ReadOptions& limits);
  absl::StatusOr<net::HttpResponse> Exchange(const ApiRequest& request,
                                             const ReadOptions& limits,
                                             const std::string& token);
  // Notes what an answer tells about limits; when Aiven wants to be asked
  // again.
  absl::Duration NoteRefusal(const net::HttpResponse& response);
  absl::StatusOr<std::string> Token();

  const ApiClientOptions options_;
  TokenSource& tokens_;
  net::HttpClient& http_;
  net::Clock& clock_;
  std::atomic<bool> is_sandbox_ = false;

  std::mutex mutex_;
  // Guarded by mutex_.
  RateLimit rate_;
  std::string last_token_;
  uint64_t generation_ = 0;
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_CLIENT_API_CLIENT_H_
