// An eventually consistent, in-memory picture of all objects of one resource
// type, kept by list and watch, as values of T.
//
//   WatchCache<cnpg::Cluster> cache(plane, kClusters, &cnpg::ReadCluster, {});
//   cache.Start();
//   RETURN_IF_ERROR(cache.WaitUntilSynced(deadline, cancelled));
//   std::shared_ptr<const Snapshot<cnpg::Cluster>> now = cache.Get();
//   if (auto it = now->objects.find(key); it != now->objects.end()) ...
//
// Contract. A reader gets an immutable snapshot; it is never blocked by an
// update, and no upstream call is made for it. Order of changes is kept for
// each object. Until the first list is complete Get() returns null. After a
// torn watch the cache goes on answering with what it has while it reconnects,
// with jittered exponential backoff; after "too old" it lists again. An object
// that cannot be read as a T is reported and is not in the snapshot.
#ifndef HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_
#define HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/cache_progress.h"
#include "backend/kubernetes/change_notifier.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/kubernetes/immutable_map.h"
#include "backend/kubernetes/raw_object.h"
#include "backend/kubernetes/reflector.h"

namespace howdah::kubernetes {

// One object as the cache holds it.
template <typename T>
struct CachedObject {
  std::string resource_version = {};
  std::shared_ptr<const T> value = {};
};

// All objects at one moment, in (namespace, name) order. `objects` reads like a
// std::map: find, lower_bound (a namespace begins at {namespace, ""}), begin,
// end, size; tests build one with objects.With(key, object).
template <typename T>
struct Snapshot {
  ImmutableMap<ObjectKey, CachedObject<T>> objects;
  // Version of the newest change that is in.
  std::string resource_version = {};
  // Number of the snapshot; grows with each change.
  uint64_t generation = 0;
};

struct WatchCacheOptions {
  // Only these; empty for all.
  std::vector<std::string> namespaces = {};
  // Told of an object that cannot be read, and of failed attempts to list or
  // watch (with an empty key). On the cache's thread; for logs.
  std::function<void(const ObjectKey& key, const absl::Status& error)>
      on_error = {};
  ReflectorOptions reflector = {};
};

// Threads: safe. Owns: one thread for each namespace of the options, or one.
// Limits: `plane` must outlive it; the destructor stops and joins.
template <typename T>
class WatchCache {
 public:
  // Reads an object from its JSON text.
  using Projection = std::function<absl::StatusOr<T>(absl::string_view json)>;

  WatchCache(ControlPlane& plane, const Resource& resource,
             Projection projection, WatchCacheOptions options)
      : projection_(std::move(projection)),
        on_error_(std::move(options.on_error)),
        progress_(NamespacesOf(options)) {
    for (const std::string& name : NamespacesOf(options)) {
      streams_.push_back(std::make_unique<Stream>(
          *this, streams_.size(), plane, resource, name, options.reflector));
    }
    has_listed_.resize(streams_.size());
  }
  // The threads first: they use all the rest.
  ~WatchCache() { streams_.clear(); }

  // Begins to list and watch. Once.
  void Start() {
    for (const auto& stream : streams_) stream->Start();
  }

  // The newest snapshot; null before the first list is complete.
  std::shared_ptr<const Snapshot<T>> Get() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
  }

  // Whether objects of this namespace are kept.
  bool Covers(absl::string_view namespace_name) const {
    return progress_.Covers(namespace_name);
  }

  // A list is under way and has brought something; of a large fleet it takes
  // its time.
  bool IsListing() const { return listing_.load() > 0; }

  // OK, or why the picture may be old: the last attempt to list or watch.
  absl::Status error() const { return progress_.error(); }

  // Why no newer picture comes, where that does not pass by itself, such as a
  // missing right; else OK.
  absl::Status lasting_error() const { return progress_.lasting_error(); }

  // OK when Get() has a snapshot. An error that does not pass by itself, such
  // as a missing right, comes at once.
  absl::Status WaitUntilSynced(absl::Time deadline,
                               std::stop_token cancelled = {}) {
    return progress_.WaitUntilSynced(deadline, std::move(cancelled));
  }

  // OK when the snapshot has this version, as a write of that object has
  // returned it, or a newer one.
  absl::Status WaitForVersion(const ObjectKey& key,
                              absl::string_view resource_version,
                              absl::Time deadline,
                              std::stop_token cancelled = {}) {
    return progress_.WaitForVersion(key.namespace_name, resource_version,
                                    deadline, std::move(cancelled));
  }

  // `callback` runs on the cache's thread after each new snapshot, which Get()
  // then has, and when there is a lasting error; it must not block. See
  // change_notifier.h.
  int64_t Subscribe(OnChange callback) {
    return notifier_.Subscribe(std::move(callback));
  }
  void Unsubscribe(int64_t id) { notifier_.Unsubscribe(id); }

 private:
  using Objects = ImmutableMap<ObjectKey, CachedObject<T>>;

  // Feeds the cache with one namespace, or all.
  class Stream final : public ReflectorSink {
   public:
    Stream(WatchCache& cache, size_t index, ControlPlane& plane,
           const Resource& resource, const std::string& namespace_name,
           const ReflectorOptions& options)
        : cache_(cache),
          index_(index),
          namespace_name_(namespace_name),
          reflector_(plane, resource, namespace_name, options, *this) {}

    void Start() { reflector_.Start(); }

    void BeginList() override {
      listed_.clear();
      before_ = cache_.CurrentObjects();
    }
    void ListObject(const RawObject& object) override {
      SetListing(true);
      // What has not changed since the last list need not be read again.
      auto entry = before_.Share(object.key);
      if (entry == nullptr ||
          entry->second.resource_version != object.resource_version) {
        entry = cache_.Read(object);
      }
      if (entry != nullptr) listed_.push_back(std::move(entry));
    }
    void EndList(absl::string_view version) override {
      before_ = {};
      cache_.Replace(index_, namespace_name_, std::move(listed_), version);
      listed_ = {};
      SetListing(false);
    }
    void Apply(WatchEvent::Type type, const RawObject& object) override {
      cache_.Apply(index_, type, object);
    }
    void Failed(const absl::Status& error) override {
      SetListing(false);
      cache_.Failed(index_, error);
    }

   private:
    void SetListing(bool listing) {
      if (listing != listing_) cache_.listing_ += listing ? 1 : -1;
      listing_ = listing;
    }

    WatchCache& cache_;
    const size_t index_;
    const std::string namespace_name_;
    bool listing_ = false;
    Objects before_;
    std::vector<typename Objects::Entry> listed_;
    // Last: its thread uses the others.
    Reflector reflector_;
  };

  static std::vector<std::string> NamespacesOf(
      const WatchCacheOptions& options) {
    return options.namespaces.empty() ? std::vector<std::string>{""}
                                      : options.namespaces;
  }

  Objects CurrentObjects() {
    const std::lock_guard lock(write_mutex_);
    return latest_.objects;
  }

  // Null if the object cannot be read.
  typename Objects::Entry Read(const RawObject& object) {
    absl::StatusOr<T> value = projection_(object.json);
    if (!value.ok()) {
      if (on_error_) on_error_(object.key, value.status());
      return nullptr;
    }
    return std::make_shared<const typename Objects::value_type>(
        object.key,
        CachedObject<T>{object.resource_version,
                        std::make_shared<const T>(*std::move(value))});
  }

  void Replace(size_t stream, const std::string& namespace_name,
               std::vector<typename Objects::Entry> listed,
               absl::string_view version) {
    {
      const std::lock_guard lock(write_mutex_);
      if (!namespace_name.empty()) {
        for (const auto& [key, object] : latest_.objects) {
          if (key.namespace_name != namespace_name) {
            listed.push_back(latest_.objects.Share(key));
          }
        }
      }
      std::stable_sort(
          listed.begin(), listed.end(),
          [](const auto& a, const auto& b) { return a->first < b->first; });
      // Pages of an expired list may overlap.
      listed.erase(std::unique(listed.begin(), listed.end(),
                               [](const auto& a, const auto& b) {
                                 return a->first == b->first;
                               }),
                   listed.end());
      latest_.objects = Objects::FromSorted(std::move(listed));
      has_listed_[stream] = true;
      Publish(version);
    }
    progress_.Reached(stream, version);
    notifier_.Notify(nullptr);
  }

  void Apply(size_t stream, WatchEvent::Type type, const RawObject& object) {
    if (type == WatchEvent::Type::kBookmark) {
      progress_.Reached(stream, object.resource_version);
      return;
    }
    const typename Objects::Entry entry =
        type == WatchEvent::Type::kDeleted ? nullptr : Read(object);
    {
      const std::lock_guard lock(write_mutex_);
      latest_.objects = entry == nullptr ? latest_.objects.Without(object.key)
                                         : latest_.objects.With(entry);
      Publish(object.resource_version);
    }
    progress_.Reached(stream, object.resource_version);
    notifier_.Notify(&object.key);
  }

  void Failed(size_t stream, const absl::Status& error) {
    progress_.Failed(stream, error);
    if (on_error_) on_error_({}, error);
    if (!progress_.lasting_error().ok()) notifier_.Notify(nullptr);
  }

  // With write_mutex_ held.
  void Publish(absl::string_view version) {
    if (!HasReached(latest_.resource_version, version)) {
      latest_.resource_version = std::string(version);
    }
    ++latest_.generation;
    if (!std::all_of(has_listed_.begin(), has_listed_.end(),
                     [](bool listed) { return listed; })) {
      return;
    }
    // Declared before the lock, so that the old one ends after it.
    auto next = std::make_shared<const Snapshot<T>>(latest_);
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_.swap(next);
  }

  const Projection projection_;
  const std::function<void(const ObjectKey&, const absl::Status&)> on_error_;
  CacheProgress progress_;
  ChangeNotifier notifier_;

  std::mutex write_mutex_;
  // Guarded by write_mutex_.
  Snapshot<T> latest_;
  std::vector<bool> has_listed_;

  // Streams that are listing.
  std::atomic<int> listing_ = 0;

  // Held for the copy of a pointer only.
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot<T>> snapshot_;

  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_
