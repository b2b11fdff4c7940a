// Calls of gRPC under way on the adapter's one thread: each is a tag of the
// completion queue. Internal to backend_channel, which sends them, takes their
// events and knows when to send one again.
//
//   call->Begin(connection, queue);
//   ...
//   if (call->OnEvent(ok)) call->Finish();  // an event with this tag
#ifndef HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_
#define HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/upstream/connection.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/message.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace howdah::upstream {

// What every call has in common: options, context, request.
// Threads: one. Owns: itself while gRPC owes it an event; see BackendChannel.
class OngoingCall : public OutgoingCall,
                    public std::enable_shared_from_this<OngoingCall> {
 public:
  OngoingCall(const std::string& path, const google::protobuf::Message& request,
              const CallOptions& options);

  void Cancel() override;
  bool cancelled() const { return cancelled_; }
  const CallOptions& options() const { return options_; }
  const std::shared_ptr<Connection>& connection() const { return connection_; }

  // Why the call cannot be sent at all; OK if it can.
  absl::Status Sendable() const;

  // Sends the call. One event is under way from here on until OnEvent is true.
  void Begin(std::shared_ptr<Connection> connection,
             grpc::CompletionQueue& queue);

  // An operation of gRPC ended. True when the whole call has.
  virtual bool OnEvent(bool ok) = 0;
  // Whether the next operation may be complete already, with no more to read
  // from the socket.
  virtual bool may_be_ready() const { return false; }

  // The connection broke: gRPC said so itself, not the backend's handler, whose
  // errors carry details.
  bool Torn() const;
  // Whether the torn call may be sent again; true at most once.
  bool TakeSecondChance();

  // Tells the caller how the call ended, unless it was cancelled.
  void Finish();
  // The same, for a call that gRPC did not get or did not end.
  void Fail(const absl::Status& status);

 protected:
  virtual void Send(grpc::CompletionQueue& queue) = 0;
  // Lets go of what lives in the context of an earlier attempt.
  virtual void Release() = 0;
  // Called once, if at all.
  virtual void Deliver(const absl::Status& status) = 0;

  void* tag() { return this; }

  const std::string path_;
  std::shared_ptr<Connection> connection_;
  // Fresh for each attempt; must outlive what gRPC makes of it.
  std::optional<grpc::ClientContext> context_;
  grpc::ByteBuffer request_;
  grpc::Status grpc_status_;

 private:
  const CallOptions options_;
  const absl::Time expires_;
  bool cancelled_ = false;
  bool repeated_ = false;
};

std::shared_ptr<OngoingCall> MakeUnaryCall(
    const std::string& path, const google::protobuf::Message& request,
    const CallOptions& options, UnaryCaller::Answered answered);

std::shared_ptr<OngoingCall> MakeStreamCall(
    const std::string& path, const google::protobuf::Message& request,
    google::protobuf::Message& response, const CallOptions& options,
    std::function<void()> on_message, UnaryCaller::Done done);

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_ONGOING_CALL_H_
