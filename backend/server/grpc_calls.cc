#include "backend/server/grpc_calls.h"

#include <utility>

#include "backend/server/message_bytes.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "proto/support/status_grpc.h"

namespace howdah::server {

GrpcCall::GrpcCall(Door& door, size_t method_index)
    : Call(*door.registry.methods()[method_index], method_index),
      alive_(door.calls),
      door_(door) {}

absl::string_view GrpcCall::Metadata(absl::string_view key) const {
  const auto& metadata = grpc_context_.client_metadata();
  const auto found = metadata.find(grpc::string_ref(key.data(), key.size()));
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

std::string GrpcCall::Peer() const { return grpc_context_.peer(); }

std::vector<std::string> GrpcCall::CertificateNames() const {
  std::vector<std::string> names;
  const auto context = grpc_context_.auth_context();
  if (context == nullptr || !context->IsPeerAuthenticated()) return names;
  for (const auto& found :
       {context->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME),
        context->FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME)}) {
    for (const grpc::string_ref& name : found) {
      names.emplace_back(name.data(), name.size());
    }
  }
  return names;
}

absl::string_view GrpcCall::RequestBytes() {
  if (request_bytes_.Valid()) {
    request_slice_ = InOnePiece(request_bytes_);
    request_bytes_.Clear();
  }
  return {reinterpret_cast<const char*>(request_slice_.begin()),
          request_slice_.size()};
}

bool GrpcCall::ReadRequest(Message& request) {
  const absl::string_view bytes = RequestBytes();
  const bool ok =
      request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  request_slice_ = grpc::Slice();
  return ok;
}

void GrpcCall::StartTimer(absl::Time deadline) {
  alarm_.emplace();
  alarm_->Set(&door_.queue, absl::ToChronoTime(deadline), timer_.For(Self()));
}

void GrpcCall::StopTimer() {
  if (alarm_) alarm_->Cancel();
}

void GrpcCall::WatchForEnd() {
  grpc_context_.AsyncNotifyWhenDone(gone_.For(Self()));
}

void GrpcCall::OnArrived(bool ok) {
  if (!ok) return gone_.Drop();  // The server is shutting down.
  if (!door_.closed) ArmNext();
  const gpr_timespec deadline = grpc_context_.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) != 0) {
    client_deadline_ = absl::FromChrono(grpc_context_.deadline());
  }
  door_.chain.Serve(shared_from_this());
}

void GrpcCall::OnGone(bool) {
  if (grpc_context_.IsCancelled()) stop.request_stop();
}

void GrpcCall::OnTimer(bool ok) {
  if (ok) door_.chain.DeadlineOver(*this);
}

void UnaryCall::Arm(Door& door, size_t method_index) {
  auto call = std::make_shared<UnaryCall>(door, method_index);
  call->WatchForEnd();
  door.service.RequestAsyncUnary(static_cast<int>(method_index),
                                 &call->grpc_context_, &call->request_bytes_,
                                 &call->responder_, &door.queue, &door.queue,
                                 call->arrived_.For(call));
}

void* UnaryCall::FinishedTag() {
  return finished_.For(std::static_pointer_cast<UnaryCall>(shared_from_this()));
}

void UnaryCall::Finish(const absl::Status& status, const Message* response) {
  StopTimer();
  if (status.ok()) {
    responder_.Finish(ToBytes(*response), grpc::Status::OK, FinishedTag());
  } else {
    responder_.FinishWithError(support::ToGrpc(status), FinishedTag());
  }
}

void UnaryCall::FinishWithBytes(absl::string_view response) {
  StopTimer();
  grpc::Slice slice(response.data(), response.size());
  responder_.Finish(grpc::ByteBuffer(&slice, 1), grpc::Status::OK,
                    FinishedTag());
}

void StreamCall::Arm(Door& door, size_t method_index) {
  auto call = std::make_shared<StreamCall>(door, method_index);
  call->WatchForEnd();
  door.service.RequestAsyncServerStreaming(
      static_cast<int>(method_index), &call->grpc_context_,
      &call->request_bytes_, &call->writer_, &door.queue, &door.queue,
      call->arrived_.For(call));
}

void StreamCall::Send(std::unique_ptr<Message> message) {
  std::lock_guard lock(mutex_);
  if (last_ != nullptr) return;
  if (waiting_ != nullptr && method().merge) {
    method().merge(*waiting_, *message);
  } else {
    waiting_ = std::move(message);
  }
  WriteNext();
}

void StreamCall::Finish(const absl::Status& status, const Message*) {
  StopTimer();
  std::lock_guard lock(mutex_);
  last_ = std::make_unique<absl::Status>(status);
  WriteNext();
}

void StreamCall::WriteNext() {
  if (writing_ || ended_) return;
  auto self = std::static_pointer_cast<StreamCall>(shared_from_this());
  if (waiting_ != nullptr) {
    writing_ = true;
    const grpc::ByteBuffer bytes = ToBytes(*std::exchange(waiting_, nullptr));
    writer_.Write(bytes, written_.For(std::move(self)));
  } else if (last_ != nullptr) {
    ended_ = true;
    writer_.Finish(support::ToGrpc(*last_), finished_.For(std::move(self)));
  }
}

void StreamCall::OnWritten(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  // Nobody reads any more; what waits is of no use.
  if (!ok) waiting_ = nullptr;
  WriteNext();
}

}  // namespace howdah::server
