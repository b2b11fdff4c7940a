#include "tests/fuzz/http_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/fuzz/check.h"

namespace howdah::fuzz {
namespace {

namespace http = boost::beast::http;

constexpr std::chrono::seconds kPatience(10);

transports::HttpOptions Options() {
  transports::HttpOptions options;
  options.port = 0;
  options.max_body_bytes = 2048;
  options.max_header_bytes = 2048;
  return options;
}

std::uint16_t PortOf(absl::string_view address) {
  std::uint32_t port = 0;
  Demand(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port),
         "an address has a port");
  return static_cast<std::uint16_t>(port);
}

// A client's socket that leaves nothing behind: ports are not worn out.
int Connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Whether it worked shows when it is written to.
  (void)connect(fd, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address));
  return fd;
}

// Cuts the first answer off what the server said.
Answer TakeAnswer(absl::string_view& said) {
  http::response_parser<http::string_body> parser;
  boost::system::error_code error;
  parser.eager(true);
  std::size_t used = 0;
  while (!parser.is_done() && used < said.size()) {
    const std::size_t step = parser.put(
        boost::asio::buffer(said.data() + used, said.size() - used), error);
    if (error && error != http::error::need_more) break;
    if (step == 0) break;
    used += step;
    error = {};
  }
  Demand(!error && parser.is_done(), "the server's answers are whole");
  said.remove_prefix(used);
  const auto& message = parser.get();
  return {static_cast<int>(message.result_int()),
          message[http::field::content_type] == "text/event-stream",
          message.body()};
}

}  // namespace

HttpLoop::HttpLoop(transports::MessageSink& sink)
    : server_(io_, Options(), sink), port_(PortOf(server_.Start().value())) {}

std::vector<Answer> HttpLoop::Play(absl::string_view bytes, std::size_t piece) {
  const std::string all = Talk(bytes, piece);
  std::vector<Answer> answers;
  absl::string_view said = all;
  while (!said.empty()) answers.push_back(TakeAnswer(said));
  return answers;
}

std::string HttpLoop::Talk(absl::string_view bytes, std::size_t piece) {
  const int fd = Connect(port_);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string said;
  bool more = true;
  while (true) {
    io_.restart();
    io_.poll();
    if (!bytes.empty()) {
      const std::size_t wanted = piece == 0 ? bytes.size() : piece;
      const ssize_t sent =
          send(fd, bytes.data(), std::min(wanted, bytes.size()), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      // The server may have closed before it was given everything.
      if (sent < 0 && errno != EAGAIN && errno != EINPROGRESS) bytes = {};
    } else if (more) {
      shutdown(fd, SHUT_WR);
      more = false;
    }
    char buffer[4096];
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    if (got > 0) said.append(buffer, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN)) break;
    Demand(std::chrono::steady_clock::now() < deadline,
           "the server closes what its client has closed");
  }
  close(fd);
  return said;
}

std::vector<std::string> Events(absl::string_view stream) {
  std::vector<std::string> events;
  std::string data;
  bool has_data = false;
  for (absl::string_view line : absl::StrSplit(stream, '\n')) {
    Demand(!absl::StrContains(line, '\r'), "one kind of line end");
    if (line.empty()) {
      if (has_data) events.push_back(std::move(data));
      data.clear();
      has_data = false;
    } else if (absl::ConsumePrefix(&line, "data:")) {
      absl::ConsumePrefix(&line, " ");
      if (has_data) data += '\n';
      data.append(line.data(), line.size());
      has_data = true;
    } else {
      Demand(absl::StartsWith(line, ":") || absl::StartsWith(line, "event:") ||
                 absl::StartsWith(line, "id:") ||
                 absl::StartsWith(line, "retry:"),
             "no line but those of events");
    }
  }
  Demand(!has_data, "the stream ends with a whole event");
  return events;
}

}  // namespace howdah::fuzz
