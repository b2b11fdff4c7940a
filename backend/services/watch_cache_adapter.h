// kubernetes::WatchCache as an ObjectCache; for the assembly of the server.
//
//   parts.clusters = MakeObjectCache<cnpg::Cluster>(
//       *parts.control_plane, kubernetes::kClusters, &cnpg::ReadCluster, {});
#ifndef HOWDAH_BACKEND_SERVICES_WATCH_CACHE_ADAPTER_H_
#define HOWDAH_BACKEND_SERVICES_WATCH_CACHE_ADAPTER_H_

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/string_view.h"
#include "backend/kubernetes/watch_cache.h"
#include "backend/services/object_cache.h"

namespace howdah::services {

// Threads: safe. Owns: the watch cache.
template <typename T>
class WatchCacheAdapter final : public ObjectCache<T> {
 public:
  WatchCacheAdapter(kubernetes::ControlPlane& plane,
                    const kubernetes::Resource& resource,
                    typename kubernetes::WatchCache<T>::Projection projection,
                    kubernetes::WatchCacheOptions options)
      : cache_(plane, resource, std::move(projection), std::move(options)) {}

  void Start() override {
    std::call_once(started_, [this] { cache_.Start(); });
  }
  bool Covers(absl::string_view namespace_name) const override {
    return cache_.Covers(namespace_name);
  }
  bool IsListing() const override { return cache_.IsListing(); }
  std::shared_ptr<const kubernetes::Snapshot<T>> Get() const override {
    return cache_.Get();
  }
  absl::Status error() const override { return cache_.error(); }
  absl::Status lasting_error() const override { return cache_.lasting_error(); }
  std::shared_ptr<void> Subscribe(std::function<void()> on_change) override {
    int64_t id =
        cache_.Subscribe([on_change = std::move(on_change)](
                             const kubernetes::ObjectKey*) { on_change(); });
    return std::shared_ptr<void>(this,
                                 [this, id](void*) { cache_.Unsubscribe(id); });
  }

 private:
  kubernetes::WatchCache<T> cache_;
  std::once_flag started_;
};

template <typename T, typename Projection>
std::unique_ptr<ObjectCache<T>> MakeObjectCache(
    kubernetes::ControlPlane& plane, const kubernetes::Resource& resource,
    Projection projection, kubernetes::WatchCacheOptions options) {
  return std::make_unique<WatchCacheAdapter<T>>(
      plane, resource, std::move(projection), std::move(options));
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_WATCH_CACHE_ADAPTER_H_
