// One request to the API server, with all that every request needs: identity,
// impersonation, deadline, another try where that is safe, and errors in the
// words of api_error.h.
//
//   ApiRequest request{.asked = {"get", kClusters, key}, .path = path,
//                      .repeatable = true};
//   ASSIGN_OR_RETURN(net::HttpResponse response, client.Execute(request,
//   call));
#ifndef HOWDAH_BACKEND_KUBERNETES_API_CLIENT_H_
#define HOWDAH_BACKEND_KUBERNETES_API_CLIENT_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/api_error.h"
#include "backend/kubernetes/connection.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/kubernetes/credentials.h"
#include "backend/net/backoff.h"
#include "backend/net/clock.h"
#include "backend/net/http_client.h"

namespace howdah::kubernetes {

struct ApiRequest {
  Asked asked = {};
  std::string method = "GET";
  // Begins with "/"; with the query.
  std::string path = {};
  std::string body = {};
  std::string content_type = "application/json";
  // Whether doing it twice is the same as doing it once. If not, it is tried
  // again only where the server has surely not done it.
  bool repeatable = false;
  // See net::HttpRequest.
  std::string* spare_memory = nullptr;
};

struct ApiClientOptions {
  net::BackoffOptions backoff = {};
  int max_attempts = 6;
  // For a call without a deadline.
  absl::Duration longest_request = absl::Seconds(60);
  // A server that asks for a longer pause gets no other try.
  absl::Duration longest_pause = absl::Seconds(30);
  std::function<double()> random = net::RandomUnit;
};

// Threads: safe. Owns: the connections and the credentials of one context.
class ApiClient {
 public:
  // `clock` must outlive this.
  ApiClient(Connection connection, ApiClientOptions options, net::Clock& clock);

  // Returns a 2xx response, else an error. `repeated`, if given, becomes true
  // when an earlier try may have been done by the server.
  absl::StatusOr<net::HttpResponse> Execute(const ApiRequest& request,
                                            const Call& call,
                                            bool* repeated = nullptr);

  // Streams the body of a 2xx response. Tried again only after a 401.
  absl::Status Stream(
      const ApiRequest& request, const Call& call,
      const std::function<absl::Status(absl::string_view)>& on_bytes);

  const Connection& connection() const { return connection_; }

 private:
  struct Attempt {
    absl::Status error;
    net::HttpResponse response;
    // The server may have acted on it.
    bool maybe_done = false;
    bool transient = false;
    absl::Duration retry_after = absl::ZeroDuration();
  };

  absl::StatusOr<net::HttpRequest> Prepare(const ApiRequest& request,
                                           const Call& call,
                                           const Credential& credential) const;
  Attempt Judge(const ApiRequest& request,
                absl::StatusOr<net::HttpResponse> result) const;
  // One try, and a second one if the credential had to be renewed.
  Attempt Try(const ApiRequest& request, const Call& call);

  const Connection connection_;
  const ApiClientOptions options_;
  net::Clock& clock_;
  net::HttpClient http_;
  Credentials credentials_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_API_CLIENT_H_
