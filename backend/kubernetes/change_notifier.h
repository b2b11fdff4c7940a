// Calls those who want to know that something has changed.
//
//   const int64_t id = notifier.Subscribe([](const ObjectKey* key) { ... });
//   notifier.Unsubscribe(id);   // the callback does not run any more
#ifndef HOWDAH_BACKEND_KUBERNETES_CHANGE_NOTIFIER_H_
#define HOWDAH_BACKEND_KUBERNETES_CHANGE_NOTIFIER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "backend/kubernetes/control_plane.h"

namespace howdah::kubernetes {

// The key of the object that has changed; null: any may have.
using OnChange = std::function<void(const ObjectKey* key)>;

// Threads: safe; a callback may subscribe and unsubscribe, itself too. Calls of
// one callback never overlap. Limits: who unsubscribes from outside must not
// hold a lock that the callback takes.
class ChangeNotifier {
 public:
  int64_t Subscribe(OnChange callback);
  // Returns when the callback does not run and will not run.
  void Unsubscribe(int64_t id);
  void Notify(const ObjectKey* key);

 private:
  struct Subscriber {
    std::recursive_mutex mutex;
    // Guarded by mutex; empty when unsubscribed.
    OnChange callback;
  };

  std::mutex mutex_;
  // Guarded by mutex_.
  int64_t next_id_ = 1;
  std::map<int64_t, std::shared_ptr<Subscriber>> subscribers_;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CHANGE_NOTIFIER_H_
