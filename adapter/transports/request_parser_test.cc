#include "adapter/transports/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace howdah::transports {
namespace {

void Parse(HttpRequest& request, const std::string& body) {
  RequestParser parser(request);
  parser.body_limit(16 * 1024 * 1024);
  const std::string text = absl::StrCat(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "content-length: ",
      body.size(), "\r\n\r\n", body);
  boost::beast::error_code error;
  std::size_t read = 0;
  while (!parser.is_done()) {
    read += parser.put(
        boost::asio::buffer(text.data() + read, text.size() - read), error);
    ASSERT_FALSE(error) << error.message();
  }
  EXPECT_EQ(read, text.size());
}

TEST(RequestParserTest, FillsTheRequest) {
  HttpRequest request;
  Parse(request, "hello");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/mcp");
  EXPECT_EQ(request.version, 11);
  EXPECT_EQ(request.Header("CONTENT-TYPE"), "text/plain");
  EXPECT_EQ(request.Header("Origin"), "");
  EXPECT_EQ(request.body, "hello");
}

TEST(RequestParserTest, NothingOfTheLastRequestIsLeft) {
  HttpRequest request;
  Parse(request, "hello");
  request.AddHeader("Origin", "http://localhost");
  Parse(request, "");
  EXPECT_EQ(request.Header("Origin"), "");
  EXPECT_EQ(request.body, "");
  EXPECT_FALSE(request.Repeats("Host"));
}

TEST(RequestParserTest, AShortBodysMemoryIsKeptAndALongOnesIsNot) {
  HttpRequest request;
  Parse(request, std::string(64 * 1024, 'x'));
  request.Clear();
  EXPECT_GE(request.body.capacity(), 64u * 1024);
  Parse(request, std::string(4 * 1024 * 1024, 'x'));
  EXPECT_EQ(request.body.size(), 4u * 1024 * 1024);
  request.Clear();
  EXPECT_LE(request.body.capacity(), 128u * 1024);
}

}  // namespace
}  // namespace howdah::transports
