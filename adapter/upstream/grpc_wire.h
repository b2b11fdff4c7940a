// gRPC over HTTP/2 as bytes and header fields, without a connection.
//
//   const std::string body = FrameMessage(request);
//   for (const HeaderField& field : RequestFields(call)) ...
//   RETURN_IF_ERROR(reader.Append(data));        // as DATA comes
//   while (const auto message = reader.Next()) ...
//   head.OnField("grpc-status", "0");            // as HEADERS come
//   return head.ToStatus();                      // when the stream has ended
//
// The protocol is described in doc/PROTOCOL-HTTP2.md of gRPC.
#ifndef HOWDAH_ADAPTER_UPSTREAM_GRPC_WIRE_H_
#define HOWDAH_ADAPTER_UPSTREAM_GRPC_WIRE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/upstream/http2_connection.h"
#include "google/protobuf/message.h"

namespace howdah::upstream {

inline constexpr std::size_t kMostAnswerBytes = 64 * 1024 * 1024;

// The message with its five bytes of head, uncompressed.
std::string FrameMessage(const google::protobuf::Message& message);

// The value of `grpc-timeout`. Long times are rounded up to seconds: the caller
// watches the exact one, and a text that stays the same costs one byte.
std::string TimeoutText(absl::Duration timeout);

// What a request says beside its message. All of it must outlive the stream;
// empty ones are not sent.
struct RequestHead {
  absl::string_view path;
  absl::string_view authority;
  absl::string_view timeout;
  absl::string_view authorization;
  absl::string_view traceparent;
  absl::string_view toolsets;
  bool read_only = false;
};

using HeaderFields = absl::InlinedVector<HeaderField, 12>;
HeaderFields RequestFields(const RequestHead& head);

// Whether HTTP/2 can carry the text as a value.
bool IsHeaderText(absl::string_view text);

// Finds the messages in the bytes of an answer.
// Threads: one. Owns: the bytes of messages that are not whole yet.
// Limits: no compression; messages of at most kMostAnswerBytes.
class MessageReader {
 public:
  absl::Status Append(absl::string_view bytes);
  // The next whole message, which lives until the next Append.
  std::optional<absl::string_view> Next();
  // Whether every byte belongs to a message that was taken.
  bool at_boundary() const { return taken_ == buffer_.size(); }

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
  // Where the first head that was not looked at begins.
  std::size_t checked_ = 0;
};

// How an answer ended, from its header and trailer fields.
class AnswerHead {
 public:
  void OnField(absl::string_view name, absl::string_view value);
  // Whether the bytes that follow are gRPC's.
  bool is_grpc() const { return http_status_ == 200 && grpc_content_; }
  // Whether gRPC at the other end has said how the call ended.
  bool has_status() const { return code_.has_value(); }
  // Whether a proxy says, by 502, 503 or 504, that it has no backend or lost it
  // during the call.
  bool lost_behind_proxy() const {
    return !has_status() && http_status_ >= 502 && http_status_ <= 504;
  }
  // That status with its details, or what HTTP's status means to a gRPC client.
  absl::Status ToStatus() const;

 private:
  int http_status_ = 0;
  bool grpc_content_ = false;
  std::optional<int> code_;
  std::string message_;
  std::string details_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_GRPC_WIRE_H_
