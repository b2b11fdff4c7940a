#include "backend/local/api/operator_store.h"

#include <utility>

#include "backend/local/api/field_managers.h"
#include "backend/local/api/resource_catalogue.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr char kManager[] = "manager";

const ResourceInfo* InfoOf(const ResourceType& type) {
  for (const ResourceInfo& info : AllResources()) {
    if (info.type == type) return &info;
  }
  return nullptr;
}

// The operator writes an object and its status one after the other.
void Track(const ResourceType& type, absl::Time now, Json before, Json& next) {
  const ResourceInfo* info = InfoOf(type);
  if (info == nullptr) return;
  TrackUpdate(WholeSchemaOf(*info), ManagerOf(*info, kManager, "", now), before,
              next);
  if (!info->has_status) return;
  const auto fields = next["metadata"].find("managedFields");
  if (fields != next["metadata"].end()) {
    before["metadata"]["managedFields"] = *fields;
  }
  TrackUpdate(WholeSchemaOf(*info), ManagerOf(*info, kManager, "status", now),
              before, next);
}

}  // namespace

absl::StatusOr<Json> OperatorStore::Get(const ResourceType& type,
                                        absl::string_view namespace_name,
                                        absl::string_view name) {
  return store_.Get(type, namespace_name, name);
}

absl::StatusOr<ObjectStore::Listing> OperatorStore::List(
    const ResourceType& type, absl::string_view namespace_name) {
  return store_.List(type, namespace_name);
}

absl::StatusOr<Json> OperatorStore::Create(const ResourceType& type,
                                           absl::string_view namespace_name,
                                           Json object) {
  Track(type, clock_(), Json::object(), object);
  return store_.Create(type, namespace_name, std::move(object));
}

absl::StatusOr<Json> OperatorStore::Update(
    const ResourceType& type, absl::string_view namespace_name,
    absl::string_view name,
    const std::function<absl::Status(Json& object)>& edit) {
  return store_.Update(type, namespace_name, name, [&](Json& object) {
    const Json before = object;
    RETURN_IF_ERROR(edit(object));
    if (object != before) Track(type, clock_(), before, object);
    return absl::OkStatus();
  });
}

absl::StatusOr<Json> OperatorStore::Delete(const ResourceType& type,
                                           absl::string_view namespace_name,
                                           absl::string_view name,
                                           const Expected& expected) {
  return store_.Delete(type, namespace_name, name, expected);
}

absl::StatusOr<int64_t> OperatorStore::Subscribe(
    uint64_t after, std::function<void(const Change&)> on_change) {
  return store_.Subscribe(after, std::move(on_change));
}

void OperatorStore::Unsubscribe(int64_t id) { store_.Unsubscribe(id); }

uint64_t OperatorStore::resource_version() const {
  return store_.resource_version();
}

}  // namespace howdah::local
