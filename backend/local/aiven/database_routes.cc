// Users, databases and connection pools of a service. Those of PostgreSQL
// services are made in the server behind it.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/representation.h"
#include "backend/local/aiven/world.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

constexpr int64_t kMaxDatabasesPage = 250;

template <typename T>
T* Named(std::vector<T>& all, const std::string& name) {
  auto it = std::find_if(all.begin(), all.end(),
                         [&](const T& one) { return one.name == name; });
  return it == all.end() ? nullptr : &*it;
}

// Changes the record under the lock, then the server behind it.
template <typename Change>
absl::Status Apply(World& world, const Call& call, const Change& change) {
  Service changed;
  {
    absl::MutexLock lock(&world.mutex);
    ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
    RETURN_IF_ERROR(change(*service));
    changed = *service;
  }
  return world.databases->Update(changed);
}

std::string PasswordOf(const World& world, const Service& service,
                       const std::string& user, absl::Time now) {
  return MakePassword(
      world.secret, absl::StrCat(service.project, "/", service.name, "/", user,
                                 "/", absl::ToUnixNanos(now)));
}

// --- users ---

absl::StatusOr<Json> GetUser(World& world, const Call& call) {
  auto flag = call.query.find("include_secrets");
  bool with_secret = flag != call.query.end() && flag->second == "true";
  if (with_secret) {
    RETURN_IF_ERROR(call.caller.Require(Permission::kSecretsRead));
  }
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  ServiceUser* user = Named(service->users, call.path.at("user"));
  if (user == nullptr) return NotFound("Service user");
  return Json{{"user", UserJson(*user, with_secret)}};
}

absl::StatusOr<Json> CreateUser(World& world, const Call& call) {
  RETURN_IF_ERROR(
      CheckFields(call.body, {{"username", FieldType::kText, true},
                              {"authentication"},
                              {"access_control", FieldType::kObject}}));
  ServiceUser user;
  user.name = call.body["username"];
  user.password_updated = call.now;
  if (user.name.empty() || user.name.size() > 64) {
    return InvalidInput("'username' has 1 to 64 characters");
  }
  RETURN_IF_ERROR(Apply(world, call, [&](Service& service) -> absl::Status {
    if (Named(service.users, user.name) != nullptr) {
      return AlreadyExists("Service user");
    }
    user.password = PasswordOf(world, service, user.name, call.now);
    service.users.push_back(user);
    return absl::OkStatus();
  }));
  return Json{{"user", UserJson(user, true)}};
}

absl::StatusOr<Json> ResetUser(World& world, const Call& call) {
  RETURN_IF_ERROR(
      CheckFields(call.body, {{"operation"},
                              {"new_password"},
                              {"access_control", FieldType::kObject}}));
  std::string operation = call.body.value("operation", "reset-credentials");
  std::string given = call.body.value("new_password", "");
  if (operation != "reset-credentials") {
    return InvalidInput(
        absl::StrCat("the sandbox has no operation '", operation, "'"));
  }
  if (!given.empty() && (given.size() < 8 || given.size() > 256)) {
    return InvalidInput("'new_password' has 8 to 256 characters");
  }
  RETURN_IF_ERROR(Apply(world, call, [&](Service& service) -> absl::Status {
    ServiceUser* user = Named(service.users, call.path.at("user"));
    if (user == nullptr) return NotFound("Service user");
    user->password = !given.empty()
                         ? given
                         : PasswordOf(world, service, user->name, call.now);
    user->password_updated = call.now;
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindService(world, call));
  return Json{
      {"service", ServiceJson(*service, world.fleet, {call.now, false})}};
}

absl::StatusOr<Json> DeleteUser(World& world, const Call& call) {
  RETURN_IF_ERROR(Apply(world, call, [&](Service& service) -> absl::Status {
    ServiceUser* user = Named(service.users, call.path.at("user"));
    if (user == nullptr) return NotFound("Service user");
    if (user->is_primary) {
      return ApiError(403, "The primary user cannot be deleted");  // unverified
    }
    service.users.erase(service.users.begin() + (user - service.users.data()));
    return absl::OkStatus();
  }));
  return Json{{"message", "deleted"}};
}

// --- databases ---

absl::StatusOr<Json> ListDatabases(World& world, const Call& call) {
  int64_t limit = kMaxDatabasesPage;
  if (auto it = call.query.find("maxItems"); it != call.query.end()) {
    if (!absl::SimpleAtoi(it->second, &limit) || limit < 1) {
      return InvalidInput("'maxItems' is not a positive number");
    }
    if (limit > kMaxDatabasesPage) {
      return ApiError(400,
                      "Invalid value for limit parameter: maximum allowed "
                      "value is 250");
    }
  }
  auto after = call.query.find("after");
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
  std::vector<std::string> names = service->databases;
  std::sort(names.begin(), names.end());
  Json answer = {{"databases", Json::array()}};
  for (const std::string& name : names) {
    if (after != call.query.end() && name <= after->second) continue;
    if (static_cast<int64_t>(answer["databases"].size()) == limit) {
      answer["next"] = answer["databases"].back()["database_name"];
      break;
    }
    answer["databases"].push_back({{"database_name", name},
                                   {"quoted_database_name", name},
                                   {"lc_collate", "en_US.UTF-8"},
                                   {"lc_ctype", "en_US.UTF-8"}});
  }
  return answer;
}

absl::StatusOr<Json> CreateDatabase(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckFields(
      call.body,
      {{"database", FieldType::kText, true}, {"lc_collate"}, {"lc_ctype"}}));
  std::string name = call.body["database"];
  if (name.empty() || name.size() > 40) {
    return InvalidInput("'database' has 1 to 40 characters");
  }
  RETURN_IF_ERROR(Apply(world, call, [&](Service& service) -> absl::Status {
    std::vector<std::string>& all = service.databases;
    if (std::find(all.begin(), all.end(), name) != all.end()) {
      return AlreadyExists("Database");
    }
    all.push_back(name);
    return absl::OkStatus();
  }));
  return Json{{"message", "created"}};
}

absl::StatusOr<Json> DeleteDatabase(World& world, const Call& call) {
  RETURN_IF_ERROR(Apply(world, call, [&](Service& service) -> absl::Status {
    std::vector<std::string>& all = service.databases;
    auto it = std::find(all.begin(), all.end(), call.path.at("database"));
    if (it == all.end()) return NotFound("Database");
    all.erase(it);
    return absl::OkStatus();
  }));
  return Json{{"message", "deleted"}};
}

// --- pools ---

absl::Status FillPool(const Call& call, const Service& service,
                      ConnectionPool& pool) {
  pool.database = call.body.value("database", pool.database);
  pool.mode = call.body.value("pool_mode", pool.mode);
  pool.size = call.body.value("pool_size", pool.size);
  pool.username = call.body.value("username", pool.username);
  if (pool.mode != "session" && pool.mode != "transaction" &&
      pool.mode != "statement") {
    return InvalidInput(absl::StrCat("'", pool.mode, "' is no pool mode"));
  }
  if (pool.size < 1 || pool.size > 10000) {
    return InvalidInput("'pool_size' is from 1 to 10000");
  }
  const std::vector<std::string>& databases = service.databases;
  if (std::find(databases.begin(), databases.end(), pool.database) ==
      databases.end()) {
    return NotFound("Database");
  }
  bool known = std::any_of(
      service.users.begin(), service.users.end(),
      [&](const ServiceUser& user) { return user.name == pool.username; });
  if (!known) {
    return ApiError(403, absl::StrCat("Service database username ",
                                      pool.username, " does not exist"));
  }
  return absl::OkStatus();
}

absl::Status CheckPool(const Call& call, bool is_new) {
  return is_new ? CheckFields(call.body, {{"pool_name", FieldType::kText, true},
                                          {"database", FieldType::kText, true},
                                          {"pool_mode"},
                                          {"pool_size", FieldType::kInteger},
                                          {"username"}})
                : CheckFields(call.body, {{"database"},
                                          {"pool_mode"},
                                          {"pool_size", FieldType::kInteger},
                                          {"username"}});
}

absl::StatusOr<Json> CreatePool(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckPool(call, true));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
  if (service->type != "pg" || service->plan == "hobbyist" ||
      service->plan.rfind("free-", 0) == 0) {
    return PlanHasNoPools();
  }
  ConnectionPool pool;
  pool.name = call.body["pool_name"];
  pool.username = service->users.front().name;
  if (Named(service->pools, pool.name) != nullptr) {
    return AlreadyExists("Connection pool");
  }
  RETURN_IF_ERROR(FillPool(call, *service, pool));
  service->pools.push_back(std::move(pool));
  return Json{{"message", "created"}};
}

absl::StatusOr<Json> UpdatePool(World& world, const Call& call) {
  RETURN_IF_ERROR(CheckPool(call, false));
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
  ConnectionPool* pool = Named(service->pools, call.path.at("pool"));
  if (pool == nullptr) return NotFound("Connection pool");
  ConnectionPool changed = *pool;
  RETURN_IF_ERROR(FillPool(call, *service, changed));
  *pool = std::move(changed);
  return Json{{"message", "updated"}};
}

absl::StatusOr<Json> DeletePool(World& world, const Call& call) {
  absl::MutexLock lock(&world.mutex);
  ASSIGN_OR_RETURN(Service * service, FindPoweredService(world, call));
  ConnectionPool* pool = Named(service->pools, call.path.at("pool"));
  if (pool == nullptr) return NotFound("Connection pool");
  service->pools.erase(service->pools.begin() + (pool - service->pools.data()));
  return Json{{"message", "deleted"}};
}

}  // namespace

std::vector<Route> DatabaseRoutes() {
  const std::string service = "/v1/project/{project}/service/{service}";
  constexpr Permission kRead = Permission::kServicesRead;
  constexpr Permission kUsers = Permission::kUsersWrite;
  constexpr Permission kData = Permission::kDataWrite;
  return {
      {"POST", service + "/user", kUsers, CreateUser},
      {"GET", service + "/user/{user}", kRead, GetUser},
      {"PUT", service + "/user/{user}", kUsers, ResetUser},
      {"PUT", service + "/user/{user}/credentials/reset", kUsers, ResetUser},
      {"DELETE", service + "/user/{user}", kUsers, DeleteUser},
      {"GET", service + "/db", kRead, ListDatabases},
      {"POST", service + "/db", kData, CreateDatabase},
      {"DELETE", service + "/db/{database}", kData, DeleteDatabase},
      {"POST", service + "/connection_pool", kData, CreatePool},
      {"PUT", service + "/connection_pool/{pool}", kData, UpdatePool},
      {"DELETE", service + "/connection_pool/{pool}", kData, DeletePool},
  };
}

}  // namespace howdah::local::aiven
