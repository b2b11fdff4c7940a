// The object store of the local plane in one SQLite file.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<SqliteObjectStore> store,
//                    SqliteObjectStore::Open({.path = "/data/objects.db"}));
//   store->Create({"", "namespaces"}, "", {{"metadata", {{"name", "a"}}}});
//
// Every write is one transaction over two tables, the objects and the log of
// changes; it is acknowledged after the commit. Reads come from a copy in
// memory. Resource versions grow by one with each change, over restarts too.
#ifndef HOWDAH_BACKEND_LOCAL_STORE_SQLITE_OBJECT_STORE_H_
#define HOWDAH_BACKEND_LOCAL_STORE_SQLITE_OBJECT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/local/object_store.h"

namespace howdah::local {

struct SqliteObjectStoreOptions {
  std::string path;
  // Changes that a watch can resume from; older ones are OUT_OF_RANGE.
  int64_t change_log_size = 5000;
  // Largest size of the file in pages of 4 KiB; 0 for what the disk holds.
  int64_t max_pages = 0;
  std::function<absl::Time()> clock = &absl::Now;
};

// Threads: safe; callbacks of subscribers and the garbage collector run on two
// threads of the store. Owns: the file (locked), the threads.
// Limits: all objects fit into memory.
class SqliteObjectStore : public ObjectStore {
 public:
  // FAILED_PRECONDITION if another process has the file open.
  static absl::StatusOr<std::unique_ptr<SqliteObjectStore>> Open(
      SqliteObjectStoreOptions options);
  ~SqliteObjectStore() override;

  absl::StatusOr<Json> Get(const ResourceType& type,
                           absl::string_view namespace_name,
                           absl::string_view name) override;
  absl::StatusOr<Listing> List(const ResourceType& type,
                               absl::string_view namespace_name) override;
  absl::StatusOr<Json> Create(const ResourceType& type,
                              absl::string_view namespace_name,
                              Json object) override;
  absl::StatusOr<Json> Update(
      const ResourceType& type, absl::string_view namespace_name,
      absl::string_view name,
      const std::function<absl::Status(Json& object)>& edit) override;
  absl::StatusOr<Json> Delete(const ResourceType& type,
                              absl::string_view namespace_name,
                              absl::string_view name,
                              const Expected& expected) override;
  absl::StatusOr<int64_t> Subscribe(
      uint64_t after, std::function<void(const Change&)> on_change) override;
  void Unsubscribe(int64_t id) override;
  uint64_t resource_version() const override;

 private:
  class Impl;
  explicit SqliteObjectStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STORE_SQLITE_OBJECT_STORE_H_
