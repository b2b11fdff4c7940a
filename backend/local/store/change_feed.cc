#include "backend/local/store/change_feed.h"

#include <utility>

namespace howdah::local {

ChangeFeed::ChangeFeed() : thread_([this] { Run(); }) {}

ChangeFeed::~ChangeFeed() {
  {
    std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

int64_t ChangeFeed::Add(uint64_t after, std::vector<Change> backlog,
                        Callback callback) {
  bool waits = !backlog.empty();
  int64_t id;
  {
    std::lock_guard lock(subscriptions_mutex_);
    id = ++last_id_;
    subscriptions_[id] = {after, std::move(backlog), std::move(callback)};
  }
  if (waits) {
    {
      std::lock_guard lock(queue_mutex_);
      backlog_waits_ = true;
    }
    wake_.notify_all();
  }
  return id;
}

void ChangeFeed::Remove(int64_t id) {
  std::lock_guard lock(subscriptions_mutex_);
  subscriptions_.erase(id);
}

void ChangeFeed::Publish(std::shared_ptr<const Change> change) {
  {
    std::lock_guard lock(queue_mutex_);
    queue_.push_back(std::move(change));
  }
  wake_.notify_one();
}

void ChangeFeed::Run() {
  while (true) {
    std::deque<std::shared_ptr<const Change>> batch;
    {
      std::unique_lock lock(queue_mutex_);
      wake_.wait(lock, [this] {
        return stopping_ || backlog_waits_ || !queue_.empty();
      });
      if (stopping_) return;
      backlog_waits_ = false;
      batch.swap(queue_);
    }
    std::lock_guard lock(subscriptions_mutex_);
    for (auto& [id, subscription] : subscriptions_) {
      std::vector<Change> backlog = std::move(subscription.backlog);
      subscription.backlog.clear();
      for (const Change& change : backlog) subscription.callback(change);
      for (const auto& change : batch) {
        if (change->resource_version > subscription.after) {
          subscription.callback(*change);
        }
      }
    }
  }
}

}  // namespace howdah::local
