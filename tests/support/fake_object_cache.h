// A watch cache over the fake control plane that tests can hold back.
//
//   FakeObjectCache<cnpg::Cluster> cache(plane, "clusters",
//                                        &cnpg::ReadCluster);
//   cache.Hold();      // changes pile up, as when a watch is slow
//   cache.Release();
#ifndef HOWDAH_TESTS_SUPPORT_FAKE_OBJECT_CACHE_H_
#define HOWDAH_TESTS_SUPPORT_FAKE_OBJECT_CACHE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/services/object_cache.h"
#include "tests/support/fake_control_plane.h"

namespace howdah::testing {

// Threads: safe. Owns: nothing of the plane, which must outlive it. Takes each
// change in the call that makes it, one snapshot for each.
template <typename T>
class FakeObjectCache : public services::ObjectCache<T> {
 public:
  using Snapshot = kubernetes::Snapshot<T>;
  using Parse = absl::StatusOr<T> (*)(absl::string_view json);

  FakeObjectCache(FakeControlPlane& plane, std::string plural, Parse parse)
      : plane_(plane), plural_(std::move(plural)), parse_(parse) {}
  ~FakeObjectCache() override {
    if (listener_ != 0) plane_.Unlisten(listener_);
  }

  // Keeps the cache from ever coming up, as for a missing right to list.
  void NeverSync() { never_ = true; }
  // The same of a sudden, and told.
  void Fail(absl::Status why) {
    {
      std::lock_guard lock(mutex_);
      lasting_error_ = std::move(why);
    }
    std::lock_guard lock(callback_mutex_);
    for (const auto& [id, callback] : callbacks_) callback();
  }
  // Or as for a list that takes long.
  void BeListing() { listing_ = true; }
  void Hold() {
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    std::vector<FakeControlPlane::Change> waiting;
    {
      std::lock_guard lock(mutex_);
      held_ = false;
      waiting.swap(waiting_);
    }
    for (const auto& change : waiting) Take(change);
  }

  void Start() override {
    std::call_once(started_, [this] {
      if (never_) return;
      listener_ = plane_.Listen([this](const FakeControlPlane::Change& change) {
        if (change.plural == plural_) Receive(change);
      });
      std::lock_guard lock(mutex_);
      synced_ = true;
      Publish();
    });
  }
  bool Covers(absl::string_view) const override { return true; }
  bool IsListing() const override { return listing_; }
  std::shared_ptr<const Snapshot> Get() const override {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }
  absl::Status error() const override { return lasting_error(); }
  absl::Status lasting_error() const override {
    std::lock_guard lock(mutex_);
    return lasting_error_;
  }
  std::shared_ptr<void> Subscribe(std::function<void()> on_change) override {
    std::lock_guard lock(callback_mutex_);
    int id = next_id_++;
    callbacks_[id] = std::move(on_change);
    return std::shared_ptr<void>(this, [this, id](void*) {
      std::lock_guard lock(callback_mutex_);
      callbacks_.erase(id);
    });
  }

 private:
  void Receive(const FakeControlPlane::Change& change) {
    {
      std::lock_guard lock(mutex_);
      if (held_) {
        waiting_.push_back(change);
        return;
      }
    }
    Take(change);
  }

  void Take(const FakeControlPlane::Change& change) {
    {
      std::lock_guard lock(mutex_);
      if (change.type == kubernetes::WatchEvent::Type::kDeleted) {
        now_.objects = now_.objects.Without(change.key);
      } else {
        absl::StatusOr<T> value = parse_(change.object.dump());
        if (!value.ok()) return;
        std::string version = value->meta.resource_version;
        now_.objects = now_.objects.With(
            change.key, kubernetes::CachedObject<T>{
                            std::move(version),
                            std::make_shared<const T>(*std::move(value))});
      }
      ++now_.generation;
      now_.resource_version = std::to_string(change.version);
      if (synced_) Publish();
    }
    std::lock_guard lock(callback_mutex_);
    for (const auto& [id, callback] : callbacks_) callback();
  }

  void Publish() { snapshot_ = std::make_shared<const Snapshot>(now_); }

  FakeControlPlane& plane_;
  const std::string plural_;
  const Parse parse_;
  std::once_flag started_;
  bool never_ = false;
  std::atomic<bool> listing_ = false;
  int listener_ = 0;

  mutable std::mutex mutex_;
  Snapshot now_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<FakeControlPlane::Change> waiting_;
  bool held_ = false;
  bool synced_ = false;
  absl::Status lasting_error_;

  std::mutex callback_mutex_;
  std::map<int, std::function<void()>> callbacks_;
  int next_id_ = 1;
};

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_FAKE_OBJECT_CACHE_H_
