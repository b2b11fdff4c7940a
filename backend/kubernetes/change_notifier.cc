#include "backend/kubernetes/change_notifier.h"

#include <utility>
#include <vector>

namespace howdah::kubernetes {

int64_t ChangeNotifier::Subscribe(OnChange callback) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->callback = std::move(callback);
  const std::lock_guard lock(mutex_);
  const int64_t id = next_id_++;
  subscribers_.emplace(id, std::move(subscriber));
  return id;
}

void ChangeNotifier::Unsubscribe(int64_t id) {
  std::shared_ptr<Subscriber> subscriber;
  {
    const std::lock_guard lock(mutex_);
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end()) return;
    subscriber = std::move(found->second);
    subscribers_.erase(found);
  }
  // Waits for a call under way; from within the callback it does not.
  const std::lock_guard lock(subscriber->mutex);
  subscriber->callback = nullptr;
}

void ChangeNotifier::Notify(const ObjectKey* key) {
  std::vector<std::shared_ptr<Subscriber>> now;
  {
    const std::lock_guard lock(mutex_);
    now.reserve(subscribers_.size());
    for (const auto& [id, subscriber] : subscribers_) now.push_back(subscriber);
  }
  for (const auto& subscriber : now) {
    const std::lock_guard lock(subscriber->mutex);
    // A copy, since the callback may unsubscribe itself.
    if (const OnChange callback = subscriber->callback) callback(key);
  }
}

}  // namespace howdah::kubernetes
