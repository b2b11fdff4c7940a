#include "adapter/transports/http_test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace howdah::transports {

std::string HttpAnswer::Header(absl::string_view name) const {
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, absl::StrCat(name, ": "))) {
      return std::string(line.substr(name.size() + 2));
    }
  }
  return {};
}

std::string Post(absl::string_view target, absl::string_view body,
                 absl::string_view headers) {
  return absl::StrCat("POST ", target,
                      " HTTP/1.1\r\nHost: localhost\r\n"
                      "Content-Type: application/json\r\nContent-Length: ",
                      body.size(), "\r\n", headers, "\r\n", body);
}

HttpTestClient::HttpTestClient(boost::asio::io_context& io,
                               absl::string_view address)
    : io_(io), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

HttpTestClient::~HttpTestClient() { Close(); }

void HttpTestClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void HttpTestClient::Write(absl::string_view bytes) {
  RunUntil([&] {
    const ssize_t size =
        send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN) return true;  // closed: Read will tell
    if (size > 0) bytes.remove_prefix(size);
    return bytes.empty();
  });
}

HttpAnswer HttpTestClient::Read() {
  HttpAnswer answer;
  RunUntil([&] {
    Receive();
    return TakeAnswer(answer) || closed_;
  });
  return answer;
}

void HttpTestClient::ReadUntil(absl::string_view part) {
  RunUntil([&] {
    Receive();
    return absl::StrContains(received_, part);
  });
}

void HttpTestClient::ReadUntilClosed() {
  RunUntil([&] {
    Receive();
    return closed_;
  });
}

void HttpTestClient::RunUntil(const std::function<bool()>& condition) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "Waited in vain; received so far: " << received_;
      return;
    }
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(2));
  }
}

void HttpTestClient::Receive() {
  char buffer[65536];
  ssize_t size;
  while ((size = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
    received_.append(buffer, size);
  }
  if (size == 0 || (size < 0 && errno != EAGAIN)) closed_ = true;
}

bool HttpTestClient::TakeAnswer(HttpAnswer& answer) {
  const std::size_t head_end = received_.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  answer = {};
  answer.head = received_.substr(0, head_end);
  answer.status = std::atoi(answer.head.c_str() + sizeof("HTTP/1.1"));
  std::size_t at = head_end + 4;
  if (answer.Header("Transfer-Encoding") != "chunked") {
    const std::size_t length =
        std::atoi(answer.Header("Content-Length").c_str());
    if (received_.size() < at + length) return false;
    answer.body = received_.substr(at, length);
    received_.erase(0, at + length);
    return true;
  }
  while (true) {
    const std::size_t line_end = received_.find("\r\n", at);
    if (line_end == std::string::npos) return false;
    const std::size_t size = std::strtoul(received_.c_str() + at, nullptr, 16);
    if (received_.size() < line_end + 2 + size + 2) return false;
    answer.body += received_.substr(line_end + 2, size);
    at = line_end + 2 + size + 2;
    if (size > 0) continue;
    received_.erase(0, at);
    return true;
  }
}

}  // namespace howdah::transports
