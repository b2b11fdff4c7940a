#include "backend/local/controllers/event_recorder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "backend/local/controllers/cluster_objects.h"

namespace howdah::local::controllers {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr char kSource[] = "cloudnative-pg";

}  // namespace

EventRecorder::EventRecorder(ObjectStore& store,
                             std::function<absl::Time()> now)
    : store_(store), now_(std::move(now)) {}

void EventRecorder::Record(const Json& object, absl::string_view type,
                           absl::string_view reason,
                           absl::string_view message) {
  const Json& metadata = Metadata(object);
  const std::string ns = Text(metadata, "namespace");
  const std::string about =
      absl::StrCat(Text(metadata, "uid"), "/", reason, "/", message);
  const std::string now = TimeText(now_());
  std::string name;
  {
    absl::MutexLock lock(&mutex_);
    auto it = names_.find(about);
    if (it != names_.end()) name = it->second;
  }
  if (!name.empty() && store_
                           .Update(kEvents, ns, name,
                                   [&](Json& event) {
                                     event["count"] =
                                         Number(event, "count", 1) + 1;
                                     event["lastTimestamp"] = now;
                                     return absl::OkStatus();
                                   })
                           .ok()) {
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    last_ = std::max<int64_t>(last_ + 1, absl::ToUnixNanos(now_()));
    name = absl::StrFormat("%s.%x", Text(metadata, "name"), last_);
    names_[about] = name;
  }
  Json event = {{"apiVersion", "v1"},
                {"kind", "Event"},
                {"metadata", {{"name", name}, {"namespace", ns}}},
                {"involvedObject",
                 {{"apiVersion", Text(object, "apiVersion")},
                  {"kind", Text(object, "kind")},
                  {"name", Text(metadata, "name")},
                  {"namespace", ns},
                  {"uid", Text(metadata, "uid")},
                  {"resourceVersion", Text(metadata, "resourceVersion")}}},
                {"type", std::string(type)},
                {"reason", std::string(reason)},
                {"message", std::string(message)},
                {"count", 1},
                {"firstTimestamp", now},
                {"lastTimestamp", now},
                {"source", {{"component", kSource}}},
                {"reportingComponent", kSource},
                {"reportingInstance", "howdah-local"}};
  store_.Create(kEvents, ns, std::move(event)).IgnoreError();
}

void EventRecorder::Prune() {
  absl::StatusOr<ObjectStore::Listing> events = store_.List(kEvents, "");
  if (!events.ok()) return;
  const std::string oldest = TimeText(now_() - kLifetime);
  for (const Json& event : events->items) {
    if (Text(event, "lastTimestamp") >= oldest) continue;
    store_
        .Delete(kEvents, Text(Metadata(event), "namespace"),
                Text(Metadata(event), "name"), {})
        .IgnoreError();
  }
  absl::MutexLock lock(&mutex_);
  names_.clear();  // of the living ones, at worst, a new Event is begun
}

}  // namespace howdah::local::controllers
