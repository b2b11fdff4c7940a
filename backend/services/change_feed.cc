#include "backend/services/change_feed.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "proto/support/status_details.h"

namespace howdah::services {
namespace {

using support::ErrorBuilder;

absl::Status TooManyListeners() {
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHES",
                      support::kHowdahDomain)
      .Message(
          "This server tells as many callers of changes as it can; end "
          "watches that are not needed, or read from time to time.")
      .RetryAfter(absl::Seconds(30))
      .Build();
}

absl::Status ServerEnds() {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "SERVER_ENDS",
                      support::kHowdahDomain)
      .Message("The server ends; watch again at another one.")
      .RetryAfter(absl::Seconds(1))
      .Build();
}

struct Listener {
  Listening wish;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

using Listeners = std::vector<std::shared_ptr<Listener>>;

// A plane that somebody listens to.
struct Watched {
  Picture last;
  std::vector<std::shared_ptr<void>> subscriptions;
  Listeners listeners;
};

Picture PictureOf(Plane& plane) {
  return {.clusters = plane.clusters().cache().Get(),
          .databases = plane.databases().cache().Get(),
          .database_roles = plane.database_roles().cache().Get()};
}

bool Wants(const Listening& wish, const ChangeSubject& subject) {
  return wish.kinds.contains(subject.kind) &&
         (wish.namespace_name.empty() ||
          wish.namespace_name == subject.namespace_name) &&
         (wish.cluster_name.empty() ||
          wish.cluster_name == subject.cluster_name);
}

void Tell(const Listening& wish, const Changes& all) {
  Changes wanted;
  wanted.anything = all.anything;
  for (const auto& [subject, fate] : all.subjects) {
    if (Wants(wish, subject)) wanted.subjects.emplace(subject, fate);
  }
  if (!wanted.empty()) wish.on_changes(wanted);
}

}  // namespace

struct ChangeFeed::Impl {
  explicit Impl(Options given) : options(given) {}

  void Wake() {
    const std::lock_guard lock(wake_mutex);
    dirty = true;
    wake.notify_one();
  }

  void Loop(const std::stop_token& stop);
  void RunOnce();
  // Takes out those whose callers have gone, and planes without listeners.
  Listeners TakeEnded();
  // With the mutex held.
  Watched& WatchedOf(Plane& plane);

  const Options options;

  // Serialises RunOnce.
  std::mutex run_mutex;

  // What the caches' callbacks take: nothing else is taken while it is held.
  std::mutex wake_mutex;
  std::condition_variable_any wake;
  // Guarded by wake_mutex.
  bool dirty = false;

  std::mutex mutex;
  // Guarded by mutex.
  size_t listeners = 0;
  std::map<Plane*, std::shared_ptr<Watched>> watched;
  std::jthread thread;
};

Watched& ChangeFeed::Impl::WatchedOf(Plane& plane) {
  std::shared_ptr<Watched>& found = watched[&plane];
  if (found != nullptr) return *found;
  found = std::make_shared<Watched>();
  const auto on_change = [this] { Wake(); };
  found->subscriptions = {plane.clusters().cache().Subscribe(on_change),
                          plane.databases().cache().Subscribe(on_change),
                          plane.database_roles().cache().Subscribe(on_change)};
  found->last = PictureOf(plane);
  return *found;
}

Listeners ChangeFeed::Impl::TakeEnded() {
  Listeners ended;
  const std::lock_guard lock(mutex);
  for (const auto& [plane, one] : watched) {
    const auto has_ended = [](const std::shared_ptr<Listener>& listener) {
      return listener->wish.cancelled.stop_requested();
    };
    auto& all = one->listeners;
    std::copy_if(all.begin(), all.end(), std::back_inserter(ended), has_ended);
    std::erase_if(all, has_ended);
  }
  listeners -= ended.size();
  std::erase_if(
      watched, [](const auto& item) { return item.second->listeners.empty(); });
  return ended;
}

void ChangeFeed::Impl::RunOnce() {
  const std::lock_guard run_lock(run_mutex);
  {
    const std::lock_guard lock(wake_mutex);
    dirty = false;
  }
  for (const std::shared_ptr<Listener>& listener : TakeEnded()) {
    listener->wish.on_end(absl::CancelledError("The call was cancelled."));
  }
  struct Round {
    Plane* plane;
    std::shared_ptr<Watched> watched;
    Listeners listeners;
  };
  std::vector<Round> rounds;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [plane, one] : watched) {
      rounds.push_back({plane, one, one->listeners});
    }
  }
  for (const Round& round : rounds) {
    // Only RunOnce touches `last` after the plane's first listener.
    Picture now = PictureOf(*round.plane);
    Changes changes;
    CollectChanges(round.watched->last, now, changes);
    round.watched->last = std::move(now);
    if (changes.empty()) continue;
    for (const std::shared_ptr<Listener>& listener : round.listeners) {
      Tell(listener->wish, changes);
    }
  }
}

void ChangeFeed::Impl::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(wake_mutex);
      wake.wait(lock, stop, [this] { return dirty; });
      // Lets others come; only the end of the program cuts it short.
      wake.wait_for(lock, stop, absl::ToChronoMilliseconds(options.together),
                    [] { return false; });
    }
    if (!stop.stop_requested()) RunOnce();
  }
}

ChangeFeed::ChangeFeed(Options options)
    : impl_(std::make_unique<Impl>(options)) {}

ChangeFeed::~ChangeFeed() {
  if (impl_->thread.joinable()) {
    impl_->thread.request_stop();
    impl_->thread.join();
  }
  std::map<Plane*, std::shared_ptr<Watched>> left;
  {
    const std::lock_guard lock(impl_->mutex);
    left.swap(impl_->watched);
  }
  for (const auto& [plane, watched] : left) {
    watched->subscriptions.clear();
    for (const std::shared_ptr<Listener>& listener : watched->listeners) {
      listener->on_stop.reset();
      listener->wish.on_end(ServerEnds());
    }
  }
}

absl::Status ChangeFeed::Listen(Listening listening) {
  auto listener = std::make_shared<Listener>();
  listener->wish = std::move(listening);
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->listeners >= impl_->options.most_listeners) {
      return TooManyListeners();
    }
    ++impl_->listeners;
    impl_->WatchedOf(*listener->wish.plane).listeners.push_back(listener);
    if (impl_->options.start_thread && !impl_->thread.joinable()) {
      impl_->thread =
          std::jthread([impl = impl_.get()](const std::stop_token& stop) {
            impl->Loop(stop);
          });
    }
  }
  listener->on_stop.emplace(listener->wish.cancelled,
                            [impl = impl_.get()] { impl->Wake(); });
  return absl::OkStatus();
}

void ChangeFeed::RunOnce() { impl_->RunOnce(); }

}  // namespace howdah::services
