// How far a watch cache has come, and waiting for it to come further.
//
//   RETURN_IF_ERROR(progress.WaitUntilSynced(deadline, cancelled));
#ifndef HOWDAH_BACKEND_KUBERNETES_CACHE_PROGRESS_H_
#define HOWDAH_BACKEND_KUBERNETES_CACHE_PROGRESS_H_

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::kubernetes {

// Whether `seen` is `wanted` or newer. Versions of Kubernetes are numbers that
// grow; of others only equality is known.
bool HasReached(absl::string_view seen, absl::string_view wanted);

// Threads: safe.
class CacheProgress {
 public:
  // One stream for each of these namespaces; {""} for one of all namespaces.
  explicit CacheProgress(std::vector<std::string> namespaces);

  bool Covers(absl::string_view namespace_name) const;

  // The stream has all up to this version; the first time, it is in sync.
  void Reached(size_t stream, absl::string_view resource_version);
  void Failed(size_t stream, const absl::Status& error);

  bool synced() const;
  // Why no newer picture comes, where that does not pass by itself (no rights,
  // no such type); else OK.
  absl::Status lasting_error() const;
  // The last error, whether it lasts or not; OK where the last attempt was
  // well.
  absl::Status error() const;

  // Returns early with an error that lasts; at the deadline with the last
  // error, if there was one.
  absl::Status WaitUntilSynced(absl::Time deadline, std::stop_token cancelled);
  absl::Status WaitForVersion(absl::string_view namespace_name,
                              absl::string_view resource_version,
                              absl::Time deadline, std::stop_token cancelled);

 private:
  struct Stream {
    std::string namespace_name;
    std::string version;
    bool synced = false;
    absl::Status error;
  };

  // With mutex_ held:
  bool AllSynced() const;
  absl::Status FirstError() const;
  const Stream* StreamOf(absl::string_view namespace_name) const;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Stream> streams_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CACHE_PROGRESS_H_
