// How tools reach the backend: a method path, a request, an answer. No gRPC in
// sight, so that tools are tested without a server.
//
//   caller.Call(tool.path, request, {.timeout = absl::Seconds(10)},
//               [&](absl::StatusOr<absl::string_view> answer) { ... });
//
// Contract. Everything happens on one thread and nothing blocks. `answered` and
// `done` are called once, never before Call or Stream returns, and not after
// Cancel. `response` must live until then; `request` is no longer needed when
// the function returns.
#ifndef HOWDAH_ADAPTER_UPSTREAM_UNARY_CALLER_H_
#define HOWDAH_ADAPTER_UPSTREAM_UNARY_CALLER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace howdah::upstream {

struct CallOptions {
  // Time for the whole call, waiting for a starting backend included.
  absl::Duration timeout = absl::Seconds(60);
  // Of the caller; sent as `authorization` and `traceparent` if not empty.
  std::string bearer_token;
  std::string traceparent;
  // Makes the backend refuse everything that is not a read.
  bool read_only = false;
  // Makes the backend refuse all toolsets but these, "a,b"; empty: no wish.
  std::string toolsets;
  // Sending it a second time is harmless: done once, silently, when the
  // connection breaks. Other calls are repeated only if they were never sent.
  bool repeatable = false;
  // A read that may be answered by what an equal one at the same moment gets.
  bool shareable = false;
  // It is no mere read: the caller must be told that it may have happened.
  bool changes = false;
};

// A call under way. Destroying it does not cancel.
class OutgoingCall {
 public:
  virtual ~OutgoingCall() = default;
  // Ends the call at the backend too; its callbacks are not called any more.
  virtual void Cancel() = 0;
};

class UnaryCaller {
 public:
  // The answer's message as bytes, which live only during the call: who has
  // seen them before need not read them again.
  using Answered = std::function<void(absl::StatusOr<absl::string_view>)>;
  using Done = std::function<void(absl::Status)>;

  virtual ~UnaryCaller() = default;

  virtual std::shared_ptr<OutgoingCall> Call(
      const std::string& path, const google::protobuf::Message& request,
      const CallOptions& options, Answered answered) = 0;

  // A server stream: each message is put into `response` before `on_message`
  // is called; `done` comes last. Never repeated.
  virtual std::shared_ptr<OutgoingCall> Stream(
      const std::string& path, const google::protobuf::Message& request,
      google::protobuf::Message& response, const CallOptions& options,
      std::function<void()> on_message, Done done) = 0;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_UNARY_CALLER_H_
