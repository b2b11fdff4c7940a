#include "adapter/upstream/grpc_wire.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapter/upstream/errors.h"
#include "proto/support/status_details.h"

namespace howdah::upstream {
namespace {

// One byte for "compressed", four for the length.
constexpr std::size_t kHeadBytes = 5;

// Above this a second more or less does not matter to the backend.
constexpr absl::Duration kCoarse = absl::Seconds(10);

// The most digits that gRPC allows.
constexpr int64_t kMostSeconds = 99'999'999;

void WriteLength(std::size_t length, char* to) {
  for (int i = 3; i >= 0; --i, length >>= 8) {
    to[i] = static_cast<char>(length & 0xff);
  }
}

std::size_t ReadLength(absl::string_view bytes) {
  std::size_t length = 0;
  for (int i = 0; i < 4; ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

// `%XX` as in URLs. What is no such escape stays as it is: a strange message is
// better than none.
std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// gRPC's table for answers of something that is no gRPC server.
absl::StatusCode CodeOfHttp(int http_status) {
  switch (http_status) {
    case 400:
      return absl::StatusCode::kInternal;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

}  // namespace

std::string FrameMessage(const google::protobuf::Message& message) {
  std::string frame(kHeadBytes, '\0');
  message.AppendPartialToString(&frame);
  WriteLength(frame.size() - kHeadBytes, &frame[1]);
  return frame;
}

std::string TimeoutText(absl::Duration timeout) {
  if (timeout < kCoarse) {
    const int64_t milliseconds =
        absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1)));
    return absl::StrCat(std::max<int64_t>(1, milliseconds), "m");
  }
  const int64_t seconds =
      absl::ToInt64Seconds(absl::Ceil(timeout, absl::Seconds(1)));
  return absl::StrCat(std::min(seconds, kMostSeconds), "S");
}

HeaderFields RequestFields(const RequestHead& head) {
  HeaderFields fields = {
      {":method", "POST"},          {":scheme", "http"},
      {":path", head.path},         {":authority", head.authority},
      {"te", "trailers"},           {"content-type", "application/grpc"},
      {"user-agent", "howdah-mcp"}, {"grpc-timeout", head.timeout},
  };
  if (!head.authorization.empty()) {
    fields.push_back({"authorization", head.authorization});
  }
  if (!head.traceparent.empty()) {
    fields.push_back({"traceparent", head.traceparent});
  }
  if (head.read_only) fields.push_back({"howdah-read-only", "true"});
  if (!head.toolsets.empty()) {
    fields.push_back({"howdah-toolsets", head.toolsets});
  }
  return fields;
}

bool IsHeaderText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e; });
}

absl::Status MessageReader::Append(absl::string_view bytes) {
  if (taken_ > 0) {
    buffer_.erase(0, taken_);
    checked_ -= taken_;
    taken_ = 0;
  }
  buffer_.append(bytes.data(), bytes.size());
  while (checked_ + kHeadBytes <= buffer_.size()) {
    if (buffer_[checked_] == 1) return CompressedAnswer();
    if (buffer_[checked_] != 0) return UnreadableAnswer();
    const std::size_t length =
        ReadLength(absl::string_view(buffer_).substr(checked_ + 1, 4));
    if (length > kMostAnswerBytes) return AnswerTooLong(length);
    checked_ += kHeadBytes + length;
  }
  // A long message grows into its place without being copied again.
  if (checked_ > buffer_.capacity()) buffer_.reserve(checked_);
  return absl::OkStatus();
}

std::optional<absl::string_view> MessageReader::Next() {
  const auto rest = absl::string_view(buffer_).substr(taken_);
  if (rest.size() < kHeadBytes) return std::nullopt;
  const std::size_t length = ReadLength(rest.substr(1, 4));
  if (rest.size() - kHeadBytes < length) return std::nullopt;
  taken_ += kHeadBytes + length;
  return rest.substr(kHeadBytes, length);
}

void AnswerHead::OnField(absl::string_view name, absl::string_view value) {
  if (name == ":status") {
    if (!absl::SimpleAtoi(value, &http_status_)) http_status_ = 0;
  } else if (name == "content-type") {
    grpc_content_ = absl::StartsWith(value, "application/grpc");
  } else if (name == "grpc-status") {
    int code = 0;
    const bool known =
        absl::SimpleAtoi(value, &code) && code >= 0 &&
        code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
    code_ = known ? code : static_cast<int>(absl::StatusCode::kUnknown);
  } else if (name == "grpc-message") {
    message_ = PercentDecoded(value);
  } else if (name == "grpc-status-details-bin") {
    // With padding or without; what is neither counts as no details.
    if (!absl::Base64Unescape(value, &details_)) details_.clear();
  }
}

absl::Status AnswerHead::ToStatus() const {
  if (!code_.has_value()) {
    return NotGrpc(CodeOfHttp(http_status_), http_status_);
  }
  return support::FromWire(*code_, message_, details_);
}

}  // namespace howdah::upstream
