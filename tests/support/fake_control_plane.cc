#include "tests/support/fake_control_plane.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "tests/support/fake_admission.h"

namespace howdah::testing {
namespace {

using Json = nlohmann::json;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::WatchEvent;

absl::Status Error(absl::StatusCode code, absl::string_view reason,
                   absl::string_view message) {
  return support::ErrorBuilder(code, reason, "kubernetes.howdah")
      .Message(message)
      .Build();
}

absl::Status Conflict() {
  return Error(absl::StatusCode::kAborted, "CONFLICT",
               "the object has been modified");
}

absl::Status Missing(const Resource& resource, const ObjectKey& key) {
  return Error(absl::StatusCode::kNotFound, "OBJECT_NOT_FOUND",
               absl::StrCat(resource.plural, " \"", key.name, "\" not found"));
}

absl::Status Unreachable() {
  return Error(absl::StatusCode::kUnavailable, "API_SERVER_UNREACHABLE",
               "the server does not answer");
}

bool MatchesLabels(const Json& object, const std::string& selector) {
  if (selector.empty()) return true;
  Json labels =
      object.value(Json::json_pointer("/metadata/labels"), Json::object());
  for (absl::string_view term : absl::StrSplit(selector, ',')) {
    std::vector<std::string> sides = absl::StrSplit(term, '=');
    if (sides.size() != 2 || labels.value(sides[0], "\n") != sides[1]) {
      return false;
    }
  }
  return true;
}

std::string Version(const Json& object) {
  return object.at("metadata").value("resourceVersion", "");
}

}  // namespace

FakeControlPlane::FakeControlPlane() : namespaces_({"default"}) {}

void FakeControlPlane::DoNotServe(const std::string& plural) {
  std::lock_guard lock(mutex_);
  not_served_.insert(plural);
}

void FakeControlPlane::AddNamespace(const std::string& name) {
  std::lock_guard lock(mutex_);
  namespaces_.insert(name);
}

void FakeControlPlane::DieAfterWrites(int writes) {
  std::lock_guard lock(mutex_);
  writes_left_ = writes;
}

void FakeControlPlane::Revive() {
  std::lock_guard lock(mutex_);
  writes_left_.reset();
  dead_ = false;
}

void FakeControlPlane::FailNext(const std::string& verb,
                                const std::string& plural, absl::Status error) {
  std::lock_guard lock(mutex_);
  faults_[absl::StrCat(verb, " ", plural)].push_back(std::move(error));
}

void FakeControlPlane::Compact() {
  std::lock_guard lock(mutex_);
  forgotten_before_ = version_;
}

void FakeControlPlane::HaveItsOwnPages() {
  std::lock_guard lock(mutex_);
  has_its_own_pages_ = true;
}

bool FakeControlPlane::Edit(const std::string& plural, const ObjectKey& key,
                            const std::function<void(Json&)>& edit) {
  std::lock_guard lock(mutex_);
  Objects& objects = objects_[plural];
  auto it = objects.find(key);
  if (it == objects.end()) return false;
  Json object = it->second;
  edit(object);
  Store(plural, key, std::move(object), /*added=*/false);
  return true;
}

std::optional<Json> FakeControlPlane::Peek(const std::string& plural,
                                           const ObjectKey& key) {
  std::lock_guard lock(mutex_);
  const Objects& objects = objects_[plural];
  auto it = objects.find(key);
  if (it == objects.end()) return std::nullopt;
  return it->second;
}

std::vector<Json> FakeControlPlane::PeekAll(const std::string& plural) {
  std::lock_guard lock(mutex_);
  std::vector<Json> all;
  for (const auto& [key, object] : objects_[plural]) all.push_back(object);
  return all;
}

std::vector<std::string> FakeControlPlane::calls() {
  std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<int64_t> FakeControlPlane::limits() {
  std::lock_guard lock(mutex_);
  return limits_;
}

uint64_t FakeControlPlane::version() {
  std::lock_guard lock(mutex_);
  return version_;
}

int FakeControlPlane::Listen(std::function<void(const Change&)> on_change) {
  std::lock_guard lock(mutex_);
  for (const auto& [plural, objects] : objects_) {
    for (const auto& [key, object] : objects) {
      on_change({plural, WatchEvent::Type::kAdded, key, object, version_});
    }
  }
  listeners_[next_listener_] = std::move(on_change);
  return next_listener_++;
}

void FakeControlPlane::Unlisten(int id) {
  std::lock_guard lock(mutex_);
  listeners_.erase(id);
}

absl::Status FakeControlPlane::Arrive(const std::string& verb,
                                      const Resource& resource,
                                      const kubernetes::Call& call) {
  std::string plural(resource.plural);
  std::string what = absl::StrCat(verb, " ", plural);
  calls_.push_back(what);
  if (call.cancelled.stop_requested()) {
    return absl::CancelledError("the call was cancelled");
  }
  if (call.deadline <= absl::Now()) {
    return absl::DeadlineExceededError("the deadline is over");
  }
  if (dead_) return Unreachable();
  if (auto& faults = faults_[what]; !faults.empty()) {
    absl::Status error = faults.front();
    faults.erase(faults.begin());
    return error;
  }
  if (not_served_.count(plural) > 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "RESOURCE_TYPE_MISSING",
                 absl::StrCat("the server has no ", plural));
  }
  return absl::OkStatus();
}

absl::Status FakeControlPlane::Depart() {
  if (writes_left_ && --*writes_left_ <= 0) {
    dead_ = true;
    return Unreachable();
  }
  return absl::OkStatus();
}

void FakeControlPlane::Announce(Change change) {
  for (const auto& [id, listener] : listeners_) listener(change);
  changes_.push_back(std::move(change));
  changed_.notify_all();
}

void FakeControlPlane::Store(const std::string& plural, const ObjectKey& key,
                             Json object, bool added) {
  Objects& objects = objects_[plural];
  auto it = objects.find(key);
  if (!added && it->second == object) return;
  Json& metadata = object["metadata"];
  bool last_finalizer_gone =
      metadata.contains("deletionTimestamp") &&
      metadata.value("finalizers", Json::array()).empty();
  if (last_finalizer_gone) {
    it->second = std::move(object);
    Remove(plural, key);
    return;
  }
  if (added) {
    metadata["generation"] = 1;
  } else if (object.value("spec", Json()) != it->second.value("spec", Json())) {
    metadata["generation"] = metadata.value("generation", 0) + 1;
  }
  metadata["resourceVersion"] = absl::StrCat(++version_);
  objects[key] = object;
  Announce({plural,
            added ? WatchEvent::Type::kAdded : WatchEvent::Type::kModified, key,
            std::move(object), version_});
}

void FakeControlPlane::Remove(const std::string& plural, const ObjectKey& key) {
  Objects& objects = objects_[plural];
  Json object = std::move(objects[key]);
  objects.erase(key);
  object["metadata"]["resourceVersion"] = absl::StrCat(++version_);
  Announce(
      {plural, WatchEvent::Type::kDeleted, key, std::move(object), version_});
}

absl::StatusOr<Json> FakeControlPlane::Get(const Resource& resource,
                                           const ObjectKey& key,
                                           const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Arrive("get", resource, call));
  const Objects& objects = objects_[std::string(resource.plural)];
  auto it = objects.find(key);
  if (it == objects.end()) return Missing(resource, key);
  return it->second;
}

absl::StatusOr<kubernetes::ListPage> FakeControlPlane::List(
    const Resource& resource, absl::string_view namespace_name,
    const kubernetes::ListOptions& options, const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Arrive("list", resource, call));
  limits_.push_back(options.limit);
  ASSIGN_OR_RETURN(PageStart start, ReadPageStart(options.continue_token));
  if (start.version == 0) start.version = version_;
  if (start.version < forgotten_before_) {
    return Error(absl::StatusCode::kOutOfRange, "VERSION_TOO_OLD",
                 "the continue parameter is too old");
  }
  std::map<std::string, Json> in_order;
  for (auto& [key, object] :
       ObjectsAt(std::string(resource.plural), start.version)) {
    if ((namespace_name.empty() || key.namespace_name == namespace_name) &&
        MatchesLabels(object, options.label_selector)) {
      in_order.emplace(OrderText(namespace_name, key), object);
    }
  }
  kubernetes::ListPage page;
  page.resource_version = absl::StrCat(start.version);
  std::string last;
  for (auto it = in_order.lower_bound(start.text); it != in_order.end(); ++it) {
    if (options.limit > 0 &&
        static_cast<int64_t>(page.items.size()) == options.limit) {
      page.continue_token = MakePageToken(
          {start.version, absl::StrCat(last, absl::string_view("\0", 1))});
      break;
    }
    last = it->first;
    page.items.push_back(std::move(it->second));
  }
  return page;
}

absl::StatusOr<FakeControlPlane::PageStart> FakeControlPlane::ReadPageStart(
    const std::string& token) {
  if (token.empty()) return PageStart();
  const absl::Status invalid =
      Error(absl::StatusCode::kInvalidArgument, "BAD_REQUEST",
            "continue key is not valid");
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return invalid;
  const Json fields = Json::parse(text, nullptr, false);
  const char* start = has_its_own_pages_ ? "from" : "start";
  if (!fields.is_object() || fields.value("v", "") != "meta.k8s.io/v1" ||
      !fields.contains("rv") || fields["rv"] == 0 ||
      fields.value(start, "").empty()) {
    return invalid;
  }
  const auto version = fields["rv"].get<int64_t>();
  const auto key = fields[start].get<std::string>();
  return PageStart{version < 0 ? 0 : static_cast<uint64_t>(version),
                   std::string(absl::StripPrefix(key, "/"))};
}

std::string FakeControlPlane::MakePageToken(const PageStart& start) {
  const Json fields = {
      {"v", "meta.k8s.io/v1"},
      {"rv", start.version},
      {has_its_own_pages_ ? "from" : "start", absl::StrCat("/", start.text)}};
  return absl::WebSafeBase64Escape(fields.dump());
}

std::string FakeControlPlane::OrderText(absl::string_view namespace_name,
                                        const ObjectKey& key) const {
  if (!namespace_name.empty()) return key.name;
  return absl::StrCat(key.namespace_name, has_its_own_pages_ ? "\x01" : "/",
                      key.name);
}

FakeControlPlane::Objects FakeControlPlane::ObjectsAt(const std::string& plural,
                                                      uint64_t version) {
  if (version == version_) return objects_[plural];
  Objects objects;
  for (const Change& change : changes_) {
    if (change.version > version) break;
    if (change.plural != plural) continue;
    if (change.type == WatchEvent::Type::kDeleted) {
      objects.erase(change.key);
    } else {
      objects[change.key] = change.object;
    }
  }
  return objects;
}

absl::Status FakeControlPlane::ListRaw(const Resource& resource,
                                       absl::string_view namespace_name,
                                       const kubernetes::ListOptions& options,
                                       const kubernetes::Call& call,
                                       std::string& text) {
  ASSIGN_OR_RETURN(kubernetes::ListPage page,
                   List(resource, namespace_name, options, call));
  Json list = {{"metadata",
                {{"resourceVersion", page.resource_version},
                 {"continue", page.continue_token}}},
               {"items", page.items}};
  text = list.dump();
  return absl::OkStatus();
}

absl::Status FakeControlPlane::Watch(
    const Resource& resource, absl::string_view namespace_name,
    absl::string_view resource_version, const kubernetes::Call& call,
    const std::function<void(const kubernetes::WatchEvent&)>& on_event) {
  uint64_t after = 0;
  if (!absl::SimpleAtoi(resource_version, &after)) {
    return Error(absl::StatusCode::kInvalidArgument, "BAD_REQUEST",
                 "resourceVersion is not valid");
  }
  std::unique_lock lock(mutex_);
  RETURN_IF_ERROR(Arrive("watch", resource, call));
  size_t next = 0;
  while (true) {
    for (; next < changes_.size(); ++next) {
      const Change change = changes_[next];
      bool wanted = change.version > after &&
                    change.plural == resource.plural &&
                    (namespace_name.empty() ||
                     change.key.namespace_name == namespace_name);
      if (!wanted) continue;
      std::string text = change.object.dump();
      lock.unlock();
      on_event({change.type, text});
      lock.lock();
    }
    if (dead_) return Unreachable();
    bool more =
        changed_.wait_until(lock, call.cancelled,
                            absl::ToChronoTime(std::min(
                                call.deadline, absl::Now() + absl::Hours(1))),
                            [&] { return next < changes_.size() || dead_; });
    if (call.cancelled.stop_requested()) {
      return absl::CancelledError("the watch was cancelled");
    }
    if (!more) return absl::OkStatus();
  }
}

absl::StatusOr<kubernetes::Written> FakeControlPlane::Create(
    const Resource& resource, absl::string_view namespace_name,
    const Json& object, const kubernetes::WriteOptions& options,
    const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Arrive("create", resource, call));
  std::string plural(resource.plural);
  if (namespaces_.count(std::string(namespace_name)) == 0) {
    return Error(absl::StatusCode::kNotFound, "NAMESPACE_NOT_FOUND",
                 absl::StrCat("namespace \"", namespace_name, "\" not found"));
  }
  RETURN_IF_ERROR(CheckAdmission(plural, object));
  ObjectKey key{std::string(namespace_name), object["metadata"]["name"]};
  if (objects_[plural].count(key) > 0) {
    return Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                 absl::StrCat(plural, " \"", key.name, "\" already exists"));
  }
  Json stored = object;
  stored.erase("status");
  stored["metadata"]["namespace"] = key.namespace_name;
  stored["metadata"]["uid"] =
      absl::StrCat("00000000-0000-4000-8000-", 100000000000 + next_uid_);
  stored["metadata"]["creationTimestamp"] =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone());
  if (options.dry_run) {
    stored["metadata"]["generation"] = 1;
    return kubernetes::Written{std::move(stored), {}};
  }
  ++next_uid_;
  Store(plural, key, std::move(stored), /*added=*/true);
  Json answer = objects_[plural][key];
  RETURN_IF_ERROR(Depart());
  return kubernetes::Written{std::move(answer), {}};
}

absl::StatusOr<kubernetes::Written> FakeControlPlane::Patch(
    const Resource& resource, const ObjectKey& key, kubernetes::PatchType type,
    const Json& patch, const kubernetes::WriteOptions& options,
    const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Arrive("patch", resource, call));
  std::string plural(resource.plural);
  if (type != kubernetes::PatchType::kMerge) {
    return Error(absl::StatusCode::kInvalidArgument, "BAD_REQUEST",
                 "this fake takes merge patches only");
  }
  auto it = objects_[plural].find(key);
  if (it == objects_[plural].end()) return Missing(resource, key);
  const Json& before = it->second;
  const Json metadata = patch.value("metadata", Json::object());
  if (metadata.contains("resourceVersion") &&
      metadata["resourceVersion"] != Version(before)) {
    return Conflict();
  }
  if (metadata.contains("uid") &&
      metadata["uid"] != before["metadata"]["uid"]) {
    return Conflict();
  }
  Json after = before;
  after.merge_patch(patch);
  // Each endpoint changes its part only.
  const char* kept = options.subresource == "status" ? "spec" : "status";
  if (before.contains(kept)) {
    after[kept] = before[kept];
  } else {
    after.erase(kept);
  }
  after["metadata"]["resourceVersion"] = Version(before);
  after["metadata"]["generation"] = before["metadata"]["generation"];
  RETURN_IF_ERROR(CheckAdmission(plural, after));
  if (options.dry_run) return kubernetes::Written{std::move(after), {}};
  Store(plural, key, std::move(after), /*added=*/false);
  Json answer =
      objects_[plural].count(key) > 0 ? objects_[plural][key] : Json();
  RETURN_IF_ERROR(Depart());
  return kubernetes::Written{std::move(answer), {}};
}

absl::Status FakeControlPlane::Delete(const Resource& resource,
                                      const ObjectKey& key,
                                      const kubernetes::DeleteOptions& options,
                                      const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Arrive("delete", resource, call));
  std::string plural(resource.plural);
  auto it = objects_[plural].find(key);
  if (it == objects_[plural].end()) return Missing(resource, key);
  const Json& object = it->second;
  if (!options.uid.empty() && options.uid != object["metadata"]["uid"]) {
    return Conflict();
  }
  if (!options.resource_version.empty() &&
      options.resource_version != Version(object)) {
    return Conflict();
  }
  if (options.dry_run) return absl::OkStatus();
  bool held = !object["metadata"].value("finalizers", Json::array()).empty();
  if (!held) {
    Remove(plural, key);
  } else if (!object["metadata"].contains("deletionTimestamp")) {
    Json marked = object;
    marked["metadata"]["deletionTimestamp"] = absl::FormatTime(
        "%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone());
    Store(plural, key, std::move(marked), /*added=*/false);
  }
  return Depart();
}

absl::StatusOr<bool> FakeControlPlane::Serves(const Resource& resource,
                                              const kubernetes::Call& call) {
  std::lock_guard lock(mutex_);
  if (dead_) return Unreachable();
  return not_served_.count(std::string(resource.plural)) == 0;
}

}  // namespace howdah::testing
