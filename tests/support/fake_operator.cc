#include "tests/support/fake_operator.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace howdah::testing {
namespace {

using Json = nlohmann::json;
using kubernetes::ObjectKey;

ObjectKey KeyOf(const Json& object) {
  return {object["metadata"]["namespace"], object["metadata"]["name"]};
}

Json At(const Json& object, const char* pointer) {
  return object.value(Json::json_pointer(pointer), Json());
}

std::string NameOf(const Json& role) { return role.value("name", ""); }

bool IsAbsent(const Json& role) {
  return role.value("ensure", "present") == "absent";
}

// What PostgreSQL keeps of a role.
Json AttributesOf(const Json& role) {
  Json attributes;
  for (const char* flag :
       {"login", "superuser", "createdb", "createrole", "replication"}) {
    attributes[flag] = role.value(flag, false);
  }
  attributes["inherit"] = role.value("inherit", true);
  return attributes;
}

}  // namespace

FakeOperator::FakeOperator(FakeControlPlane& plane) : plane_(plane) {
  thread_ = std::jthread([this](std::stop_token stop) { Loop(stop); });
  listener_ = plane_.Listen([this](const FakeControlPlane::Change&) {
    std::lock_guard lock(mutex_);
    dirty_ = true;
    wake_.notify_all();
  });
}

FakeOperator::~FakeOperator() {
  plane_.Unlisten(listener_);
  thread_.request_stop();
  thread_.join();
}

bool FakeOperator::HasRole(const std::string& cluster,
                           const std::string& role) {
  std::lock_guard lock(mutex_);
  return roles_.count({cluster, role}) > 0;
}

bool FakeOperator::HasDatabase(const std::string& cluster,
                               const std::string& database) {
  std::lock_guard lock(mutex_);
  return databases_.count({cluster, database}) > 0;
}

size_t FakeOperator::CountRoles(const std::string& cluster) {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [name, role] : roles_) count += name.first == cluster;
  return count;
}

Json FakeOperator::Role(const std::string& cluster, const std::string& role) {
  std::lock_guard lock(mutex_);
  auto it = roles_.find({cluster, role});
  return it == roles_.end() ? Json() : it->second;
}

void FakeOperator::OwnsObjects(const std::string& role, bool owns) {
  std::lock_guard lock(mutex_);
  owns ? (void)owners_.insert(role) : (void)owners_.erase(role);
  dirty_ = true;
  wake_.notify_all();
}

void FakeOperator::InUse(const std::string& database, bool in_use) {
  std::lock_guard lock(mutex_);
  in_use ? (void)in_use_.insert(database) : (void)in_use_.erase(database);
  dirty_ = true;
  wake_.notify_all();
}

void FakeOperator::Pause() {
  std::lock_guard lock(mutex_);
  paused_ = true;
}

void FakeOperator::Resume() {
  std::lock_guard lock(mutex_);
  paused_ = false;
  dirty_ = true;
  wake_.notify_all();
}

void FakeOperator::Loop(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [&] { return dirty_ && !paused_; });
      if (stop.stop_requested()) return;
      dirty_ = false;
    }
    Reconcile();
  }
}

void FakeOperator::Reconcile() {
  for (const Json& cluster : plane_.PeekAll("clusters")) {
    ReconcileCluster(cluster);
  }
  for (const Json& role : plane_.PeekAll("databaseroles")) {
    ReconcileDatabaseRole(role);
  }
  for (const Json& database : plane_.PeekAll("databases")) {
    ReconcileDatabase(database);
  }
}

void FakeOperator::ReconcileCluster(const Json& cluster) {
  ObjectKey key = KeyOf(cluster);
  int wanted = cluster["spec"].value("instances", 1);
  plane_.Edit("clusters", key, [&](Json& object) {
    Json& status = object["status"];
    status["phase"] = "Cluster in healthy state";
    status["instances"] = wanted;
    status["readyInstances"] = wanted;
    status["currentPrimary"] = absl::StrCat(key.name, "-1");
    status["targetPrimary"] = absl::StrCat(key.name, "-1");
  });
  ReconcileInlineRoles(key, cluster);
}

void FakeOperator::ReconcileInlineRoles(const ObjectKey& key,
                                        const Json& cluster) {
  Json roles = At(cluster, "/spec/managed/roles");
  if (!roles.is_array() || roles.empty()) return;
  Json reconciled = Json::array();
  Json pending = Json::array();
  for (const Json& role : roles) {
    (Differs(key.name, role) ? pending : reconciled).push_back(NameOf(role));
  }
  auto write = [&](const Json& done, const Json& waiting) {
    plane_.Edit("clusters", key, [&](Json& object) {
      Json by_status = Json::object();
      if (!done.empty()) by_status["reconciled"] = done;
      if (!waiting.empty()) by_status["pending-reconciliation"] = waiting;
      object["status"]["managedRolesStatus"]["byStatus"] = by_status;
    });
  };
  write(reconciled, pending);
  if (pending.empty()) return;

  Json failures = Json::object();
  Json passwords = Json::object();
  Json left = Json::array();
  for (const Json& role : roles) {
    std::string name = NameOf(role);
    if (Differs(key.name, role)) {
      std::string refusal = ApplyRole(key, role);
      if (!refusal.empty()) {
        failures[name] = {refusal};
        left.push_back(name);
        continue;
      }
      reconciled.push_back(name);
    }
    std::lock_guard lock(mutex_);
    auto it = roles_.find({key.name, name});
    if (it == roles_.end()) continue;
    passwords[name] = {{"resourceVersion", it->second["secret"]},
                       {"transactionID", it->second["transaction"]}};
  }
  plane_.Edit("clusters", key, [&](Json& object) {
    Json& status = object["status"]["managedRolesStatus"];
    // Passwords of roles that are gone stay in the status.
    for (const auto& [name, password] : passwords.items()) {
      status["passwordStatus"][name] = password;
    }
    status["cannotReconcile"] = failures;
  });
  write(reconciled, left);
}

std::string FakeOperator::SecretVersion(const ObjectKey& key,
                                        const Json& role) {
  Json name = At(role, "/passwordSecret/name");
  if (!name.is_string()) return "";
  std::optional<Json> secret =
      plane_.Peek("secrets", {key.namespace_name, name});
  return secret ? At(*secret, "/metadata/resourceVersion").get<std::string>()
                : "missing";
}

bool FakeOperator::Differs(const std::string& cluster, const Json& role) {
  std::string version = SecretVersion({"default", cluster}, role);
  std::lock_guard lock(mutex_);
  auto it = roles_.find({cluster, NameOf(role)});
  if (IsAbsent(role)) return it != roles_.end();
  return it == roles_.end() || it->second["attributes"] != AttributesOf(role) ||
         it->second["secret"] != version;
}

std::string FakeOperator::Drop(const Name& role) {
  if (roles_.count(role) == 0) return "";
  if (owners_.count(role.second) > 0) {
    return absl::StrCat("role \"", role.second,
                        "\" cannot be dropped because some objects depend on "
                        "it");
  }
  roles_.erase(role);
  return "";
}

std::string FakeOperator::ApplyRole(const ObjectKey& key, const Json& role) {
  std::string version = SecretVersion(key, role);
  std::lock_guard lock(mutex_);
  Name name{key.name, NameOf(role)};
  if (IsAbsent(role)) return Drop(name);
  if (version == "missing") return "the password Secret does not exist";
  roles_[name] = {{"attributes", AttributesOf(role)},
                  {"secret", version},
                  {"transaction", ++transaction_}};
  return "";
}

void FakeOperator::ReconcileDatabaseRole(const Json& object) {
  ObjectKey key = KeyOf(object);
  std::string cluster = At(object, "/spec/cluster/name");
  Name name{cluster, NameOf(object["spec"])};
  if (object["metadata"].contains("deletionTimestamp")) {
    std::string refusal;
    if (At(object, "/spec/databaseRoleReclaimPolicy") == "delete") {
      std::lock_guard lock(mutex_);
      refusal = Drop(name);
    }
    plane_.Edit("databaseroles", key, [&](Json& edited) {
      if (refusal.empty()) {
        edited["metadata"].erase("finalizers");
      } else {
        edited["status"]["applied"] = false;
        edited["status"]["message"] = refusal;
      }
    });
    return;
  }
  std::optional<Json> owner =
      plane_.Peek("clusters", {key.namespace_name, cluster});
  bool shadowed = false;
  if (owner) {
    const Json roles = At(*owner, "/spec/managed/roles");
    for (const Json& role : roles) {
      shadowed |= NameOf(role) == name.second;
    }
  }
  std::string refusal =
      shadowed ? "database role is already managed by the CNPG cluster"
      : Differs(cluster, object["spec"])
          ? ApplyRole({key.namespace_name, cluster}, object["spec"])
          : "";
  std::string version =
      SecretVersion({key.namespace_name, cluster}, object["spec"]);
  plane_.Edit("databaseroles", key, [&](Json& edited) {
    edited["metadata"]["finalizers"] = {"cnpg.io/deleteRole"};
    Json& status = edited["status"];
    status["applied"] = refusal.empty();
    if (!refusal.empty()) {
      status["message"] = refusal;
      return;
    }
    status.erase("message");
    status["observedGeneration"] = object["metadata"]["generation"];
    status["secretResourceVersion"] = version;
  });
}

void FakeOperator::ReconcileDatabase(const Json& object) {
  ObjectKey key = KeyOf(object);
  std::string cluster = At(object, "/spec/cluster/name");
  Name name{cluster, NameOf(object["spec"])};
  if (object["metadata"].contains("deletionTimestamp")) {
    std::string refusal;
    if (At(object, "/spec/databaseReclaimPolicy") == "delete") {
      std::lock_guard lock(mutex_);
      if (in_use_.count(name.second) > 0) {
        refusal = absl::StrCat("database \"", name.second,
                               "\" is being accessed by other users");
      } else {
        databases_.erase(name);
      }
    }
    plane_.Edit("databases", key, [&](Json& edited) {
      if (refusal.empty()) {
        edited["metadata"].erase("finalizers");
      } else {
        edited["status"]["message"] = refusal;
      }
    });
    return;
  }
  std::string owner = object["spec"].value("owner", "");
  bool known = owner == "app" || HasRole(cluster, owner);
  if (known) {
    std::lock_guard lock(mutex_);
    databases_.insert(name);
  }
  plane_.Edit("databases", key, [&](Json& edited) {
    edited["metadata"]["finalizers"] = {"cnpg.io/deleteDatabase"};
    Json& status = edited["status"];
    status["applied"] = known;
    if (known) {
      status.erase("message");
      status["observedGeneration"] = object["metadata"]["generation"];
    } else {
      status["message"] = absl::StrCat("role \"", owner, "\" does not exist");
    }
  });
}

}  // namespace howdah::testing
