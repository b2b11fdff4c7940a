// The writes of this replica that its watch caches may not have yet, so that a
// caller reads its own writes.
//
//   ledger.Wrote("clusters", key, written_resource_version);
//   if (ledger.IsBehind("clusters", key, cached)) ...  // wait, or read
//   directly
#ifndef HOWDAH_BACKEND_SERVICES_WRITE_LEDGER_H_
#define HOWDAH_BACKEND_SERVICES_WRITE_LEDGER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/kubernetes/control_plane.h"

namespace howdah::services {

// What a cache has of one object.
struct CachedVersion {
  bool exists = false;
  absl::string_view uid;
  absl::string_view resource_version;
  bool deleting = false;
  // Version of the newest change of any object that the cache has.
  absl::string_view newest_change;
};

// True if version `have` is `want` or a later one; false where the server's
// versions cannot be compared, which is safe.
bool IsAtLeast(absl::string_view have, absl::string_view want);

// True if version `have` is known to be older than `want`.
bool IsOlder(absl::string_view have, absl::string_view want);

// Threads: safe; empty() takes no lock. Limits: remembers the last 4096 writes
// that no read has settled; forgetting one costs freshness, never truth.
class WriteLedger {
 public:
  void Wrote(absl::string_view plural, const kubernetes::ObjectKey& key,
             absl::string_view resource_version);
  void Deleted(absl::string_view plural, const kubernetes::ObjectKey& key,
               absl::string_view uid);

  // Whether the cache lacks a write; forgets the write once it does not.
  bool IsBehind(absl::string_view plural, const kubernetes::ObjectKey& key,
                const CachedVersion& cached);

  // Somebody else has removed the object: nothing has to be waited for.
  void Forget(absl::string_view plural, const kubernetes::ObjectKey& key);

  // Objects of the type with a write that was not seen in a cache yet; an empty
  // namespace means all.
  std::vector<kubernetes::ObjectKey> Pending(
      absl::string_view plural, absl::string_view namespace_name) const;

  bool empty() const { return size_.load(std::memory_order_acquire) == 0; }

 private:
  struct Write {
    // Empty for a deletion.
    std::string resource_version = {};
    std::string deleted_uid = {};
    uint64_t order = 0;
  };
  using Key = std::pair<std::string, kubernetes::ObjectKey>;

  void Put(absl::string_view plural, const kubernetes::ObjectKey& key,
           Write write);

  mutable std::mutex mutex_;
  std::map<Key, Write> writes_;
  uint64_t next_order_ = 0;
  std::atomic<size_t> size_{0};
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_WRITE_LEDGER_H_
