// Calls as gRPC's completion queue brings them: waiting to arrive, arrived,
// answered, gone.
//
//   UnaryCall::Arm(door, 3);  // waits for a call of method 3
//
// A call that arrives arms its successor at once and goes to the call chain.
#ifndef HOWDAH_BACKEND_SERVER_GRPC_CALLS_H_
#define HOWDAH_BACKEND_SERVER_GRPC_CALLS_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backend/server/call.h"
#include "backend/server/call_chain.h"
#include "backend/server/completion.h"
#include "backend/server/live_count.h"
#include "backend/server/raw_service.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"

namespace howdah::server {

// Where calls come in. Threads: safe once the server has started.
struct Door {
  const MethodRegistry& registry;
  RawService& service;
  CallChain& chain;
  grpc::ServerCompletionQueue& queue;
  // All calls, those that are waited for included. The queue must stay open
  // until there are none: they report their ends to it.
  LiveCount& calls;
  // No further calls are waited for.
  std::atomic<bool> closed = false;
};

// What unary and streaming calls have in common.
class GrpcCall : public Call {
 public:
  GrpcCall(Door& door, size_t method_index);

  absl::string_view Metadata(absl::string_view key) const override;
  std::string Peer() const override;
  std::vector<std::string> CertificateNames() const override;
  absl::Time ClientDeadline() const override { return client_deadline_; }
  absl::string_view RequestBytes() override;
  bool ReadRequest(Message& request) override;
  void StartTimer(absl::Time deadline) override;

 protected:
  std::shared_ptr<GrpcCall> Self() {
    return std::static_pointer_cast<GrpcCall>(shared_from_this());
  }
  // Waits for another call of the same method.
  virtual void ArmNext() = 0;
  // Asks gRPC to tell when the call has ended, cancelled or not.
  void WatchForEnd();
  void OnArrived(bool ok);
  void StopTimer();

  const LiveCount::Member alive_;
  Door& door_;
  grpc::ServerContext grpc_context_;
  grpc::ByteBuffer request_bytes_;
  grpc::Slice request_slice_;  // the same in one piece
  Completion<GrpcCall> arrived_{&GrpcCall::OnArrived};

 private:
  void OnGone(bool ok);
  void OnTimer(bool ok);

  absl::Time client_deadline_ = absl::InfiniteFuture();
  // Only calls that need a timer have one.
  std::optional<grpc::Alarm> alarm_;
  Completion<GrpcCall> gone_{&GrpcCall::OnGone};
  Completion<GrpcCall> timer_{&GrpcCall::OnTimer};
};

// One request, one response.
class UnaryCall : public GrpcCall {
 public:
  static void Arm(Door& door, size_t method_index);
  using GrpcCall::GrpcCall;

  void Send(std::unique_ptr<Message> message) override {}
  void Finish(const absl::Status& status, const Message* response) override;
  void FinishWithBytes(absl::string_view response) override;

 protected:
  void ArmNext() override { Arm(door_, method_index()); }

 private:
  void OnFinished(bool ok) {}
  void* FinishedTag();

  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_{&grpc_context_};
  Completion<UnaryCall> finished_{&UnaryCall::OnFinished};
};

// One request, a stream of responses of which a slow client sees the newest, or
// as many merged into one as Method::merge can.
class StreamCall : public GrpcCall {
 public:
  static void Arm(Door& door, size_t method_index);
  using GrpcCall::GrpcCall;

  void Send(std::unique_ptr<Message> message) override;
  void Finish(const absl::Status& status, const Message* response) override;
  void FinishWithBytes(absl::string_view response) override {}

 protected:
  void ArmNext() override { Arm(door_, method_index()); }

 private:
  void OnWritten(bool ok);
  void OnFinished(bool ok) {}
  // Writes what waits, if nothing is being written.
  void WriteNext();

  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&grpc_context_};
  Completion<StreamCall> written_{&StreamCall::OnWritten};
  Completion<StreamCall> finished_{&StreamCall::OnFinished};

  std::mutex mutex_;
  bool writing_ = false;
  bool ended_ = false;
  std::unique_ptr<Message> waiting_;
  std::unique_ptr<absl::Status> last_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_GRPC_CALLS_H_
