// An eventually consistent, in-memory picture of all objects of one resource
// type, kept by list and watch, as values of T.
//
//   WatchCache<cnpg::Cluster> cache(plane, kClusters, &cnpg::ReadCluster,
//   options); cache.Start(); std::shared_ptr<const Snapshot<cnpg::Cluster>> now
//   = cache.Get();
//
// Contract. A reader gets an immutable snapshot; it is never blocked by an
// update, and no upstream call is made for it. Order of changes is kept for
// each object. Until the first list is complete Get() returns null. After a
// torn watch the cache goes on answering with what it has while it reconnects,
// with jittered exponential backoff; after "too old" it lists again.
#ifndef HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_
#define HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// One object as the cache holds it.
template <typename T>
struct CachedObject {
  std::string resource_version;
  std::shared_ptr<const T> value;
};

// All objects at one moment, in (namespace, name) order.
template <typename T>
struct Snapshot {
  std::map<ObjectKey, CachedObject<T>> objects;
  // Version of the newest change that is in.
  std::string resource_version;
  // Number of the snapshot; grows with each change.
  uint64_t generation = 0;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_WATCH_CACHE_H_
