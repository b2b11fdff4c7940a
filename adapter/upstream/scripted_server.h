// An HTTP/2 server for tests that does to a stream what no gRPC server would do
// when asked: goes away, resets, stops in the middle, says what is no HTTP/2.
//
//   ScriptedServer server(io, "/tmp/x/s");
//   server.on_request = [&](int32_t stream) { server.Reset(stream, code); };
#ifndef HOWDAH_ADAPTER_UPSTREAM_SCRIPTED_SERVER_H_
#define HOWDAH_ADAPTER_UPSTREAM_SCRIPTED_SERVER_H_

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/local/stream_protocol.hpp"

namespace howdah::upstream {

// Threads: the one that runs the io_context. Owns: socket and sessions.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, const std::string& path);
  ~ScriptedServer();

  // A request has come, whole.
  std::function<void(int32_t stream)> on_request;

  // Said to who connects, instead of HTTP/2; `then_closes`: and no more.
  std::string greeting;
  bool then_closes = false;
  // Takes nothing in any more, as a stuck program does.
  bool deaf = false;

  // What follows is about the connection of the last request.
  // Header fields and the body as given; the stream stays open.
  void Begin(int32_t stream, const std::string& body);
  // A whole answer with that body and gRPC status 0.
  void Answer(int32_t stream, const std::string& body);
  // An answer that is none of gRPC's; its body may go on and on.
  void AnswerHttp(int32_t stream, const std::string& status,
                  const std::string& body, bool ends = true);
  void Reset(int32_t stream, uint32_t code);
  // Streams above `last` are not processed.
  void GoAway(int32_t last);
  void CloseConnection();

  // How many of them have come.
  int connections() const { return connections_; }
  int requests() const { return requests_; }
  int resets() const { return resets_; }
  int pings() const { return pings_; }
  // Connections that the other side has closed.
  int left() const { return left_; }

 private:
  struct Peer;
  enum class Ending { kNone, kStream, kTrailer };
  void Accept();
  void Greet(std::shared_ptr<Peer> peer);
  void Read(std::shared_ptr<Peer> peer);
  void Flush();
  void Respond(int32_t stream, const std::string& status,
               const std::string& content_type, const std::string& body,
               Ending ending);

  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::shared_ptr<Peer> peer_;
  std::vector<std::shared_ptr<Peer>> peers_;
  int connections_ = 0;
  int requests_ = 0;
  int resets_ = 0;
  int pings_ = 0;
  int left_ = 0;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_SCRIPTED_SERVER_H_
