#include "adapter/tools/operation_follower.h"

#include <algorithm>
#include <utility>

#include "proto/support/status_details.h"

namespace howdah::tools {
namespace {

constexpr char kWaitOperation[] =
    "/howdah.operations.v1.OperationsService/WaitOperation";
constexpr int kMostAttempts = 4;
// The backend ends the stream when the time is up; this is for one that does
// not.
constexpr absl::Duration kGrace = absl::Seconds(15);

}  // namespace

OperationFollower::OperationFollower(upstream::UnaryCaller& caller,
                                     const Operation& operation,
                                     const upstream::CallOptions& options,
                                     OnProgress on_progress, Done done)
    : caller_(caller),
      options_(options),
      until_(absl::Now() + options.timeout),
      on_progress_(std::move(on_progress)),
      done_(std::move(done)),
      last_(operation) {}

std::shared_ptr<OperationFollower> OperationFollower::Follow(
    upstream::UnaryCaller& caller, const Operation& operation,
    const upstream::CallOptions& options, OnProgress on_progress, Done done) {
  std::shared_ptr<OperationFollower> follower(new OperationFollower(
      caller, operation, options, std::move(on_progress), std::move(done)));
  follower->Listen();
  return follower;
}

void OperationFollower::Cancel() {
  cancelled_ = true;
  // Let go of: the call's callbacks hold on to this object.
  if (const auto call = std::exchange(call_, nullptr)) call->Cancel();
}

void OperationFollower::Listen() {
  ++attempts_;
  const int64_t seconds = std::max<int64_t>(
      1, absl::ToInt64Seconds(until_ - absl::Now() + absl::Milliseconds(999)));
  howdah::operations::v1::WaitOperationRequest request;
  request.set_name(last_.name());
  request.set_timeout(static_cast<int32_t>(std::min<int64_t>(seconds, 600)));
  upstream::CallOptions options = options_;
  options.timeout = absl::Seconds(seconds) + kGrace;
  call_ = caller_.Stream(
      kWaitOperation, request, last_, options,
      [self = shared_from_this()] {
        self->attempts_ = 0;
        if (!self->cancelled_) self->on_progress_(self->last_);
      },
      [self = shared_from_this()](absl::Status status) {
        self->OnEnd(status);
      });
}

void OperationFollower::OnEnd(const absl::Status& status) {
  if (cancelled_) return;
  call_ = nullptr;
  // The latter is how a proxy ends a stream whose backend it has lost.
  const bool torn = status.code() == absl::StatusCode::kUnavailable ||
                    support::ErrorReason(status) == "BACKEND_CALL_ABORTED";
  if (torn && attempts_ < kMostAttempts && absl::Now() < until_) {
    return Listen();
  }
  done_(status, last_);
}

}  // namespace howdah::tools
