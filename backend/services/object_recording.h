// Records every state of one object from now on, as a watch cache sees it.
//
//   ObjectRecording<cnpg::Cluster> recording(cache, key);   // before the write
//   ASSIGN_OR_RETURN(Written written, plane.Patch(...));
//   recording.WaitFor(version_of(written), deadline, call,
//                     [&](const cnpg::Cluster* cluster) { ... });
//
// An operator may pass through a state faster than the answer of a write comes
// back; who wants to see that state has to look before writing.
#ifndef HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_
#define HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/services/object_cache.h"
#include "backend/services/write_ledger.h"

namespace howdah::services {

// Threads: not safe for its user; fed from the cache's threads. Owns: the
// states that nobody has looked at yet.
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

  // Shows `holds` the states at version `since` and later, in order, null for
  // an object that is not there, until it returns true. False when `deadline`
  // is over or the call is cancelled first. Holds the calling thread.
  bool WaitFor(absl::string_view since, absl::Time deadline,
               const kubernetes::Call& call,
               absl::FunctionRef<bool(const T*)> holds) {
    deadline = std::min(deadline, call.deadline);
    std::unique_lock lock(mutex_);
    while (changed_.wait_until(lock, call.cancelled,
                               absl::ToChronoTime(deadline),
                               [&] { return !states_.empty(); })) {
      State state = std::move(states_.front());
      states_.pop_front();
      bool early =
          state != nullptr && !IsAtLeast(state->meta.resource_version, since);
      if (early) continue;
      lock.unlock();
      if (holds(state.get())) return true;
      lock.lock();
    }
    return false;
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
    changed_.notify_one();
  }

  ObjectCache<T>& cache_;
  const kubernetes::ObjectKey key_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<State> states_;
  State last_;
  bool seen_any_ = false;

  // Last: its end waits for a running Look().
  std::shared_ptr<void> subscription_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OBJECT_RECORDING_H_
