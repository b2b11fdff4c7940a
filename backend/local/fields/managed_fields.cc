#include "backend/local/fields/managed_fields.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/local/fields/typed_object.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

// More managers that update than these become one for the oldest.
constexpr size_t kMostUpdaters = 10;
constexpr char kAncient[] = "ancient-changes";
// Who had all of an object that nobody's fields were known of.
constexpr char kBeforeFirstApply[] = "before-first-apply";
// The one manager that takes over what client-side apply has set.
constexpr char kKubectl[] = "kubectl";
constexpr char kLastApplied[] =
    "kubectl.kubernetes.io/last-applied-configuration";

struct ManagerKey {
  bool applies = false;
  std::string name;
  std::string subresource;
  std::string api_version;  // empty if it applies: its version may change

  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const ManagerKey&) const = default;
};

struct Managed {
  std::string api_version;
  std::string time;  // RFC 3339; empty: not known
  FieldSet fields;
};

using AllManaged = std::map<ManagerKey, Managed>;

ManagerKey KeyOf(const FieldManager& by, bool applies) {
  return {applies, by.name.empty() ? "unknown" : by.name, by.subresource,
          applies ? "" : by.api_version};
}

const Json* EntriesOf(const Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return nullptr;
  const auto entries = metadata->find("managedFields");
  return entries == metadata->end() ? nullptr : &*entries;
}

// Empty if anything of it cannot be read.
AllManaged ReadEntries(const Json* entries) {
  AllManaged all;
  if (entries == nullptr || !entries->is_array()) return all;
  for (const Json& entry : *entries) {
    const std::string operation = entry.value("operation", "");
    if ((operation != "Apply" && operation != "Update") ||
        entry.value("fieldsType", "") != "FieldsV1") {
      return {};
    }
    const bool applies = operation == "Apply";
    const std::string version = entry.value("apiVersion", "");
    const ManagerKey key{applies, entry.value("manager", ""),
                         entry.value("subresource", ""),
                         applies ? "" : version};
    Managed& managed = all[key];
    managed.api_version = version;
    managed.time = entry.value("time", "");
    managed.fields =
        managed.fields.Union(FieldSet::Read(entry.value("fieldsV1", Json())));
  }
  return all;
}

// A client resets the list by an empty one, or by one empty entry.
bool IsReset(const Json* entries) {
  return entries != nullptr && entries->is_array() &&
         (entries->empty() ||
          (entries->size() == 1 && entries->front().empty()));
}

void WriteEntries(const AllManaged& all, Json& object) {
  using Order =
      std::tuple<bool, std::string, std::string, std::string, std::string>;
  std::vector<std::pair<Order, Json>> sorted;
  for (const auto& [key, managed] : all) {
    Json entry = {{"manager", key.name},
                  {"operation", key.applies ? "Apply" : "Update"},
                  {"apiVersion", managed.api_version},
                  {"fieldsType", "FieldsV1"},
                  {"fieldsV1", managed.fields.ToJson()}};
    if (!managed.time.empty()) entry["time"] = managed.time;
    if (!key.subresource.empty()) entry["subresource"] = key.subresource;
    sorted.emplace_back(Order{!key.applies, managed.time, key.name,
                              managed.api_version, key.subresource},
                        std::move(entry));
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Json entries = Json::array();
  for (auto& [order, entry] : sorted) entries.push_back(std::move(entry));
  if (entries.empty()) {
    object["metadata"].erase("managedFields");
  } else {
    object["metadata"]["managedFields"] = std::move(entries);
  }
}

Json WithoutEntries(Json object) {
  const auto metadata = object.find("metadata");
  if (metadata != object.end() && metadata->is_object()) {
    metadata->erase("managedFields");
  }
  return object;
}

// What Kubernetes sets, and nobody owns.
const FieldSet& SystemFields() {
  static const auto* const kFields = [] {
    auto* set = new FieldSet;
    set->Insert({"f:apiVersion"});
    set->Insert({"f:kind"});
    set->Insert({"f:metadata"});
    for (const char* field :
         {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
          "f:clusterName", "f:generation", "f:managedFields",
          "f:resourceVersion"}) {
      set->Insert({"f:metadata", field});
    }
    return set;
  }();
  return *kFields;
}

void DropEmptyManagers(AllManaged& all) {
  std::erase_if(all, [](const auto& one) { return one.second.fields.empty(); });
}

// `"kubectl" with subresource "status" using v1 at 2026-01-01T00:00:00Z`.
std::string ManagerText(const ManagerKey& key, const std::string& version) {
  std::string text = Json(key.name).dump();
  if (!key.subresource.empty()) {
    absl::StrAppend(&text, " with subresource ", Json(key.subresource).dump());
  }
  if (!key.applies) absl::StrAppend(&text, " using ", version);
  return text;
}

// What others have set and this change makes other than they had it.
std::vector<FieldConflict> ConflictsOf(const AllManaged& all,
                                       const TypedDifference& difference,
                                       const ManagerKey& self) {
  const FieldSet changed = difference.modified.Union(difference.added);
  std::vector<FieldConflict> conflicts;
  for (const auto& [key, managed] : all) {
    if (key == self) continue;
    for (FieldPath& path : managed.fields.Intersection(changed).Paths()) {
      conflicts.push_back(
          {ManagerText(key, managed.api_version), std::move(path)});
    }
  }
  return conflicts;
}

// What is changed by one is no longer the others'; what is gone, is nobody's.
void TakeFromOthers(const TypedDifference& difference, const ManagerKey& self,
                    AllManaged& all) {
  const FieldSet lost =
      difference.modified.Union(difference.added).Union(difference.removed);
  for (auto& [key, managed] : all) {
    if (key != self) managed.fields = managed.fields.Difference(lost);
  }
  DropEmptyManagers(all);
}

TypedDifference WithoutIgnored(TypedDifference difference,
                               const FieldSet& ignored) {
  if (ignored.empty()) return difference;
  return {difference.added.Without(ignored),
          difference.modified.Without(ignored),
          difference.removed.Without(ignored)};
}

void CapUpdaters(AllManaged& all) {
  std::vector<std::pair<std::string, ManagerKey>> updaters;
  for (const auto& [key, managed] : all) {
    if (!key.applies) updaters.emplace_back(managed.time, key);
  }
  if (updaters.size() <= kMostUpdaters) return;
  std::sort(updaters.begin(), updaters.end());
  // The bucket is one of those that may stay.
  size_t many = updaters.size();
  for (const auto& [time, key] : updaters) {
    const ManagerKey bucket{false, kAncient, "", key.api_version};
    if (many <= kMostUpdaters) break;
    if (key == bucket) continue;
    const bool is_new = !all.contains(bucket);
    Managed taken = std::move(all[key]);
    all.erase(key);
    Managed& ancient = all[bucket];
    ancient.api_version = taken.api_version;
    ancient.time = std::max(ancient.time, taken.time);
    ancient.fields = ancient.fields.Union(taken.fields);
    if (!is_new) --many;
  }
}

void Update(const Json& schema, const FieldManager& by, const Json& before,
            const Json& next, AllManaged& all) {
  const TypedDifference difference =
      WithoutIgnored(CompareTyped(schema, before, next), by.ignored);
  const ManagerKey self = KeyOf(by, /*applies=*/false);
  TakeFromOthers(difference, self, all);
  const FieldSet mine =
      difference.modified.Union(difference.added).Difference(SystemFields());
  const auto found = all.find(self);
  if (found != all.end()) {
    found->second.fields = found->second.fields.Difference(difference.removed);
  }
  if (!mine.empty()) {
    Managed& managed = all[self];
    managed.api_version = by.api_version;
    managed.time = KubernetesTime(by.now);
    managed.fields = managed.fields.Union(mine);
  }
  DropEmptyManagers(all);
  CapUpdaters(all);
}

// Takes away what the manager has applied before, does not now, and nobody else
// has.
Json Pruned(const Json& schema, const Json& merged, const AllManaged& all,
            const FieldSet& last) {
  if (last.empty()) return merged;
  const FieldSet named_last = WithNamedFields(schema, last);
  FieldSet owned;
  for (const auto& [key, managed] : all) owned = owned.Union(managed.fields);
  const FieldSet in_merged = WithNamedFields(schema, FieldsOf(schema, merged));
  const auto fields_of = [&](const Json& object) {
    return WithNamedFields(schema, FieldsOf(schema, object));
  };
  Json pruned = RemoveFields(schema, merged, named_last);
  // What others own comes back, with all that it stands in.
  pruned = RemoveFields(schema, merged,
                        in_merged.Difference(fields_of(pruned).Union(
                            WithNamedFields(schema, owned))));
  // And what was never this manager's.
  return RemoveFields(
      schema, merged,
      in_merged.Difference(fields_of(pruned)).Intersection(named_last));
}

// What of the object is still as client-side apply has set it; nothing if it
// has not.
std::optional<FieldSet> SetByClientSideApply(const Json& schema,
                                             const Json& object) {
  const Json& metadata = object.at("metadata");
  const Json annotations = metadata.value("annotations", Json::object());
  const std::string text = annotations.value(kLastApplied, "");
  const Json last = Json::parse(text, nullptr, false);
  if (!last.is_object() || !CheckTyped(schema, last).ok()) return std::nullopt;
  const TypedDifference difference = CompareTyped(schema, object, last);
  return FieldsOf(schema, last)
      .Difference(difference.modified)
      .Difference(difference.added)
      .Difference(difference.removed);
}

void AllowTakenOver(const Json& schema, const Json& before,
                    std::vector<FieldConflict>& conflicts) {
  // A new object has no conflicts, nor anything to look at.
  if (conflicts.empty()) return;
  const std::optional<FieldSet> allowed = SetByClientSideApply(schema, before);
  if (!allowed) return;
  std::erase_if(conflicts, [&](const FieldConflict& conflict) {
    FieldSet one;
    one.Insert(conflict.path);
    return !one.Intersection(*allowed).empty();
  });
}

// kubectl's annotation says what was applied, if there is one.
void RefreshLastApplied(const Json& config, Json& object) {
  Json& metadata = object["metadata"];
  const auto annotations = metadata.find("annotations");
  if (annotations == metadata.end() || !annotations->is_object() ||
      !annotations->contains(kLastApplied)) {
    return;
  }
  Json applied = config;
  if (applied["metadata"].contains("annotations")) {
    applied["metadata"]["annotations"].erase(kLastApplied);
  }
  (*annotations)[kLastApplied] = applied.dump() + "\n";
}

}  // namespace

std::string ManagerName(absl::string_view field_manager,
                        absl::string_view user_agent) {
  if (!field_manager.empty()) return std::string(field_manager);
  std::string name(user_agent.substr(0, user_agent.find('/')));
  if (name.size() > 128) name.resize(128);
  return name;
}

void TrackUpdate(const Json& schema, const FieldManager& by, const Json& before,
                 Json& next) {
  // A subresource does not reach them.
  const Json* given = by.subresource.empty() ? EntriesOf(next) : nullptr;
  AllManaged all = ReadEntries(given);
  // A client that knows nothing of them does not delete them.
  if (all.empty() && !IsReset(given)) all = ReadEntries(EntriesOf(before));
  next = WithoutEntries(std::move(next));
  // An object that nobody's fields are known of, stays one.
  if (all.empty() && !UidOf(before).empty()) return;
  Update(schema, by, WithoutEntries(before), next, all);
  WriteEntries(all, next);
}

absl::StatusOr<Applied> ApplyFields(const Json& schema, const FieldManager& by,
                                    const Json& before, const Json& config,
                                    bool force) {
  RETURN_IF_ERROR(CheckTyped(schema, config));
  AllManaged all = ReadEntries(EntriesOf(before));
  const Json live = WithoutEntries(before);
  const bool is_new = UidOf(before).empty();
  if (all.empty() && !is_new) {
    FieldManager earlier = by;
    earlier.name = kBeforeFirstApply;
    Update(schema, earlier, Json::object(), live, all);
  }
  const ManagerKey self = KeyOf(by, /*applies=*/true);
  const FieldSet last = all[self].fields;
  all[self].api_version = by.api_version;
  all[self].fields = FieldsOf(schema, config).Without(by.ignored);
  const Json merged =
      Pruned(schema, MergeTyped(schema, live, config), all, last);
  const TypedDifference difference =
      WithoutIgnored(CompareTyped(schema, live, merged), by.ignored);
  if (!force) {
    std::vector<FieldConflict> conflicts = ConflictsOf(all, difference, self);
    if (by.name == kKubectl) AllowTakenOver(schema, before, conflicts);
    if (!conflicts.empty()) return Applied{{}, std::move(conflicts)};
  }
  TakeFromOthers(difference, self, all);
  // Until here they are the configuration's: the name holds the metadata.
  Managed& mine = all[self];
  mine.fields = mine.fields.Difference(SystemFields());
  if (merged != live) mine.time = KubernetesTime(by.now);
  DropEmptyManagers(all);
  Json next = merged;
  if (by.name == kKubectl) RefreshLastApplied(config, next);
  WriteEntries(all, next);
  return Applied{std::move(next), {}};
}

}  // namespace howdah::local
