// Reads objects of one type: from the watch cache, and where that cannot
// answer truly, from the API server.
//
//   ObjectReader<cnpg::Cluster> clusters(plane, kClusters, cache, ledger,
//                                        reviews, &cnpg::ReadCluster);
//   std::shared_ptr<const cnpg::Cluster> now = clusters.FromMemory(key, call);
//   ASSIGN_OR_RETURN(now, clusters.Get(key, call));   // null: does not exist
//
// Contract. A caller reads the writes that this replica made: a read that finds
// the cache behind one waits for it, at most kLongestCatchUp, then reads
// directly. A missing object is confirmed directly, since another client may
// have made it an instant ago. A list waits for the cache's first list while
// that is under way. A cache that does not come up (no permission to
// list everywhere, say) is waited for once, after that not any more. Where
// other replicas write too (ReadOptions) every read is direct, since a caller
// may have written there. A caller whom Kubernetes knows (impersonation) gets
// from the cache only what an access review allows; else it is read directly in
// its name, and Kubernetes decides.
#ifndef HOWDAH_BACKEND_SERVICES_OBJECT_READER_H_
#define HOWDAH_BACKEND_SERVICES_OBJECT_READER_H_

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/kubernetes/raw_object.h"
#include "backend/services/access_reviews.h"
#include "backend/services/direct_list.h"
#include "backend/services/object_cache.h"
#include "backend/services/settling.h"
#include "backend/services/write_ledger.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {

inline constexpr absl::Duration kLongestCatchUp = absl::Seconds(2);
// What is left of a call's time to say that it was not enough.
inline constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(500);

struct ReadOptions {
  // Callers may have written by another replica of this server.
  bool others_write = false;
};

// UNAVAILABLE: the first list of a large fleet has not come to its end.
inline absl::Status StillReading(const kubernetes::Resource& resource) {
  return support::ErrorBuilder(absl::StatusCode::kUnavailable, "STILL_READING",
                               support::kPostgresDomain)
      .Message(absl::StrCat("All ", resource.plural,
                            " are being read from the Kubernetes API for the "
                            "first time, which takes longer than this call "
                            "may. Repeat it in a moment."))
      .RetryAfter(absl::Seconds(5))
      .Build();
}

// Text of a JSON value for the readers of backend/cnpg.
inline std::string JsonText(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Threads: safe. Owns: nothing; all that is given must outlive it.
template <typename T>
class ObjectReader {
 public:
  using Pointer = std::shared_ptr<const T>;
  using Snapshot = kubernetes::Snapshot<T>;
  using Parse = absl::StatusOr<T> (*)(absl::string_view json);
  // Which objects of a range are wanted; null: all.
  using Filter = std::function<bool(const T&)>;

  ObjectReader(kubernetes::ControlPlane& plane,
               const kubernetes::Resource& resource, ObjectCache<T>& cache,
               WriteLedger& ledger, AccessReviews& reviews, Parse parse,
               const ReadOptions& options = {})
      : plane_(plane),
        resource_(resource),
        cache_(cache),
        ledger_(ledger),
        reviews_(reviews),
        parse_(parse),
        options_(options) {}

  // The object if the cache has it, is not behind a write of ours, and the
  // caller is known to have the right to read it; else null, which says
  // nothing. Never blocks.
  Pointer FromMemory(const kubernetes::ObjectKey& key,
                     const kubernetes::Call& call) {
    const auto allowed =
        reviews_.Known(call, {"get", resource_, key.namespace_name});
    return allowed.value_or(false) ? FromMemory(key) : nullptr;
  }

  // The same for a caller about whom Kubernetes need not be asked.
  Pointer FromMemory(const kubernetes::ObjectKey& key) {
    return options_.others_write ? nullptr : Remembered(key);
  }

  // As the cache has it now, whoever else has written since, for a call that
  // has been let in before (MayRead).
  Pointer Remembered(const kubernetes::ObjectKey& key) {
    if (!cache_.Covers(key.namespace_name)) return nullptr;
    std::shared_ptr<const Snapshot> snapshot = cache_.Get();
    if (snapshot == nullptr) return nullptr;
    auto it = snapshot->objects.find(key);
    if (it == snapshot->objects.end()) return nullptr;
    if (!ledger_.empty() && IsBehind(*snapshot, key)) return nullptr;
    return it->second.value;
  }

  // The objects of the range under the conditions of FromMemory; false: it
  // cannot tell. Takes as long as the range, not as all there are.
  bool ListFromMemory(const ListRange& range, const kubernetes::Call& call,
                      std::vector<Pointer>& objects,
                      const Filter& wanted = nullptr) {
    if (options_.others_write) return false;
    const auto allowed =
        reviews_.Known(call, {"list", resource_, range.namespace_name});
    if (!allowed.value_or(false)) return false;
    if (!cache_.Covers(range.namespace_name)) return false;
    std::shared_ptr<const Snapshot> snapshot = cache_.Get();
    if (snapshot == nullptr || IsBehindIn(*snapshot, range.namespace_name)) {
      return false;
    }
    Collect(*snapshot, range, wanted, objects);
    return true;
  }

  // Null if the object does not exist.
  absl::StatusOr<Pointer> Get(const kubernetes::ObjectKey& key,
                              const kubernetes::Call& call) {
    if (options_.others_write ||
        !reviews_.Allows(call, {"get", resource_, key.namespace_name})) {
      return GetDirectly(key, call);
    }
    if (Pointer object = Remembered(key)) return object;
    CatchUp(key.namespace_name, call,
            [&](const Snapshot& snapshot) { return !IsBehind(snapshot, key); });
    if (Pointer object = Remembered(key)) return object;
    return GetDirectly(key, call);
  }

  // As Get, but no older than `version`, which another replica may have
  // written.
  absl::StatusOr<Pointer> GetSince(const kubernetes::ObjectKey& key,
                                   absl::string_view version,
                                   const kubernetes::Call& call) {
    ASSIGN_OR_RETURN(Pointer object, Get(key, call));
    const bool old =
        object != nullptr && IsOlder(object->meta.resource_version, version);
    return old ? GetDirectly(key, call) : object;
  }

  // Whether the caller may read the object, in the words of Kubernetes if not.
  absl::Status MayRead(const kubernetes::ObjectKey& key,
                       const kubernetes::Call& call) {
    if (reviews_.Allows(call, {"get", resource_, key.namespace_name})) {
      return absl::OkStatus();
    }
    return GetDirectly(key, call).status();
  }

  // As Get, from the API server.
  absl::StatusOr<Pointer> GetDirectly(const kubernetes::ObjectKey& key,
                                      const kubernetes::Call& call) {
    absl::StatusOr<nlohmann::json> json = plane_.Get(resource_, key, call);
    if (absl::IsNotFound(json.status())) {
      ledger_.Forget(resource_.plural, key);
      return Pointer();
    }
    if (!json.ok()) return json.status();
    ASSIGN_OR_RETURN(T object, parse_(JsonText(*json)));
    return std::make_shared<const T>(std::move(object));
  }

  // In the order of ObjectKey, like all lists here.
  absl::StatusOr<std::vector<Pointer>> List(const ListRange& range,
                                            const kubernetes::Call& call,
                                            const Filter& wanted = nullptr) {
    if (options_.others_write ||
        !reviews_.Allows(call, {"list", resource_, range.namespace_name})) {
      return ListDirectly(range, call, wanted);
    }
    std::vector<Pointer> objects;
    if (ListFromMemory(range, call, objects, wanted)) return objects;
    RETURN_IF_ERROR(CatchUpIn(range.namespace_name, call));
    if (ListFromMemory(range, call, objects, wanted)) return objects;
    return ListDirectly(range, call, wanted);
  }

  absl::StatusOr<std::vector<Pointer>> ListDirectly(
      const ListRange& range, const kubernetes::Call& call,
      const Filter& wanted = nullptr) {
    std::vector<Pointer> objects;
    const std::shared_ptr<const Snapshot> snapshot = cache_.Get();
    RETURN_IF_ERROR(
        ListEach(plane_, resource_, range, call,
                 [&](const kubernetes::RawObject& raw) -> absl::StatusOr<bool> {
                   ASSIGN_OR_RETURN(Pointer object, Read(raw, snapshot.get()));
                   if (wanted && !wanted(*object)) return false;
                   objects.push_back(std::move(object));
                   return true;
                 }));
    std::sort(objects.begin(), objects.end(),
              [](const Pointer& a, const Pointer& b) {
                return KeyOf(*a) < KeyOf(*b);
              });
    if (objects.size() > range.most) objects.resize(range.most);
    return objects;
  }

  // Waits until the cache has a picture of the namespace (empty: of all), with
  // the writes of this replica, or will not have one (Get() is null then). An
  // error if the caller may not list it, in the words of Kubernetes.
  absl::Status AwaitPicture(const std::string& namespace_name,
                            const kubernetes::Call& call) {
    if (reviews_.Allows(call, {"list", resource_, namespace_name})) {
      RETURN_IF_ERROR(CatchUpIn(namespace_name, call));
      if (cache_.Get() != nullptr) return absl::OkStatus();
    }
    // Says why not, if it is to last.
    RETURN_IF_ERROR(
        ListDirectly({.namespace_name = namespace_name, .most = 1}, call)
            .status());
    return CatchUpIn(namespace_name, call);
  }

  // Waits until the object, as the cache has it (null: not there) at version
  // `since` or later, satisfies `holds`. It is asked once for each snapshot,
  // one at a time, on the cache's thread: a state that passes quickly is seen
  // too.
  SettleWait Awaits(const kubernetes::ObjectKey& key, std::string since,
                    absl::Time deadline, std::function<bool(const T*)> holds) {
    struct State {
      std::mutex mutex;
      std::function<bool(const T*)> holds;
      bool held = false;
    };
    auto state = std::make_shared<State>();
    state->holds = std::move(holds);
    auto look = [this, key, since = std::move(since), state] {
      std::shared_ptr<const Snapshot> snapshot = cache_.Get();
      std::lock_guard lock(state->mutex);
      if (state->held || snapshot == nullptr) return state->held;
      if (IsBehind(*snapshot, key) || IsBefore(*snapshot, key, since)) {
        return false;
      }
      auto it = snapshot->objects.find(key);
      state->held = state->holds(
          it == snapshot->objects.end() ? nullptr : it->second.value.get());
      return state->held;
    };
    SettleWait wait;
    wait.subscribe = [this, look](std::function<void()> on_change) {
      cache_.Start();
      std::shared_ptr<void> subscription =
          cache_.Subscribe([look, on_change = std::move(on_change)] {
            if (look()) on_change();
          });
      look();
      return absl::StatusOr<std::shared_ptr<void>>(std::move(subscription));
    };
    wait.look = [state] {
      std::lock_guard lock(state->mutex);
      return state->held;
    };
    wait.deadline = deadline;
    return wait;
  }

  // Whether the snapshot is from before that version of the object.
  static bool IsBefore(const Snapshot& snapshot,
                       const kubernetes::ObjectKey& key,
                       absl::string_view version) {
    auto it = snapshot.objects.find(key);
    // A missing object may have been deleted since: that is a change too.
    return IsOlder(it == snapshot.objects.end() ? snapshot.resource_version
                                                : it->second.resource_version,
                   version);
  }

  // Whether the snapshot lacks a write of this replica.
  bool IsBehind(const Snapshot& snapshot, const kubernetes::ObjectKey& key) {
    CachedVersion cached;
    cached.newest_change = snapshot.resource_version;
    auto it = snapshot.objects.find(key);
    if (it != snapshot.objects.end()) {
      const T& object = *it->second.value;
      cached.exists = true;
      cached.uid = object.meta.uid;
      cached.resource_version = it->second.resource_version;
      cached.deleting = object.meta.deleting;
    }
    return ledger_.IsBehind(resource_.plural, key, cached);
  }

  ObjectCache<T>& cache() { return cache_; }

 private:
  bool IsBehindIn(const Snapshot& snapshot, absl::string_view namespace_name) {
    if (ledger_.empty()) return false;
    for (const kubernetes::ObjectKey& key :
         ledger_.Pending(resource_.plural, namespace_name)) {
      if (IsBehind(snapshot, key)) return true;
    }
    return false;
  }

  static kubernetes::ObjectKey KeyOf(const T& object) {
    return {object.meta.namespace_name, object.meta.name};
  }

  // The object in the text of a list; the cache's, where it is the same.
  absl::StatusOr<Pointer> Read(const kubernetes::RawObject& raw,
                               const Snapshot* snapshot) {
    if (snapshot != nullptr) {
      const auto it = snapshot->objects.find(raw.key);
      if (it != snapshot->objects.end() &&
          it->second.resource_version == raw.resource_version) {
        return it->second.value;
      }
    }
    ASSIGN_OR_RETURN(T object, parse_(raw.json));
    return std::make_shared<const T>(std::move(object));
  }

  static void Collect(const Snapshot& snapshot, const ListRange& range,
                      const Filter& wanted, std::vector<Pointer>& objects) {
    kubernetes::ObjectKey first{range.namespace_name, ""};
    if (range.after) first = std::max(first, *range.after);
    for (auto it = snapshot.objects.lower_bound(first);
         it != snapshot.objects.end() && objects.size() < range.most; ++it) {
      if (!range.namespace_name.empty() &&
          it->first.namespace_name != range.namespace_name) {
        break;
      }
      const Pointer& object = it->second.value;
      if (range.Includes(it->first) && (!wanted || wanted(*object))) {
        objects.push_back(object);
      }
    }
  }

  void CatchUp(absl::string_view namespace_name, const kubernetes::Call& call,
               absl::FunctionRef<bool(const Snapshot&)> holds) {
    cache_.Start();
    if (!cache_.Covers(namespace_name)) return;
    if (cache_.Get() == nullptr && gave_up_.load()) return;
    absl::Time deadline =
        std::min(absl::Now() + kLongestCatchUp, call.deadline);
    WaitUntil(deadline, call.cancelled, [&](const Snapshot* snapshot) {
      return snapshot != nullptr && holds(*snapshot);
    });
    gave_up_.store(cache_.Get() == nullptr && !cache_.IsListing());
  }

  // The same of a list, which also waits for the first list of a large fleet:
  // to list it a second time beside the cache would not be sooner.
  absl::Status CatchUpIn(const std::string& namespace_name,
                         const kubernetes::Call& call) {
    CatchUp(namespace_name, call, [&](const Snapshot& snapshot) {
      return !IsBehindIn(snapshot, namespace_name);
    });
    while (IsInFirstList() && !call.cancelled.stop_requested()) {
      const absl::Time limit = call.deadline - kTimeToAnswer;
      if (absl::Now() >= limit) return StillReading(resource_);
      // That it has failed is nothing one is woken for.
      WaitUntil(std::min(limit, absl::Now() + kLongestCatchUp), call.cancelled,
                [](const Snapshot* snapshot) { return snapshot != nullptr; });
    }
    return absl::OkStatus();
  }

  bool IsInFirstList() const {
    return cache_.Get() == nullptr && cache_.IsListing();
  }

  // `holds` is asked once for each snapshot, one at a time, on this thread or
  // the cache's: a state that passes quickly is seen too.
  bool WaitUntil(absl::Time deadline, const std::stop_token& cancelled,
                 absl::FunctionRef<bool(const Snapshot*)> holds) {
    std::mutex mutex;
    std::condition_variable_any reached;
    bool done = false;
    auto look = [&] {
      std::shared_ptr<const Snapshot> snapshot = cache_.Get();
      std::lock_guard lock(mutex);
      if (done || !holds(snapshot.get())) return;
      done = true;
      reached.notify_one();
    };
    cache_.Start();
    std::shared_ptr<void> subscription = cache_.Subscribe(look);
    look();
    // Goes before the subscription, whose end waits for a running `look`.
    std::unique_lock lock(mutex);
    reached.wait_until(lock, cancelled, absl::ToChronoTime(deadline),
                       [&] { return done; });
    return done;
  }

  kubernetes::ControlPlane& plane_;
  const kubernetes::Resource resource_;
  ObjectCache<T>& cache_;
  WriteLedger& ledger_;
  AccessReviews& reviews_;
  const Parse parse_;
  const ReadOptions options_;
  std::atomic<bool> gave_up_{false};
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OBJECT_READER_H_
