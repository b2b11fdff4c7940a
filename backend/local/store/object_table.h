// The objects in memory: what reads see, and who owns whom.
//
//   table.Put(type, object);
//   std::shared_ptr<const Json> object = table.Get({type, "default", "demo"});
#ifndef HOWDAH_BACKEND_LOCAL_STORE_OBJECT_TABLE_H_
#define HOWDAH_BACKEND_LOCAL_STORE_OBJECT_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// Names one object of the store.
struct ObjectId {
  ResourceType type;
  std::string namespace_name;
  std::string name;
  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const ObjectId&) const = default;
};

// Threads: safe. Owns: its objects; readers share them.
class ObjectTable {
 public:
  // Null if missing.
  std::shared_ptr<const Json> Get(const ObjectId& id) const;

  // In (namespace, name) order, with the version of the newest change; an empty
  // namespace means all.
  std::pair<std::vector<std::shared_ptr<const Json>>, uint64_t> List(
      const ResourceType& type, absl::string_view namespace_name) const;

  // Replaces the object and moves the version on, in one step.
  void Put(const ObjectId& id, std::shared_ptr<const Json> object,
           uint64_t version);
  void Remove(const ObjectId& id, uint64_t version);

  void set_version(uint64_t version);
  uint64_t version() const;

  // The object with this uid; an empty plural if there is none.
  ObjectId FindByUid(const std::string& uid) const;
  // Objects that name this uid in their ownerReferences.
  std::vector<ObjectId> Dependents(const std::string& uid) const;
  // All objects of a namespace, or of all if it is empty.
  std::vector<ObjectId> Ids(absl::string_view namespace_name) const;

 private:
  using Key = std::pair<std::string, std::string>;
  using Objects = std::map<Key, std::shared_ptr<const Json>>;

  void Forget(const ObjectId& id, const Json& object);

  mutable std::shared_mutex mutex_;
  std::map<ResourceType, Objects> types_;
  std::unordered_map<std::string, ObjectId> by_uid_;
  std::unordered_map<std::string, std::set<ObjectId>> dependents_;
  uint64_t version_ = 0;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_OBJECT_TABLE_H_
