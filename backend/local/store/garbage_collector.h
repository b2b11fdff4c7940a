// Deletes what nobody owns any more, in the background, as kube-controller-
// manager does: dependents of deleted owners, contents of deleted namespaces,
// and the finalizers "foregroundDeletion" and "orphan". Events live
// for an hour.
//
//   GarbageCollector collector(store, table, &absl::Now);
//   collector.Start();   // looks at everything once, then at each change
#ifndef HOWDAH_BACKEND_LOCAL_STORE_GARBAGE_COLLECTOR_H_
#define HOWDAH_BACKEND_LOCAL_STORE_GARBAGE_COLLECTOR_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"
#include "backend/local/store/object_table.h"

namespace howdah::local {

// Threads: works on one of its own. Owns: that thread and a subscription.
// Limits: an object whose deletion fails (disk full) is tried again after a
// second.
class GarbageCollector {
 public:
  // Both must outlive the collector.
  GarbageCollector(ObjectStore& store, const ObjectTable& table,
                   std::function<absl::Time()> clock);
  ~GarbageCollector();

  absl::Status Start();
  void Stop();

 private:
  void OnChange(const Change& change);
  void Enqueue(const ObjectId& id);
  void Run();

  void ExpireEvents();
  absl::Status Collect(const ObjectId& id);
  absl::Status CollectTerminating(const ObjectId& id, const Json& object);
  absl::Status CollectNamespaceContents(const ObjectId& id);
  absl::Status DeleteDependents(const ObjectId& id, const Json& owner);
  absl::Status OrphanDependents(const ObjectId& id, const Json& owner);
  absl::Status CheckOwners(const ObjectId& id, const Json& object);
  absl::Status RemoveFinalizer(const ObjectId& id, absl::string_view finalizer);

  ObjectStore& store_;
  const ObjectTable& table_;
  const std::function<absl::Time()> clock_;
  int64_t subscription_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<ObjectId> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_GARBAGE_COLLECTOR_H_
