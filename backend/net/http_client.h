// HTTP requests to one upstream, over libcurl: pooled connections, HTTP/2 where
// the server offers it, TLS that verifies.
//
//   HttpClient client({.tls = {.ca_pem = ca}});
//   ASSIGN_OR_RETURN(HttpResponse response,
//                    client.Send({.url = "https://10.0.0.1/version",
//                                 .deadline = call.deadline}));
//   if (response.status != 200) ...
//
// Contract. Every HTTP status is a response. An error is a request without one:
// UNAVAILABLE (no connection, TLS, torn), DEADLINE_EXCEEDED, CANCELLED,
// RESOURCE_EXHAUSTED (body above the cap) or INVALID_ARGUMENT (cannot be sent),
// with one of the reasons below. Redirects are not followed. Only a request
// without a body is sent a second time, when a kept connection turns out to be
// dead.
#ifndef HOWDAH_BACKEND_NET_HTTP_CLIENT_H_
#define HOWDAH_BACKEND_NET_HTTP_CLIENT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::net {

// Reasons of errors.
inline constexpr absl::string_view kConnectFailed = "CONNECT_FAILED";
inline constexpr absl::string_view kTlsFailed = "TLS_FAILED";
inline constexpr absl::string_view kConnectionLost = "CONNECTION_LOST";
inline constexpr absl::string_view kDeadlineExceeded = "DEADLINE_EXCEEDED";
inline constexpr absl::string_view kCancelled = "CANCELLED";
inline constexpr absl::string_view kResponseTooLarge = "RESPONSE_TOO_LARGE";
inline constexpr absl::string_view kBadRequest = "MALFORMED_REQUEST";

// Whether the server has surely not seen the request that failed so.
bool SurelyNotSent(const absl::Status& error);

// A certificate and its key. Of each, the PEM text or a file's path; files are
// read at each new connection, so a renewed certificate is used.
struct ClientCertificate {
  std::string certificate_pem = {};
  std::string certificate_file = {};
  std::string key_pem = {};
  std::string key_file = {};

  bool operator==(const ClientCertificate&) const = default;
};

struct TlsOptions {
  // Who may sign the server's certificate; neither means the system's list.
  std::string ca_pem = {};
  std::string ca_file = {};
  ClientCertificate client = {};
  // Name that the server's certificate must carry, if not the URL's host.
  std::string server_name = {};
  bool insecure_skip_verify = false;
};

struct HttpClientOptions {
  TlsOptions tls = {};
  // http://, https:// or socks5:// URL. Empty: as the environment says
  // (https_proxy, no_proxy), never for loopback.
  std::string proxy_url = {};
  absl::Duration connect_timeout = absl::Seconds(10);
  std::string user_agent = "howdah";
};

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  absl::Time deadline = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  // Cap of the decoded body; a stream has none.
  size_t max_response_bytes = size_t{256} << 20;
  // Used in place of TlsOptions::client when set.
  std::shared_ptr<const ClientCertificate> client_certificate = {};
  // A text that is no longer needed, if set: the body takes its memory.
  std::string* spare_memory = nullptr;
};

struct HttpResponse {
  int status = 0;
  // In the order received, repeated ones included; names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};

  // Value of the first header of this name (in lower case), or "".
  absl::string_view Header(absl::string_view name) const;
};

// Threads: safe for concurrent use. Owns: one thread, begun at the first
// request, and the connections. Limits: all calls must have returned before the
// destructor runs.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends the request and waits for the whole response.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

  // As Send, but gives the body of a 2xx response to `on_bytes` as it arrives,
  // on the calling thread; the server is slowed down to the pace of `on_bytes`.
  // An error of `on_bytes` ends the transfer and is returned. Other responses
  // come back with their body as from Send.
  absl::StatusOr<HttpResponse> Stream(
      const HttpRequest& request,
      const std::function<absl::Status(absl::string_view)>& on_bytes);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_HTTP_CLIENT_H_
