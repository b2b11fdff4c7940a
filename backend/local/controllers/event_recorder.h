// Writes core/v1 Events; the same event again only counts up.
//
//   events.Record(cluster, "Normal", "FailingOver", "Failing over from ...");
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_EVENT_RECORDER_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_EVENT_RECORDER_H_

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backend/local/controllers/resources.h"

namespace howdah::local::controllers {

// Threads: safe. Owns: nothing; the store must outlive it. Limits: an event
// that cannot be written is lost, as in Kubernetes; events older than an hour
// are removed by Prune.
class EventRecorder {
 public:
  EventRecorder(ObjectStore& store, std::function<absl::Time()> now);

  // `type` is "Normal" or "Warning"; `object` is what it is about.
  void Record(const Json& object, absl::string_view type,
              absl::string_view reason, absl::string_view message);
  void Prune();

 private:
  ObjectStore& store_;
  const std::function<absl::Time()> now_;
  absl::Mutex mutex_;
  // What it says, to the name of its Event.
  std::map<std::string, std::string> names_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_EVENT_RECORDER_H_
