#include "backend/server/side_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"
#include "proto/support/status_grpc.h"

namespace howdah::server {
namespace {

constexpr int kArmed = 2;
constexpr size_t kLongestPath = 200;

absl::Status UnknownMethod(absl::string_view path) {
  return support::ErrorBuilder(absl::StatusCode::kUnimplemented,
                               "METHOD_UNKNOWN", support::kHowdahDomain)
      .Message(absl::StrCat("This server has no method ",
                            path.substr(0, kLongestPath),
                            "; its reflection service lists those it has."))
      .Build();
}

absl::Status ShuttingDown() {
  return support::ErrorBuilder(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                               support::kHowdahDomain)
      .Message("The server is shutting down.")
      .Build();
}

grpc::ByteBuffer Buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

void SideDoor::Open() {
  for (int i = 0; i < kArmed; ++i) SideCall::Arm(*this);
}

void SideDoor::EndWatches() {
  for (const auto& call : AllOpen()) {
    if (call->stays_open()) call->End();
  }
}

void SideDoor::Close() {
  closed_ = true;
  for (const auto& call : AllOpen()) call->End();
}

std::set<std::shared_ptr<SideCall>> SideDoor::AllOpen() {
  std::lock_guard lock(mutex_);
  return open_;
}

const SideMethod* SideDoor::Find(absl::string_view path) const {
  for (const SideMethod& method : methods_) {
    if (method.path == path) return &method;
  }
  return nullptr;
}

void SideDoor::Enter(const std::shared_ptr<SideCall>& call) {
  {
    std::lock_guard lock(mutex_);
    open_.insert(call);
  }
  // Close() may have looked before the call was there.
  if (closed_) call->End();
}

void SideDoor::Leave(const std::shared_ptr<SideCall>& call) {
  std::lock_guard lock(mutex_);
  open_.erase(call);
}

void SideCall::Arm(SideDoor& door) {
  auto call = std::make_shared<SideCall>(door);
  call->context_.AsyncNotifyWhenDone(call->gone_.For(call));
  door.service_.RequestCall(&call->context_, &call->stream_, &door.queue_,
                            &door.queue_, call->arrived_.For(call));
}

void SideCall::OnArrived(bool ok) {
  if (!ok) return gone_.Drop();  // The server is shutting down.
  if (!door_.closed_) Arm(door_);
  method_ = door_.Find(context_.method());
  if (method_ == nullptr) {
    std::lock_guard lock(mutex_);
    return Finish(UnknownMethod(context_.method()));
  }
  Read();
  door_.Enter(shared_from_this());
}

bool SideCall::stays_open() const {
  return method_->then == SideMethod::Then::kStayOpen;
}

void SideCall::Read() {
  stream_.Read(&request_, read_.For(shared_from_this()));
}

void SideCall::OnRead(bool ok) {
  std::lock_guard lock(mutex_);
  // The caller has said all; if that was nothing at all, OK is fine too.
  if (!ok) return Finish(absl::OkStatus());
  if (ending_) return;
  grpc::Slice slice;
  if (!request_.TrySingleSlice(&slice).ok() &&
      !request_.DumpToSingleSlice(&slice).ok()) {
    return Finish(absl::InternalError("cannot read the request"));
  }
  const auto answer = method_->answer(
      {reinterpret_cast<const char*>(slice.begin()), slice.size()});
  if (!answer.ok()) return Finish(answer.status());
  Write(*answer);
}

void SideCall::Write(const std::string& message) {
  if (finished_already_) return;
  writing_ = true;
  stream_.Write(Buffer(message), written_.For(shared_from_this()));
}

void SideCall::OnWritten(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) return Finish(absl::CancelledError("The caller has gone."));
  if (ending_) return SayLast();
  switch (method_->then) {
    case SideMethod::Then::kEnd:
      return Finish(absl::OkStatus());
    case SideMethod::Then::kReadNext:
      return Read();
    case SideMethod::Then::kStayOpen:
      return;
  }
}

void SideCall::End() {
  std::lock_guard lock(mutex_);
  if (ending_ || finished_already_) return;
  ending_ = true;
  // After a write that is under way.
  if (!writing_) SayLast();
}

void SideCall::SayLast() {
  if (method_->last_message.empty() || std::exchange(said_last_, true)) {
    return Finish(ShuttingDown());
  }
  Write(method_->last_message);
}

void SideCall::Finish(const absl::Status& status) {
  if (std::exchange(finished_already_, true)) return;
  stream_.Finish(support::ToGrpc(status), finished_.For(shared_from_this()));
}

void SideCall::OnGone(bool) {
  {
    std::lock_guard lock(mutex_);
    // A call that stays open has to be finished for gRPC to let it go.
    if (!writing_) Finish(absl::CancelledError("The caller has gone."));
  }
  door_.Leave(shared_from_this());
}

}  // namespace howdah::server
