#include "backend/local/store/garbage_collector.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "backend/local/store/object_rules.h"

namespace howdah::local {
namespace {

constexpr absl::Duration kRetry = absl::Seconds(1);
// How often events that are too old are looked for, and when they are.
constexpr absl::Duration kEventRound = absl::Minutes(5);
constexpr absl::Duration kEventLife = absl::Hours(1);

bool IsNamespace(const ResourceType& type) {
  return type.group.empty() && type.plural == "namespaces";
}

// A missing object is as good as a collected one, and a lost race comes back
// as a change.
absl::Status Tolerant(absl::Status status) {
  if (absl::IsNotFound(status) || absl::IsAborted(status)) {
    return absl::OkStatus();
  }
  return status;
}

// Removes the entries of metadata.ownerReferences that `gone` says.
void DropOwners(Json& object,
                const std::function<bool(const std::string& uid)>& gone) {
  Json& metadata = object["metadata"];
  if (!metadata.contains("ownerReferences")) return;
  Json kept = Json::array();
  for (const Json& owner : metadata["ownerReferences"]) {
    if (!gone(owner.value("uid", ""))) kept.push_back(owner);
  }
  metadata["ownerReferences"] = std::move(kept);
}

bool BlocksOwner(const Json& object, const std::string& uid) {
  for (const Json& owner :
       object.at("metadata").value("ownerReferences", Json::array())) {
    if (owner.value("uid", "") == uid) {
      return owner.value("blockOwnerDeletion", false);
    }
  }
  return false;
}

}  // namespace

GarbageCollector::GarbageCollector(ObjectStore& store, const ObjectTable& table,
                                   std::function<absl::Time()> clock)
    : store_(store), table_(table), clock_(std::move(clock)) {}

GarbageCollector::~GarbageCollector() { Stop(); }

absl::Status GarbageCollector::Start() {
  absl::StatusOr<int64_t> subscription =
      store_.Subscribe(store_.resource_version(),
                       [this](const Change& change) { OnChange(change); });
  if (!subscription.ok()) return subscription.status();
  subscription_ = *subscription;
  for (const ObjectId& id : table_.Ids("")) {
    std::shared_ptr<const Json> object = table_.Get(id);
    if (object != nullptr &&
        (IsTerminating(*object) || !OwnerUids(*object).empty())) {
      queue_.insert(id);
    }
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void GarbageCollector::Stop() {
  if (!thread_.joinable()) return;
  store_.Unsubscribe(subscription_);
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void GarbageCollector::OnChange(const Change& change) {
  ObjectId id{change.resource, NamespaceOf(change.object),
              NameOf(change.object)};
  if (change.type != Change::Type::kDeleted) {
    if (IsTerminating(change.object) || !OwnerUids(change.object).empty()) {
      Enqueue(id);
    }
    return;
  }
  for (const ObjectId& dependent : table_.Dependents(UidOf(change.object))) {
    Enqueue(dependent);
  }
  // An owner or a namespace may have waited for this one to go.
  for (const std::string& owner : OwnerUids(change.object)) {
    ObjectId owner_id = table_.FindByUid(owner);
    if (!owner_id.type.plural.empty()) Enqueue(owner_id);
  }
  if (!id.namespace_name.empty()) {
    Enqueue({{"", "namespaces"}, "", id.namespace_name});
  }
}

void GarbageCollector::Enqueue(const ObjectId& id) {
  {
    std::lock_guard lock(mutex_);
    queue_.insert(id);
  }
  wake_.notify_one();
}

void GarbageCollector::Run() {
  std::set<ObjectId> failed;
  absl::Time next_round = absl::InfinitePast();
  while (true) {
    if (absl::Time now = clock_(); now >= next_round) {
      ExpireEvents();
      next_round = now + kEventRound;
    }
    ObjectId id;
    {
      std::unique_lock lock(mutex_);
      absl::Duration patience = failed.empty() ? kEventRound : kRetry;
      bool woken =
          wake_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                         [this] { return stopping_ || !queue_.empty(); });
      if (!woken) queue_.swap(failed);
      if (stopping_) return;
      if (queue_.empty()) continue;
      id = *queue_.begin();
      queue_.erase(queue_.begin());
    }
    if (!Tolerant(Collect(id)).ok()) failed.insert(id);
  }
}

void GarbageCollector::ExpireEvents() {
  const ResourceType type{"", "events"};
  std::string oldest = KubernetesTime(clock_() - kEventLife);
  for (const auto& event : table_.List(type, "").first) {
    auto last = event->find("lastTimestamp");
    std::string time = last != event->end() && last->is_string()
                           ? last->get<std::string>()
                           : TextAt(*event, "metadata", "creationTimestamp");
    if (time >= oldest) continue;
    // One that cannot be deleted now is met again in the next round.
    store_.Delete(type, NamespaceOf(*event), NameOf(*event), {})
        .status()
        .IgnoreError();
  }
}

absl::Status GarbageCollector::Collect(const ObjectId& id) {
  std::shared_ptr<const Json> object = table_.Get(id);
  if (object == nullptr) return absl::OkStatus();
  if (IsTerminating(*object)) return CollectTerminating(id, *object);
  return CheckOwners(id, *object);
}

absl::Status GarbageCollector::CollectTerminating(const ObjectId& id,
                                                  const Json& object) {
  if (IsNamespace(id.type)) return CollectNamespaceContents(id);
  if (HasFinalizer(object, kOrphanFinalizer)) {
    return OrphanDependents(id, object);
  }
  if (HasFinalizer(object, kForegroundFinalizer)) {
    return DeleteDependents(id, object);
  }
  return absl::OkStatus();
}

absl::Status GarbageCollector::CollectNamespaceContents(const ObjectId& id) {
  std::vector<ObjectId> contents = table_.Ids(id.name);
  absl::Status first;
  for (const ObjectId& item : contents) {
    std::shared_ptr<const Json> object = table_.Get(item);
    if (object == nullptr || IsTerminating(*object)) continue;
    first.Update(Tolerant(
        store_.Delete(item.type, item.namespace_name, item.name, {}).status()));
  }
  if (!first.ok()) return first;
  if (!table_.Ids(id.name).empty()) return absl::OkStatus();
  return store_
      .Update(id.type, "", id.name,
              [](Json& object) {
                object["spec"].erase("finalizers");
                return absl::OkStatus();
              })
      .status();
}

absl::Status GarbageCollector::DeleteDependents(const ObjectId& id,
                                                const Json& owner) {
  std::string uid = UidOf(owner);
  bool blocked = false;
  for (const ObjectId& item : table_.Dependents(uid)) {
    std::shared_ptr<const Json> object = table_.Get(item);
    if (object == nullptr) continue;
    if (!IsTerminating(*object)) {
      absl::Status status =
          Tolerant(store_.Delete(item.type, item.namespace_name, item.name, {})
                       .status());
      if (!status.ok()) return status;
    }
    object = table_.Get(item);
    blocked = blocked || (object != nullptr && BlocksOwner(*object, uid));
  }
  if (blocked) return absl::OkStatus();
  return RemoveFinalizer(id, kForegroundFinalizer);
}

absl::Status GarbageCollector::OrphanDependents(const ObjectId& id,
                                                const Json& owner) {
  std::string uid = UidOf(owner);
  for (const ObjectId& item : table_.Dependents(uid)) {
    absl::Status status =
        Tolerant(store_
                     .Update(item.type, item.namespace_name, item.name,
                             [&](Json& object) {
                               DropOwners(object, [&](const std::string& one) {
                                 return one == uid;
                               });
                               return absl::OkStatus();
                             })
                     .status());
    if (!status.ok()) return status;
  }
  return RemoveFinalizer(id, kOrphanFinalizer);
}

absl::Status GarbageCollector::CheckOwners(const ObjectId& id,
                                           const Json& object) {
  // An owner lives in the same namespace or in none.
  auto gone = [&](const std::string& uid) {
    ObjectId owner = table_.FindByUid(uid);
    return owner.type.plural.empty() ||
           (!owner.namespace_name.empty() &&
            owner.namespace_name != id.namespace_name);
  };
  std::vector<std::string> owners = OwnerUids(object);
  auto missing = std::count_if(owners.begin(), owners.end(), gone);
  if (missing == 0) return absl::OkStatus();
  if (missing == static_cast<std::ptrdiff_t>(owners.size())) {
    return store_
        .Delete(id.type, id.namespace_name, id.name, {.uid = UidOf(object)})
        .status();
  }
  return store_
      .Update(id.type, id.namespace_name, id.name,
              [&](Json& edited) {
                DropOwners(edited, gone);
                return absl::OkStatus();
              })
      .status();
}

absl::Status GarbageCollector::RemoveFinalizer(const ObjectId& id,
                                               absl::string_view finalizer) {
  return store_
      .Update(id.type, id.namespace_name, id.name,
              [&](Json& object) {
                Json kept = Json::array();
                for (const Json& one : object["metadata"]["finalizers"]) {
                  if (one != std::string(finalizer)) kept.push_back(one);
                }
                object["metadata"]["finalizers"] = std::move(kept);
                return absl::OkStatus();
              })
      .status();
}

}  // namespace howdah::local
