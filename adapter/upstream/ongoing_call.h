// Calls under way on the adapter's one thread: gRPC over one HTTP/2 stream
// each. Internal to backend_channel, which sends them, hears of their end and
// knows when to send one again.
//
//   auto call = MakeUnaryCall(owner, path, request, options, answered);
//   call->Begin(connection);
//   ...                                  // the owner's OnEnded(call) is called
//   if (!call->Torn()) call->Finish();
#ifndef HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_
#define HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/upstream/grpc_wire.h"
#include "adapter/upstream/http2_connection.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/message.h"

namespace howdah::upstream {

class OngoingCall;

// Who sends calls. Not asked any more for a call that is over.
class CallOwner {
 public:
  virtual ~CallOwner() = default;
  // The call's stream has ended, well or not.
  virtual void OnEnded(const std::shared_ptr<OngoingCall>& call) = 0;
  // The call's caller has lost interest.
  virtual void OnCancelled(const std::shared_ptr<OngoingCall>& call) = 0;
  // Whom to ask for, as in a URL. Outlives its connections.
  virtual absl::string_view authority() const = 0;
};

// What every call has in common: options, request, how it ended.
// Threads: one. Owns: what its stream points to.
class OngoingCall : public OutgoingCall,
                    public Http2Stream,
                    public std::enable_shared_from_this<OngoingCall> {
 public:
  OngoingCall(CallOwner& owner, const std::string& path,
              const google::protobuf::Message& request,
              const CallOptions& options);

  void Cancel() override;
  // The caller was told how the call ended, or does not want to know.
  bool over() const { return over_; }
  const CallOptions& options() const { return options_; }
  absl::Time expires() const { return expires_; }
  // What it was sent on; null if it was not.
  const std::shared_ptr<Http2Connection>& connection() const {
    return connection_;
  }

  // Why the call cannot be sent at all; OK if it can.
  absl::Status Sendable() const;
  // Sends the call, or sends it again.
  void Begin(std::shared_ptr<Http2Connection> connection);

  // The connection broke, here or behind a proxy, or gRPC at the other end said
  // that it goes away: a handler's own errors carry details.
  bool Torn() const;
  bool never_processed() const { return end_ == StreamEnd::kNeverProcessed; }
  // Whether the torn call may be sent again; true at most once.
  bool TakeSecondChance();

  // Tells the caller how the call ended.
  void Finish();
  // The same, for a call that did not end by itself. Its stream is given up.
  void Fail(const absl::Status& status);

  void OnField(absl::string_view name, absl::string_view value) override;
  bool OnData(absl::string_view bytes) override;
  void OnEnd(StreamEnd end) override;
  void OnProgress() override;

 protected:
  // Hands over the messages that are there.
  virtual void TakeMessages() {}
  // Called once, if at all.
  virtual void Deliver(const absl::Status& status) = 0;

  // Ends the call because of what it was answered.
  void Refuse(const absl::Status& why);

  MessageReader reader_;

 private:
  absl::Status Outcome() const;

  CallOwner& owner_;
  const CallOptions options_;
  const absl::Time expires_;
  const std::string path_;
  const std::string request_;
  const std::string authorization_;
  std::string timeout_;
  std::shared_ptr<Http2Connection> connection_;
  AnswerHead head_;
  // What is wrong with the answer's bytes, if anything.
  absl::Status readable_;
  std::optional<StreamEnd> end_;
  bool over_ = false;
  bool repeated_ = false;
};

std::shared_ptr<OngoingCall> MakeUnaryCall(
    CallOwner& owner, const std::string& path,
    const google::protobuf::Message& request, const CallOptions& options,
    UnaryCaller::Answered answered);

std::shared_ptr<OngoingCall> MakeStreamCall(
    CallOwner& owner, const std::string& path,
    const google::protobuf::Message& request,
    google::protobuf::Message& response, const CallOptions& options,
    std::function<void()> on_message, UnaryCaller::Done done);

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_
