// Messages as lines on a pair of file descriptors, as MCP's stdio transport
// has them: one JSON text per line, nothing else on the output.
//
//   StdioTransport stdio(io, {.input = 0, .output = 1}, sink);
//   stdio.Start([&] { io.stop(); });   // called once, after the last answer
//   io.run();
#ifndef HOWDAH_ADAPTER_TRANSPORTS_STDIO_H_
#define HOWDAH_ADAPTER_TRANSPORTS_STDIO_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "adapter/transports/message_sink.h"

namespace boost::asio {
class io_context;
}

namespace howdah::transports {

struct StdioOptions {
  int input = 0;
  int output = 1;
  // A longer line is refused; reading goes on after its newline.
  std::size_t max_line_bytes = 10 * 1024 * 1024;
  // Unwritten output above which no more input is read.
  std::size_t max_unwritten_bytes = 16 * 1024 * 1024;
  // How long answers under way may still be sent after the end of the input.
  // With none under way the transport ends at once.
  absl::Duration end_grace = absl::Seconds(2);
};

// Works with pipes, sockets and terminals, and with regular files, which cannot
// be polled. Ignores SIGPIPE for the process: a reader that went away is the
// end.
//
// Threads: the one that runs the io_context.
// Owns: neither descriptor; their blocking mode is restored at the end.
// Limits: one transport per pair of descriptors.
class StdioTransport {
 public:
  StdioTransport(boost::asio::io_context& io, StdioOptions options,
                 MessageSink& sink);
  ~StdioTransport();
  StdioTransport(const StdioTransport&) = delete;
  StdioTransport& operator=(const StdioTransport&) = delete;

  // Begins to read. `on_end` runs once: after the end of the input, a broken
  // output, or Stop.
  void Start(std::function<void()> on_end);

  // Ends as the end of the input would.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_STDIO_H_
