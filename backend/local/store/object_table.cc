#include "backend/local/store/object_table.h"

#include <mutex>

#include "backend/local/store/object_rules.h"

namespace howdah::local {

std::shared_ptr<const Json> ObjectTable::Get(const ObjectId& id) const {
  std::shared_lock lock(mutex_);
  auto objects = types_.find(id.type);
  if (objects == types_.end()) return nullptr;
  auto found = objects->second.find({id.namespace_name, id.name});
  return found == objects->second.end() ? nullptr : found->second;
}

std::pair<std::vector<std::shared_ptr<const Json>>, uint64_t> ObjectTable::List(
    const ResourceType& type, absl::string_view namespace_name) const {
  std::vector<std::shared_ptr<const Json>> items;
  std::shared_lock lock(mutex_);
  auto objects = types_.find(type);
  if (objects != types_.end()) {
    std::string wanted(namespace_name);
    for (auto at = objects->second.lower_bound({wanted, ""});
         at != objects->second.end(); ++at) {
      if (!wanted.empty() && at->first.first != wanted) break;
      items.push_back(at->second);
    }
  }
  return {std::move(items), version_};
}

void ObjectTable::Put(const ObjectId& id, std::shared_ptr<const Json> object,
                      uint64_t version) {
  std::unique_lock lock(mutex_);
  std::shared_ptr<const Json>& slot =
      types_[id.type][{id.namespace_name, id.name}];
  if (slot != nullptr) Forget(id, *slot);
  by_uid_[UidOf(*object)] = id;
  for (const std::string& owner : OwnerUids(*object)) {
    dependents_[owner].insert(id);
  }
  slot = std::move(object);
  version_ = version;
}

void ObjectTable::Remove(const ObjectId& id, uint64_t version) {
  std::unique_lock lock(mutex_);
  version_ = version;
  auto objects = types_.find(id.type);
  if (objects == types_.end()) return;
  auto found = objects->second.find({id.namespace_name, id.name});
  if (found == objects->second.end()) return;
  Forget(id, *found->second);
  objects->second.erase(found);
}

void ObjectTable::Forget(const ObjectId& id, const Json& object) {
  by_uid_.erase(UidOf(object));
  for (const std::string& owner : OwnerUids(object)) {
    auto found = dependents_.find(owner);
    if (found == dependents_.end()) continue;
    found->second.erase(id);
    if (found->second.empty()) dependents_.erase(found);
  }
}

void ObjectTable::set_version(uint64_t version) {
  std::unique_lock lock(mutex_);
  version_ = version;
}

uint64_t ObjectTable::version() const {
  std::shared_lock lock(mutex_);
  return version_;
}

ObjectId ObjectTable::FindByUid(const std::string& uid) const {
  std::shared_lock lock(mutex_);
  auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? ObjectId{} : found->second;
}

std::vector<ObjectId> ObjectTable::Dependents(const std::string& uid) const {
  std::shared_lock lock(mutex_);
  auto found = dependents_.find(uid);
  if (found == dependents_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<ObjectId> ObjectTable::Ids(absl::string_view namespace_name) const {
  std::vector<ObjectId> ids;
  std::shared_lock lock(mutex_);
  for (const auto& [type, objects] : types_) {
    for (const auto& [key, object] : objects) {
      if (namespace_name.empty() || key.first == namespace_name) {
        ids.push_back({type, key.first, key.second});
      }
    }
  }
  return ids;
}

}  // namespace howdah::local
