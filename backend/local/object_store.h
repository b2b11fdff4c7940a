// All Kubernetes objects of the local plane, with Kubernetes semantics: one
// growing resourceVersion, optimistic concurrency, finalizers, owner
// references, watches. Kept in SQLite; what was acknowledged survives kill -9.
//
//   ASSIGN_OR_RETURN(Json secret, store.Create({"", "secrets"}, "default",
//   object)); store.Update({"postgresql.cnpg.io", "clusters"}, "default",
//   "demo",
//                [](Json& cluster) { cluster["status"]["phase"] = "..."; return
//                absl::OkStatus(); });
//
// The HTTP API (api/) and the controllers (controllers/) meet here and nowhere
// else: an effect of a controller is always visible to kubectl.
#ifndef HOWDAH_BACKEND_LOCAL_OBJECT_STORE_H_
#define HOWDAH_BACKEND_LOCAL_OBJECT_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

using Json = nlohmann::json;

// A resource type of the store, for example {"postgresql.cnpg.io", "clusters"}.
struct ResourceType {
  std::string group;
  std::string plural;
  bool operator==(const ResourceType&) const = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const ResourceType&) const = default;
};

// One change, in the order of resource versions.
struct Change {
  enum class Type { kAdded, kModified, kDeleted };
  Type type;
  ResourceType resource;
  uint64_t resource_version;
  // The object after the change; for kDeleted its last state.
  Json object;
};

// What an object must be to be changed; empty for anything.
struct Expected {
  std::string uid = {};
  std::string resource_version = {};
};

// Threads: safe. Owns: the SQLite file. Limits: one process per file (locked).
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // NOT_FOUND if missing.
  virtual absl::StatusOr<Json> Get(const ResourceType& type,
                                   absl::string_view namespace_name,
                                   absl::string_view name) = 0;

  struct Listing {
    std::vector<Json> items;  // in (namespace, name) order
    uint64_t resource_version;
  };
  // All objects of the type; an empty namespace means all.
  virtual absl::StatusOr<Listing> List(const ResourceType& type,
                                       absl::string_view namespace_name) = 0;

  // Stores a new object. Sets uid, creationTimestamp, resourceVersion and
  // generation 1. ALREADY_EXISTS if it exists. RESOURCE_EXHAUSTED when the disk
  // is full; nothing is changed then.
  virtual absl::StatusOr<Json> Create(const ResourceType& type,
                                      absl::string_view namespace_name,
                                      Json object) = 0;

  // Reads, lets `edit` change the object, and writes it back, atomically.
  // `edit` may refuse with an error, which is returned and changes nothing. An
  // unchanged object is not written and makes no event. `generation` grows when
  // anything outside metadata and status changes. An object whose deletion is
  // under way is removed when its last finalizer goes.
  virtual absl::StatusOr<Json> Update(
      const ResourceType& type, absl::string_view namespace_name,
      absl::string_view name,
      const std::function<absl::Status(Json& object)>& edit) = 0;

  // Removes the object or, if it has finalizers, sets deletionTimestamp.
  // Objects that name it as their controller owner go too, in the background.
  // ABORTED if it is not as expected.
  virtual absl::StatusOr<Json> Delete(const ResourceType& type,
                                      absl::string_view namespace_name,
                                      absl::string_view name,
                                      const Expected& expected) = 0;

  // Calls `on_change` for every change after `after`, in order, on the thread
  // that makes the change or a thread of the store, never concurrently for one
  // subscription; it must not block nor call the store. OUT_OF_RANGE if changes
  // after `after` are no longer known. Returns an id for Unsubscribe, which
  // returns when no callback runs any more.
  virtual absl::StatusOr<int64_t> Subscribe(
      uint64_t after, std::function<void(const Change&)> on_change) = 0;
  virtual void Unsubscribe(int64_t id) = 0;

  virtual uint64_t resource_version() const = 0;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_OBJECT_STORE_H_
