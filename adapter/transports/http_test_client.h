// A raw HTTP client for tests, on the thread that also runs the server.
//
//   HttpTestClient client(io, "127.0.0.1:40001");
//   client.Write(Post("/mcp", "{}"));
//   EXPECT_EQ(client.Read().status, 200);
#ifndef HOWDAH_ADAPTER_TRANSPORTS_HTTP_TEST_CLIENT_H_
#define HOWDAH_ADAPTER_TRANSPORTS_HTTP_TEST_CLIENT_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace boost::asio {
class io_context;
}

namespace howdah::transports {

struct HttpAnswer {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;  // chunks joined
  // Value of a header as it is written; empty if none.
  std::string Header(absl::string_view name) const;
};

// `headers` are whole lines with their CRLF.
std::string Post(absl::string_view target, absl::string_view body,
                 absl::string_view headers = "");

class HttpTestClient {
 public:
  HttpTestClient(boost::asio::io_context& io, absl::string_view address);
  ~HttpTestClient();
  HttpTestClient(const HttpTestClient&) = delete;
  HttpTestClient& operator=(const HttpTestClient&) = delete;

  // Runs the io_context as needed; each fails the test after five seconds.
  void Write(absl::string_view bytes);
  HttpAnswer Read();
  void ReadUntil(absl::string_view part);
  void ReadUntilClosed();
  void RunUntil(const std::function<bool()>& condition);

  void Close();
  bool closed() const { return closed_; }
  // Bytes received and not yet returned by Read.
  const std::string& received() const { return received_; }

 private:
  void Receive();
  bool TakeAnswer(HttpAnswer& answer);

  boost::asio::io_context& io_;
  int fd_;
  bool closed_ = false;
  std::string received_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_HTTP_TEST_CLIENT_H_
