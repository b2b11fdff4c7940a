// Messages as HTTP/1.1 requests: POST carries one, GET opens a stream, DELETE
// ends a session. Answers are one JSON text, or an event stream when something
// has to be said before the answer.
//
//   HttpTransport http(io, {.host = "127.0.0.1", .port = 3000}, sink);
//   absl::StatusOr<std::string> address = http.Start();  // "127.0.0.1:3000"
//   io.run();
//
//   POST /mcp     -> sink.OnMessage, JSON or event stream
//   GET /mcp      -> sink.OnListen
//   DELETE /mcp   -> sink.OnEnd
//   POST /        -> sink.OnMessage, always JSON
//   GET /sse-transport/sse, POST /sse-transport/messages
//                 -> sink.OnListen, sink.OnMessage
//   GET /.well-known/…
//                 -> sink.OnFetch
//   GET /health, /health/live, /health/ready
//                 -> 200 {"status":"ok"}, or sink.OnFetch
#ifndef HOWDAH_ADAPTER_TRANSPORTS_HTTP_SERVER_H_
#define HOWDAH_ADAPTER_TRANSPORTS_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/transports/message_sink.h"
#include "adapter/transports/tls_files.h"

namespace boost::asio {
class io_context;
}

namespace howdah::transports {

struct HttpOptions {
  // A numeric address.
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;  // 0 picks a free one
  // More names under which browsers and clients may call, such as
  // "db.example.com"; loopback names are always allowed on a loopback bind.
  std::vector<std::string> allowed_hosts = {};
  // Origins, such as "https://app.example", whose pages may call from a
  // browser and read the answers.
  std::vector<std::string> allowed_origins = {};
  // Given: only TLS is spoken.
  TlsFiles tls = {};
  // How often the files of `tls` are looked at.
  absl::Duration tls_check = absl::Seconds(10);
  std::size_t max_body_bytes = 4 * 1024 * 1024;
  std::size_t max_header_bytes = 32 * 1024;
  // Of all bodies that are still arriving; short ones do not count.
  std::size_t max_arriving_bytes = 64 * 1024 * 1024;
  std::size_t max_connections = 1024;
  // Streams that clients only listen to.
  std::size_t max_listeners = 512;
  // A connection with no request under way is closed after this.
  absl::Duration idle_timeout = absl::Seconds(75);
  // A request must have arrived whole within this, and an answer be taken.
  absl::Duration transfer_timeout = absl::Seconds(30);
  // A comment keeps proxies from closing a silent stream.
  absl::Duration stream_keep_alive = absl::Seconds(15);
  // How often the times above are looked at.
  absl::Duration tick = absl::Seconds(1);
  // Whether the sink answers GET /health and below, by OnFetch.
  bool probes_reach_sink = false;
  // Told in a sentence what went well or wrong while serving.
  std::function<void(bool good, absl::string_view sentence)> on_notice = {};
};

// Threads: the one that runs the io_context.
// Owns: the listening socket and its connections.
// Limits: HTTP/1.1; a bind to anything but loopback checks no Host unless
// `allowed_hosts` names some.
class HttpTransport {
 public:
  HttpTransport(boost::asio::io_context& io, HttpOptions options,
                MessageSink& sink);
  ~HttpTransport();
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;

  // Binds and listens. Returns the real "host:port".
  absl::StatusOr<std::string> Start();

  // From now on these options hold, but for host and port. On failure, which
  // only `tls` can cause, everything stays as it was.
  absl::Status Reconfigure(HttpOptions options);

  // Serves on, but ends each connection with its next answer, so that clients
  // and proxies go elsewhere.
  void Leave();

  // Accepts no more; closes idle connections and streams at once and the others
  // after their answer. `on_end` runs once, when the last is gone.
  void Stop(std::function<void()> on_end);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_HTTP_SERVER_H_
