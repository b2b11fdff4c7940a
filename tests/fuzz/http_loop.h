// The HTTP server and one raw client on the same thread.
//
//   HttpLoop loop(sink);
//   for (const Answer& answer : loop.Play("POST /mcp HTTP/1.1\r\n…", 1)) …
#ifndef HOWDAH_TESTS_FUZZ_HTTP_LOOP_H_
#define HOWDAH_TESTS_FUZZ_HTTP_LOOP_H_

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/message_sink.h"

namespace howdah::fuzz {

struct Answer {
  int status = 0;
  bool event_stream = false;
  std::string body;  // chunks joined
};

// Threads: one. Owns: the server, for all inputs the same.
class HttpLoop {
 public:
  explicit HttpLoop(transports::MessageSink& sink);

  // Sends the bytes in pieces of that size (0: at once) over a connection of
  // their own and says that no more will come. Demands that the server then
  // closes it, and that all it said is whole HTTP answers.
  std::vector<Answer> Play(absl::string_view bytes, std::size_t piece);

 private:
  std::string Talk(absl::string_view bytes, std::size_t piece);

  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  transports::HttpTransport server_;
  std::uint16_t port_;
};

// The data of each event, read as the HTML standard says. Demands that the
// stream ends with a whole event.
std::vector<std::string> Events(absl::string_view stream);

}  // namespace howdah::fuzz

#endif  // HOWDAH_TESTS_FUZZ_HTTP_LOOP_H_
