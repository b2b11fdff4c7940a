// The seam to a watch cache of one resource type.
//
// kubernetes::WatchCache does the work in production; tests put in a cache
// that they drive by hand.
#ifndef HOWDAH_BACKEND_SERVICES_OBJECT_CACHE_H_
#define HOWDAH_BACKEND_SERVICES_OBJECT_CACHE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/watch_cache.h"

namespace howdah::services {

// Threads: safe for concurrent use.
template <typename T>
class ObjectCache {
 public:
  virtual ~ObjectCache() = default;

  // Begins to list and watch; does not wait. Calling it again changes nothing.
  virtual void Start() = 0;

  // Whether objects of this namespace are kept; empty: of all namespaces.
  virtual bool Covers(absl::string_view namespace_name) const = 0;

  // A list of all objects is under way and has brought something.
  virtual bool IsListing() const = 0;

  // The newest snapshot; null until the first list is complete.
  virtual std::shared_ptr<const kubernetes::Snapshot<T>> Get() const = 0;

  // OK, or why the picture may be old: the last attempt to list or watch.
  virtual absl::Status error() const = 0;
  // Why no newer snapshot comes, where that does not pass by itself; else OK.
  virtual absl::Status lasting_error() const = 0;

  // Calls `on_change` after each new snapshot, which Get() then has, and when
  // there is a lasting error, from any
  // thread but never two calls at once; it must not block. When the handle is
  // gone, it does not run any more.
  virtual std::shared_ptr<void> Subscribe(std::function<void()> on_change) = 0;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_OBJECT_CACHE_H_
