#include "backend/local/store/sqlite_object_store.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/local/store/change_feed.h"
#include "backend/local/store/garbage_collector.h"
#include "backend/local/store/object_rules.h"
#include "backend/local/store/object_table.h"
#include "backend/local/store/sqlite_database.h"
#include "backend/local/store/store_errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr char kSchema[] = R"sql(
  CREATE TABLE IF NOT EXISTS objects (
    api_group TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL,
    name TEXT NOT NULL, object TEXT NOT NULL,
    PRIMARY KEY (api_group, plural, namespace, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (
    version INTEGER PRIMARY KEY, type INTEGER NOT NULL,
    api_group TEXT NOT NULL, plural TEXT NOT NULL, object TEXT NOT NULL);
)sql";

std::string Dump(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Json> Parse(absl::string_view text) {
  Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (object.is_discarded() || !object.is_object()) {
    return absl::DataLossError("The object store holds text that is not JSON");
  }
  return object;
}

struct Statements {
  Statement put;
  Statement remove;
  Statement log;
  Statement trim;
  Statement changes_after;
  Statement log_bounds;
};

absl::StatusOr<Statements> PrepareAll(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(Statement put,
                   database.Prepare("INSERT OR REPLACE INTO objects "
                                    "VALUES (?1, ?2, ?3, ?4, ?5)"));
  ASSIGN_OR_RETURN(
      Statement remove,
      database.Prepare("DELETE FROM objects WHERE api_group=?1 AND plural=?2 "
                       "AND namespace=?3 AND name=?4"));
  ASSIGN_OR_RETURN(
      Statement log,
      database.Prepare("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5)"));
  ASSIGN_OR_RETURN(Statement trim,
                   database.Prepare("DELETE FROM changes WHERE version<=?1"));
  ASSIGN_OR_RETURN(
      Statement changes_after,
      database.Prepare("SELECT version, type, api_group, plural, object "
                       "FROM changes WHERE version>?1 ORDER BY version"));
  ASSIGN_OR_RETURN(Statement log_bounds,
                   database.Prepare("SELECT ifnull(min(version), 1), "
                                    "ifnull(max(version), 0) FROM changes"));
  return Statements{std::move(put),           std::move(remove),
                    std::move(log),           std::move(trim),
                    std::move(changes_after), std::move(log_bounds)};
}

}  // namespace

class SqliteObjectStore::Impl {
 public:
  Impl(SqliteObjectStoreOptions options,
       std::unique_ptr<SqliteDatabase> database, Statements statements)
      : options_(std::move(options)),
        database_(std::move(database)),
        statements_(std::move(statements)) {}

  absl::Status Load();

  absl::StatusOr<Json> Create(const ObjectId& id, Json object);
  absl::StatusOr<Json> Update(
      const ObjectId& id,
      const std::function<absl::Status(Json& object)>& edit);
  absl::StatusOr<Json> Delete(const ObjectId& id, const Expected& expected);
  absl::StatusOr<int64_t> Subscribe(uint64_t after,
                                    ChangeFeed::Callback on_change);

  const std::function<absl::Time()>& clock() const { return options_.clock; }
  ObjectTable& table() { return table_; }
  ChangeFeed& feed() { return feed_; }
  std::optional<GarbageCollector>& collector() { return collector_; }

 private:
  // Commits one change, then shows it to readers and subscribers.
  absl::StatusOr<Json> Commit(Change::Type type, const ObjectId& id,
                              Json object);
  absl::Status WriteToFile(const Change& change, const ObjectId& id);
  absl::StatusOr<std::vector<Change>> ChangesAfter(uint64_t after);

  const SqliteObjectStoreOptions options_;
  ObjectTable table_;
  ChangeFeed feed_;

  // Held through each write, so that changes have one order everywhere.
  std::mutex write_mutex_;
  std::unique_ptr<SqliteDatabase> database_;
  Statements statements_;
  uint64_t log_floor_ = 0;  // changes after this version are in the log

  std::optional<GarbageCollector> collector_;
};

absl::Status SqliteObjectStore::Impl::Load() {
  ASSIGN_OR_RETURN(bool bounds, statements_.log_bounds.Step());
  if (!bounds) return absl::InternalError("SQLite gave no aggregate row");
  log_floor_ = static_cast<uint64_t>(statements_.log_bounds.Integer(0)) - 1;
  auto version = static_cast<uint64_t>(statements_.log_bounds.Integer(1));
  RETURN_IF_ERROR(statements_.log_bounds.Run());

  ASSIGN_OR_RETURN(
      Statement all,
      database_->Prepare("SELECT api_group, plural, namespace, name, object "
                         "FROM objects"));
  while (true) {
    ASSIGN_OR_RETURN(bool row, all.Step());
    if (!row) break;
    ASSIGN_OR_RETURN(Json object, Parse(all.Text(4)));
    ObjectId id{{std::string(all.Text(0)), std::string(all.Text(1))},
                std::string(all.Text(2)),
                std::string(all.Text(3))};
    table_.Put(id, std::make_shared<const Json>(std::move(object)), version);
  }
  table_.set_version(version);
  return absl::OkStatus();
}

absl::StatusOr<Json> SqliteObjectStore::Impl::Create(const ObjectId& id,
                                                     Json object) {
  if (id.name.empty()) {
    return absl::InvalidArgumentError("metadata.name: Required value");
  }
  std::lock_guard lock(write_mutex_);
  if (table_.Get(id) != nullptr) return ObjectExists(id.type, id.name);
  return Commit(Change::Type::kAdded, id,
                NewObject(id.type, id.namespace_name, std::move(object),
                          options_.clock()));
}

absl::StatusOr<Json> SqliteObjectStore::Impl::Update(
    const ObjectId& id, const std::function<absl::Status(Json& object)>& edit) {
  std::lock_guard lock(write_mutex_);
  std::shared_ptr<const Json> before = table_.Get(id);
  if (before == nullptr) return ObjectNotFound(id.type, id.name);
  Json edited = *before;
  RETURN_IF_ERROR(edit(edited));
  Json next = NextObject(id.type, *before, std::move(edited));
  if (IsTerminating(next) && !HasFinalizers(id.type, next)) {
    return Commit(Change::Type::kDeleted, id, std::move(next));
  }
  if (next == *before) return next;
  return Commit(Change::Type::kModified, id, std::move(next));
}

absl::StatusOr<Json> SqliteObjectStore::Impl::Delete(const ObjectId& id,
                                                     const Expected& expected) {
  std::lock_guard lock(write_mutex_);
  std::shared_ptr<const Json> before = table_.Get(id);
  if (before == nullptr) return ObjectNotFound(id.type, id.name);
  if (!expected.uid.empty() && expected.uid != UidOf(*before)) {
    return PreconditionDiffers(id.type, id.name, "UID", expected.uid,
                               UidOf(*before));
  }
  std::string version = TextAt(*before, "metadata", "resourceVersion");
  if (!expected.resource_version.empty() &&
      expected.resource_version != version) {
    return PreconditionDiffers(id.type, id.name, "ResourceVersion",
                               expected.resource_version, version);
  }
  if (!HasFinalizers(id.type, *before)) {
    return Commit(Change::Type::kDeleted, id, *before);
  }
  if (IsTerminating(*before)) return *before;
  return Commit(Change::Type::kModified, id,
                MarkDeleted(*before, options_.clock()));
}

absl::StatusOr<Json> SqliteObjectStore::Impl::Commit(Change::Type type,
                                                     const ObjectId& id,
                                                     Json object) {
  uint64_t version = table_.version() + 1;
  SetResourceVersion(object, version);
  auto change = std::make_shared<const Change>(
      Change{type, id.type, version, std::move(object)});
  absl::Status written = WriteToFile(*change, id);
  if (!written.ok()) {
    database_->Rollback();
    return written;
  }
  // The object lives in the change; readers share it.
  std::shared_ptr<const Json> shared(change, &change->object);
  if (type == Change::Type::kDeleted) {
    table_.Remove(id, version);
  } else {
    table_.Put(id, shared, version);
  }
  feed_.Publish(change);
  return *shared;
}

absl::Status SqliteObjectStore::Impl::WriteToFile(const Change& change,
                                                  const ObjectId& id) {
  std::string text = Dump(change.object);
  auto version = static_cast<int64_t>(change.resource_version);
  RETURN_IF_ERROR(database_->Execute("BEGIN IMMEDIATE"));
  if (change.type == Change::Type::kDeleted) {
    RETURN_IF_ERROR(statements_.remove.Bind(1, id.type.group)
                        .Bind(2, id.type.plural)
                        .Bind(3, id.namespace_name)
                        .Bind(4, id.name)
                        .Run());
  } else {
    RETURN_IF_ERROR(statements_.put.Bind(1, id.type.group)
                        .Bind(2, id.type.plural)
                        .Bind(3, id.namespace_name)
                        .Bind(4, id.name)
                        .Bind(5, text)
                        .Run());
  }
  RETURN_IF_ERROR(statements_.log.Bind(1, version)
                      .Bind(2, static_cast<int64_t>(change.type))
                      .Bind(3, id.type.group)
                      .Bind(4, id.type.plural)
                      .Bind(5, text)
                      .Run());
  int64_t floor = version - options_.change_log_size;
  if (floor > 0) RETURN_IF_ERROR(statements_.trim.Bind(1, floor).Run());
  RETURN_IF_ERROR(database_->Execute("COMMIT"));
  if (floor > static_cast<int64_t>(log_floor_)) {
    log_floor_ = static_cast<uint64_t>(floor);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Change>> SqliteObjectStore::Impl::ChangesAfter(
    uint64_t after) {
  std::vector<Change> changes;
  Statement& select = statements_.changes_after;
  select.Bind(1, static_cast<int64_t>(after));
  while (true) {
    ASSIGN_OR_RETURN(bool row, select.Step());
    if (!row) return changes;
    absl::StatusOr<Json> object = Parse(select.Text(4));
    if (!object.ok()) {
      select.Run().IgnoreError();
      return object.status();
    }
    changes.push_back(
        {static_cast<Change::Type>(select.Integer(1)),
         {std::string(select.Text(2)), std::string(select.Text(3))},
         static_cast<uint64_t>(select.Integer(0)),
         *std::move(object)});
  }
}

absl::StatusOr<int64_t> SqliteObjectStore::Impl::Subscribe(
    uint64_t after, ChangeFeed::Callback on_change) {
  std::lock_guard lock(write_mutex_);
  uint64_t now = table_.version();
  if (after > now) return VersionFromTheFuture(after, now);
  if (after < log_floor_) return VersionTooOld(after, log_floor_);
  std::vector<Change> backlog;
  if (after < now) {
    ASSIGN_OR_RETURN(backlog, ChangesAfter(after));
  }
  return feed_.Add(now, std::move(backlog), std::move(on_change));
}

SqliteObjectStore::SqliteObjectStore(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

SqliteObjectStore::~SqliteObjectStore() { impl_->collector().reset(); }

absl::StatusOr<std::unique_ptr<SqliteObjectStore>> SqliteObjectStore::Open(
    SqliteObjectStoreOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                   SqliteDatabase::Open(options.path));
  RETURN_IF_ERROR(database->Execute(kSchema));
  if (options.max_pages > 0) {
    RETURN_IF_ERROR(database->Execute(
        absl::StrCat("PRAGMA max_page_count=", options.max_pages).c_str()));
  }
  ASSIGN_OR_RETURN(Statements statements, PrepareAll(*database));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(database),
                                     std::move(statements));
  RETURN_IF_ERROR(impl->Load());
  std::unique_ptr<SqliteObjectStore> store(
      new SqliteObjectStore(std::move(impl)));
  auto& collector = store->impl_->collector();
  collector.emplace(*store, store->impl_->table(), store->impl_->clock());
  RETURN_IF_ERROR(collector->Start());
  return store;
}

absl::StatusOr<Json> SqliteObjectStore::Get(const ResourceType& type,
                                            absl::string_view namespace_name,
                                            absl::string_view name) {
  std::shared_ptr<const Json> object = impl_->table().Get(
      {type, std::string(namespace_name), std::string(name)});
  if (object == nullptr) return ObjectNotFound(type, name);
  return *object;
}

absl::StatusOr<ObjectStore::Listing> SqliteObjectStore::List(
    const ResourceType& type, absl::string_view namespace_name) {
  auto [items, version] = impl_->table().List(type, namespace_name);
  Listing listing;
  listing.resource_version = version;
  listing.items.reserve(items.size());
  for (const auto& item : items) listing.items.push_back(*item);
  return listing;
}

absl::StatusOr<Json> SqliteObjectStore::Create(const ResourceType& type,
                                               absl::string_view namespace_name,
                                               Json object) {
  std::string name = NameOf(object);
  return impl_->Create({type, std::string(namespace_name), std::move(name)},
                       std::move(object));
}

absl::StatusOr<Json> SqliteObjectStore::Update(
    const ResourceType& type, absl::string_view namespace_name,
    absl::string_view name,
    const std::function<absl::Status(Json& object)>& edit) {
  return impl_->Update({type, std::string(namespace_name), std::string(name)},
                       edit);
}

absl::StatusOr<Json> SqliteObjectStore::Delete(const ResourceType& type,
                                               absl::string_view namespace_name,
                                               absl::string_view name,
                                               const Expected& expected) {
  return impl_->Delete({type, std::string(namespace_name), std::string(name)},
                       expected);
}

absl::StatusOr<int64_t> SqliteObjectStore::Subscribe(
    uint64_t after, std::function<void(const Change&)> on_change) {
  return impl_->Subscribe(after, std::move(on_change));
}

void SqliteObjectStore::Unsubscribe(int64_t id) { impl_->feed().Remove(id); }

uint64_t SqliteObjectStore::resource_version() const {
  return impl_->table().version();
}

}  // namespace howdah::local
