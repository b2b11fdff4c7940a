#include "adapter/transports/request_parser.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace howdah::transports {
namespace {

// A body's memory kept for the next request.
constexpr std::size_t kKeptBytes = 128 * 1024;

}  // namespace

absl::string_view HttpRequest::Name(const Line& line) const {
  return absl::string_view(text_).substr(line.begin, line.name_size);
}

absl::string_view HttpRequest::Value(const Line& line) const {
  return absl::string_view(text_).substr(line.begin + line.name_size,
                                         line.value_size);
}

absl::string_view HttpRequest::Header(absl::string_view name) const {
  for (const Line& line : lines_) {
    if (line.name_size == name.size() &&
        absl::EqualsIgnoreCase(Name(line), name)) {
      return Value(line);
    }
  }
  return {};
}

bool HttpRequest::Repeats(absl::string_view name) const {
  return std::count_if(lines_.begin(), lines_.end(), [&](const Line& line) {
           return absl::EqualsIgnoreCase(Name(line), name);
         }) > 1;
}

void HttpRequest::Clear() {
  method.clear();
  target.clear();
  text_.clear();
  lines_.clear();
  if (body.capacity() > kKeptBytes) {
    std::string().swap(body);  // Assigning would keep the memory.
  } else {
    body.clear();
  }
}

void HttpRequest::AddHeader(absl::string_view name, absl::string_view value) {
  lines_.push_back({text_.size(), name.size(), value.size()});
  text_.append(name.data(), name.size());
  text_.append(value.data(), value.size());
}

RequestParser::RequestParser(HttpRequest& request) : request_(request) {
  request_.Clear();
  eager(true);
}

void RequestParser::on_request_impl(boost::beast::http::verb,
                                    string_view method, string_view target,
                                    int version, error_code&) {
  request_.method.assign(method.data(), method.size());
  request_.target.assign(target.data(), target.size());
  request_.version = version;
}

void RequestParser::on_field_impl(boost::beast::http::field, string_view name,
                                  string_view value, error_code&) {
  request_.AddHeader(absl::string_view(name.data(), name.size()),
                     absl::string_view(value.data(), value.size()));
}

void RequestParser::on_body_init_impl(
    boost::optional<std::uint64_t> const& length, error_code&) {
  // At once, since growing by doubling leaves as much again behind. What is
  // not written to is not resident, and the limit on bodies has been checked.
  if (length) request_.body.reserve(*length);
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body,
                                              error_code& error) {
  return on_body_impl(body, error);
}

}  // namespace howdah::transports
