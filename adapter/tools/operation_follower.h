// Follows long work until it is done or time is up.
//
//   OperationFollower::Follow(caller, operation, {.timeout = 3min, ...},
//       [](const Operation& now) { ... },
//       [](absl::Status status, const Operation& last) { ... });
//
// An operation is a name for a condition and not a thing that the backend
// holds: when the connection breaks, following it again by name loses nothing.
#ifndef HOWDAH_ADAPTER_TOOLS_OPERATION_FOLLOWER_H_
#define HOWDAH_ADAPTER_TOOLS_OPERATION_FOLLOWER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/upstream/unary_caller.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace howdah::tools {

// Threads: one. Owns: the last state seen. The caller must outlive it.
class OperationFollower
    : public std::enable_shared_from_this<OperationFollower> {
 public:
  using Operation = howdah::operations::v1::Operation;
  using OnProgress = std::function<void(const Operation&)>;
  // OK with a last state that is not done means that time is up.
  using Done = std::function<void(absl::Status, const Operation&)>;

  // `options.timeout` is how long to wait.
  static std::shared_ptr<OperationFollower> Follow(
      upstream::UnaryCaller& caller, const Operation& operation,
      const upstream::CallOptions& options, OnProgress on_progress, Done done);

  // What was seen last.
  const Operation& last() const { return last_; }

  // No callback is called any more; the backend is told.
  void Cancel();

 private:
  OperationFollower(upstream::UnaryCaller& caller, const Operation& operation,
                    const upstream::CallOptions& options,
                    OnProgress on_progress, Done done);
  void Listen();
  void OnEnd(const absl::Status& status);

  upstream::UnaryCaller& caller_;
  const upstream::CallOptions options_;
  const absl::Time until_;
  OnProgress on_progress_;
  Done done_;
  Operation last_;
  int attempts_ = 0;
  bool cancelled_ = false;
  std::shared_ptr<upstream::OutgoingCall> call_;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_OPERATION_FOLLOWER_H_
