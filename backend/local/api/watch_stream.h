// One watch: turns changes of the store into the lines of a watch response.
//
//   stream->Start([connection](std::string line) { connection->Send(line); });
//   ... stream->Bookmark() now and then ...
//
// Lines are made on the store's thread and handed over; the receiver must not
// block.
#ifndef HOWDAH_BACKEND_LOCAL_API_WATCH_STREAM_H_
#define HOWDAH_BACKEND_LOCAL_API_WATCH_STREAM_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backend/local/api/representation.h"
#include "backend/local/api/resource_catalogue.h"
#include "backend/local/api/response_stream.h"
#include "backend/local/api/selectors.h"
#include "backend/local/object_store.h"

namespace howdah::local {

struct WatchOptions {
  std::string namespace_name;  // empty for all
  LabelSelector labels;
  FieldSelector fields;
  Representation representation;
  // Changes after this version; with `initial_events` the present objects
  // first, as ADDED.
  uint64_t after = 0;
  bool initial_events = false;
  // Marks the end of the initial events with a bookmark.
  bool initial_events_end = false;
  bool bookmarks = false;
  absl::Duration timeout = absl::InfiniteDuration();
  std::function<absl::Time()> clock;
};

// Threads: Start once; Bookmark and the destructor on any one thread.
// Owns: its subscription. Limits: the store must outlive it.
class WatchStream final : public ResponseStream {
 public:
  WatchStream(ObjectStore& store, const ResourceInfo& info,
              WatchOptions options);
  ~WatchStream() override;
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  // Begins to send. A version that is too old is sent as an ERROR line; false
  // is returned then, and the stream is over.
  bool Start(Send send) override;

  // A BOOKMARK line with the newest version seen.
  std::string Bookmark() const;

  absl::Duration Period(absl::Duration heartbeat) const override {
    return options_.bookmarks ? heartbeat : absl::InfiniteDuration();
  }
  std::optional<std::string> Tick() override {
    return options_.bookmarks ? Bookmark() : "";
  }
  absl::Duration timeout() const override { return options_.timeout; }

 private:
  using Key = std::pair<std::string, std::string>;

  void OnChange(const Change& change);
  std::string Line(const char* type, const Json& object);
  std::string BookmarkLine(bool end_of_initial_events) const;
  bool Matches(const Json& object) const;
  void Remember(const Key& key, bool matches, const Json& object);

  ObjectStore& store_;
  const ResourceInfo& info_;
  const WatchOptions options_;
  Send send_;
  int64_t subscription_ = 0;
  std::atomic<uint64_t> seen_;
  // Each known object as it last matched the selectors, null if it did not;
  // without selectors, where nothing ceases to match, true in its place.
  std::map<Key, Json> matched_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_WATCH_STREAM_H_
