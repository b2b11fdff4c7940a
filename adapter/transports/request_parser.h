// Beast's HTTP/1 parser writing into a request that is used again and again,
// so that a busy connection allocates nothing per request.
//
//   HttpRequest request;
//   RequestParser parser(request);
//   parser.put(buffer.data(), error);   // until parser.is_done()
//   request.Header("content-type")
#ifndef HOWDAH_ADAPTER_TRANSPORTS_REQUEST_PARSER_H_
#define HOWDAH_ADAPTER_TRANSPORTS_REQUEST_PARSER_H_

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::transports {

// One request, its memory kept between uses.
class HttpRequest {
 public:
  // Value of the first header of that name, by any case; empty if none.
  absl::string_view Header(absl::string_view name) const;
  // Whether there are two of that name.
  bool Repeats(absl::string_view name) const;

  void Clear();
  void AddHeader(absl::string_view name, absl::string_view value);

  std::string method;
  std::string target;
  int version = 11;  // HTTP/1.1
  std::string body;

 private:
  struct Line {
    std::size_t begin, name_size, value_size;
  };
  absl::string_view Name(const Line& line) const;
  absl::string_view Value(const Line& line) const;

  // All names and values, one after the other.
  std::string text_;
  std::vector<Line> lines_;
};

// Threads: one.
// Owns: nothing; the request must outlive it.
// Limits: set by header_limit() and body_limit().
class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(HttpRequest& request);

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb verb, string_view method,
                       string_view target, int version,
                       error_code& error) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, string_view name,
                     string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& length,
                         error_code& error) override;
  std::size_t on_body_impl(string_view body, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body,
                                 error_code& error) override;
  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_REQUEST_PARSER_H_
