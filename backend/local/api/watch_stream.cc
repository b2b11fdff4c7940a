#include "backend/local/api/watch_stream.h"

#include <exception>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/store/object_rules.h"

namespace howdah::local {
namespace {

std::string EventLine(const char* type, const Json& object) {
  return absl::StrCat(
      "{\"type\":\"", type, "\",\"object\":",
      object.dump(-1, ' ', false, Json::error_handler_t::replace), "}\n");
}

}  // namespace

WatchStream::WatchStream(ObjectStore& store, const ResourceInfo& info,
                         WatchOptions options)
    : store_(store),
      info_(info),
      options_(std::move(options)),
      seen_(options_.after) {}

WatchStream::~WatchStream() {
  if (subscription_ != 0) store_.Unsubscribe(subscription_);
}

bool WatchStream::Start(Send send) {
  send_ = std::move(send);
  absl::StatusOr<ObjectStore::Listing> listing =
      store_.List(info_.type, options_.namespace_name);
  if (!listing.ok()) {
    send_(EventLine("ERROR", StatusObject(listing.status())));
    return false;
  }
  uint64_t after = options_.after;
  for (const Json& object : listing->items) {
    bool matches = Matches(object);
    uint64_t version = 0;
    bool numbered = absl::SimpleAtoi(
        TextAt(object, "metadata", "resourceVersion"), &version);
    // What is newer comes again as a change.
    if (options_.initial_events || (numbered && version <= after)) {
      Remember({NamespaceOf(object), NameOf(object)}, matches, object);
    }
    if (options_.initial_events && matches) send_(Line("ADDED", object));
  }
  if (options_.initial_events) {
    after = listing->resource_version;
    seen_ = after;
    if (options_.initial_events_end) send_(BookmarkLine(true));
  }
  absl::StatusOr<int64_t> subscription = store_.Subscribe(
      after, [this](const Change& change) { OnChange(change); });
  if (!subscription.ok()) {
    send_(EventLine("ERROR", StatusObject(FromStore(subscription.status(),
                                                    info_.type, ""))));
    return false;
  }
  subscription_ = *subscription;
  return true;
}

bool WatchStream::Matches(const Json& object) const {
  return options_.labels.Matches(object) && options_.fields.Matches(object);
}

void WatchStream::OnChange(const Change& change) {
  seen_ = change.resource_version;
  if (change.resource != info_.type) return;
  std::string space = NamespaceOf(change.object);
  if (!options_.namespace_name.empty() && space != options_.namespace_name) {
    return;
  }
  // With selectors, an object that begins to match is ADDED to the watcher's
  // world, and one that ceases to is DELETED from it.
  Key key{space, NameOf(change.object)};
  auto known = matched_.find(key);
  bool before = known == matched_.end() ? change.type != Change::Type::kAdded
                                        : !known->second.is_null();
  bool now = change.type != Change::Type::kDeleted && Matches(change.object);
  if (change.type == Change::Type::kDeleted) {
    matched_.erase(key);
    if (before && Matches(change.object)) {
      send_(Line("DELETED", change.object));
    }
    return;
  }
  // To a watcher it ends as what it last was to it.
  Json last = change.object;
  if (known != matched_.end() && known->second.is_object()) {
    last = known->second;
    SetResourceVersion(last, change.resource_version);
  }
  Remember(key, now, change.object);
  if (now) {
    send_(Line(before ? "MODIFIED" : "ADDED", change.object));
  } else if (before) {
    send_(Line("DELETED", last));
  }
}

void WatchStream::Remember(const Key& key, bool matches, const Json& object) {
  const bool may_cease = !options_.labels.empty() || !options_.fields.empty();
  matched_[key] = !matches ? Json() : may_cease ? object : Json(true);
}

std::string WatchStream::Line(const char* type, const Json& object) {
  // Printing reads fields that clients may have written; a wrong type there
  // must not end the plane.
  try {
    return EventLine(type, options_.representation.OfObject(info_, object,
                                                            options_.clock()));
  } catch (const std::exception& error) {
    return EventLine("ERROR", StatusObject(absl::InternalError(error.what())));
  }
}

std::string WatchStream::Bookmark() const { return BookmarkLine(false); }

std::string WatchStream::BookmarkLine(bool end_of_initial_events) const {
  Json object = {{"kind", info_.kind},
                 {"apiVersion", info_.ApiVersion()},
                 {"metadata",
                  {{"resourceVersion", std::to_string(seen_.load())},
                   {"creationTimestamp", nullptr}}}};
  if (end_of_initial_events) {
    object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  }
  if (options_.representation.is_table()) {
    object = {{"kind", "Table"},
              {"apiVersion", "meta.k8s.io/v1"},
              {"metadata", object["metadata"]},
              {"columnDefinitions", nullptr},
              {"rows", {{{"cells", nullptr}, {"object", object}}}}};
  }
  return EventLine("BOOKMARK", object);
}

}  // namespace howdah::local
