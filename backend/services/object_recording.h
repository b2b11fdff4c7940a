// Records every state of one object from now on, as a watch cache sees it.
//
//   auto recording =                                       // before the write
//       std::make_shared<ObjectRecording<cnpg::Cluster>>(cache, key);
//   ASSIGN_OR_RETURN(Written written, plane.Patch(...));
//   SettleWait wait = Awaits(recording, version_of(written), deadline,
//                            [=](const cnpg::Cluster* cluster) { ... });
//
// An operator may pass through a state faster than the answer of a write comes
// back; who wants to see that state has to look before writing.
#ifndef HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_
#define HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/services/object_cache.h"
#include "backend/services/settling.h"
#include "backend/services/write_ledger.h"

namespace howdah::services {

// Threads: safe. Owns: the states that nobody has looked at yet.
template <typename T>
class ObjectRecording {
 public:
  // `cache` must outlive the recording.
  ObjectRecording(ObjectCache<T>& cache, kubernetes::ObjectKey key)
      : cache_(cache), key_(std::move(key)) {
    cache_.Start();
    subscription_ = cache_.Subscribe([this] { Look(); });
    Look();
  }
  ObjectRecording(const ObjectRecording&) = delete;
  ObjectRecording& operator=(const ObjectRecording&) = delete;

  // Shows `holds` the states at version `since` and later that came in since
  // it was called last, in order, null for an object that is not there, until
  // it returns true.
  bool Show(absl::string_view since,
            const std::function<bool(const T*)>& holds) {
    while (std::optional<State> state = TakeNext()) {
      bool early = *state != nullptr &&
                   !IsAtLeast((*state)->meta.resource_version, since);
      if (!early && holds(state->get())) return true;
    }
    return false;
  }

  // Calls `on_change`, which must not block, when a state comes in; null ends
  // that, and then it does not run any more.
  void Notify(std::function<void()> on_change) {
    std::lock_guard lock(mutex_);
    on_change_ = std::move(on_change);
  }

 private:
  using State = std::shared_ptr<const T>;

  void Look() {
    auto snapshot = cache_.Get();
    if (snapshot == nullptr) return;
    State state;
    auto it = snapshot->objects.find(key_);
    if (it != snapshot->objects.end()) state = it->second.value;
    std::lock_guard lock(mutex_);
    if (seen_any_ && state == last_) return;
    seen_any_ = true;
    last_ = state;
    states_.push_back(std::move(state));
    if (on_change_) on_change_();
  }

  std::optional<State> TakeNext() {
    std::lock_guard lock(mutex_);
    if (states_.empty()) return std::nullopt;
    State state = std::move(states_.front());
    states_.pop_front();
    return state;
  }

  ObjectCache<T>& cache_;
  const kubernetes::ObjectKey key_;

  std::mutex mutex_;
  std::function<void()> on_change_;
  std::deque<State> states_;
  State last_;
  bool seen_any_ = false;

  // Last: its end waits for a running Look().
  std::shared_ptr<void> subscription_;
};

// Waits until `holds` is true of a state at version `since` or later.
template <typename T>
SettleWait Awaits(std::shared_ptr<ObjectRecording<T>> recording,
                  std::string since, absl::Time deadline,
                  std::function<bool(const T*)> holds) {
  SettleWait wait;
  wait.subscribe = [recording](std::function<void()> on_change) {
    recording->Notify(std::move(on_change));
    return absl::StatusOr<std::shared_ptr<void>>(std::shared_ptr<void>(
        recording.get(), [recording](void*) { recording->Notify(nullptr); }));
  };
  wait.look = [recording, since = std::move(since), holds = std::move(holds)] {
    return recording->Show(since, holds);
  };
  wait.deadline = deadline;
  return wait;
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_
