// Tells many listeners what changes in the watch caches, on one thread.
//
//   ChangeFeed feed({});
//   feed.Listen({.plane = plane, .namespace_name = "production",
//                .cancelled = context.cancelled,
//                .on_changes = [](const Changes& changes) { ... },
//                .on_end = [](absl::Status why) { ... }});
//
// Contract. What changes after Listen is told; a change shortly before may be,
// too. Changes within `together` are told at once. `on_changes` gets only what
// its listener asked for and is never called with nothing. `on_end` is called
// exactly once, last. Both run on the feed's thread and must not block.
#ifndef HOWDAH_BACKEND_SERVICES_CHANGE_FEED_H_
#define HOWDAH_BACKEND_SERVICES_CHANGE_FEED_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backend/services/changes.h"
#include "backend/services/plane.h"

namespace howdah::services {

// What one listener wants to hear. The caches of its kinds have been started
// and have a picture.
struct Listening {
  Plane* plane = nullptr;
  // Empty for all.
  std::string namespace_name = {};
  std::string cluster_name = {};
  std::set<ChangeSubject::Kind> kinds = {};
  // Ends it with CANCELLED.
  std::stop_token cancelled = {};
  std::function<void(const Changes&)> on_changes = {};
  std::function<void(absl::Status)> on_end = {};
};

// Threads: safe. Owns: one thread, begun with the first listener, and
// subscriptions to the caches of planes that somebody listens to. Planes must
// outlive it. The destructor ends all with UNAVAILABLE.
class ChangeFeed {
 public:
  struct Options {
    // How long a change waits for others.
    absl::Duration together = absl::Milliseconds(100);
    size_t most_listeners = 10000;
    // Without it, tests drive the feed by RunOnce.
    bool start_thread = true;
  };

  explicit ChangeFeed(Options options);
  ~ChangeFeed();
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  // Never blocks for long. RESOURCE_EXHAUSTED, without any callback, when
  // there are too many.
  absl::Status Listen(Listening listening);

  // Tells what is new, once.
  void RunOnce();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CHANGE_FEED_H_
