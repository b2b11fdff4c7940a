#include "backend/local/controllers/controller_manager.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "backend/local/controllers/applied_object.h"
#include "backend/local/controllers/cluster_controller.h"
#include "backend/local/controllers/cluster_logins.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/database.h"
#include "backend/local/controllers/database_role.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/event_recorder.h"
#include "backend/local/controllers/instance_host.h"
#include "backend/local/controllers/managed_roles.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/controllers/work_queue.h"
#include "backend/local/postgres/cluster_root.h"
#include "backend/local/postgres/errors.h"
#include "backend/local/postgres/os_user.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

constexpr int kWorkers = 3;
constexpr absl::Duration kNoPrimary = absl::Seconds(1);
constexpr absl::Duration kPruneEvery = absl::Minutes(10);

// Kinds of keys of the queue.
constexpr char kCluster[] = "cluster";
constexpr char kContents[] = "contents";
constexpr char kManagedRoles[] = "managed-roles";
constexpr char kLogins[] = "logins";
constexpr char kDatabaseRole[] = "database-role";
constexpr char kDatabase[] = "database";
constexpr char kSecret[] = "secret";
constexpr char kPrune[] = "prune";

void LogToStderr(absl::string_view level, absl::string_view message,
                 const Json& facts) {
  Json line = {{"time", MicroTimeText(absl::Now())},
               {"level", std::string(level)},
               {"message", std::string(message)}};
  for (const auto& [key, value] : facts.items()) line[key] = value;
  std::string text =
      line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string Key(absl::string_view kind, absl::string_view ns,
                absl::string_view name) {
  return absl::StrCat(kind, "/", ns, "/", name);
}

}  // namespace

class ControllerManager::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Create(
      ObjectStore& store, ControllerOptions options);

  absl::Status Start();
  void Stop();

 private:
  Impl(ObjectStore& store, ControllerOptions options,
       postgres::ClusterRoot root)
      : store_(store),
        options_(std::move(options)),
        root_(std::move(root)),
        events_(store, options_.now) {}

  void OnChange(const Change& change);
  absl::StatusOr<Again> Reconcile(const std::string& key);
  absl::StatusOr<Again> Dispatch(const std::string& kind, const std::string& ns,
                                 const std::string& name);
  void QueueAll();
  // What lies inside the databases of a cluster.
  void QueueContents(const std::string& ns, const std::string& cluster);
  void QueueUsersOf(const std::string& ns, const std::string& secret);

  ObjectStore& store_;
  const ControllerOptions options_;
  const postgres::ClusterRoot root_;
  EventRecorder events_;
  postgres::Forwarder forwarder_;
  postgres::PortAllocator ports_;
  std::unique_ptr<InstanceHost> host_;
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<ClusterController> clusters_;
  std::unique_ptr<ManagedRoles> managed_roles_;
  std::unique_ptr<ClusterLogins> logins_;
  std::unique_ptr<AppliedObject> database_roles_;
  std::unique_ptr<AppliedObject> databases_;
  // Last, so that its workers end before what they use. Null when not started.
  std::unique_ptr<WorkQueue> queue_;
  int64_t subscription_ = 0;
};

absl::StatusOr<std::unique_ptr<ControllerManager::Impl>>
ControllerManager::Impl::Create(ObjectStore& store, ControllerOptions options) {
  if (!options.now) options.now = absl::Now;
  if (!options.log) options.log = LogToStderr;
  std::error_code error;
  std::filesystem::create_directories(options.data_dir, error);
  // Without PostgreSQL there may be no such user, and nothing is ever run.
  absl::StatusOr<postgres::OsUser> user = postgres::ServerUser();
  if (!user.ok()) user = postgres::OwnUser();
  ASSIGN_OR_RETURN(postgres::ClusterRoot root,
                   postgres::PrepareClusterRoot(options.data_dir, *user));
  if (root.is_elsewhere) {
    options.log(
        "warning",
        absl::StrCat("the user ", user->name,
                     ", who runs PostgreSQL, cannot reach ", options.data_dir,
                     "; the clusters lie in ", root.directory),
        {{"data_dir", options.data_dir}, {"clusters", root.directory}});
  }
  auto impl = std::unique_ptr<Impl>(
      new Impl(store, std::move(options), std::move(root)));
  Impl* self = impl.get();
  InstanceHost::Options host;
  host.root = self->root_.directory;
  host.socket_directory = self->root_.socket_directory;
  host.user = *user;
  host.now = self->options_.now;
  host.notify = [self](const ClusterId& id) {
    if (self->queue_ != nullptr) {
      self->queue_->Add(Key(kCluster, id.namespace_name, id.name));
    }
  };
  ASSIGN_OR_RETURN(self->host_, InstanceHost::Create(std::move(host)));
  std::vector<std::string> local_users = {user->name};
  if (user->must_switch) local_users.push_back(postgres::OwnUser().name);
  self->environment_ = std::make_unique<Environment>(Environment{
      .store = store,
      .host = *self->host_,
      .forwarder = self->forwarder_,
      .ports = self->ports_,
      .events = self->events_,
      .installations =
          [self] {
            return postgres::FindInstallations(self->options_.postgres_root);
          },
      .local_users = std::move(local_users),
      .now = self->options_.now,
      .log = self->options_.log,
      .primary_changed =
          [self](const std::string& ns, const std::string& cluster) {
            self->QueueContents(ns, cluster);
          },
  });
  self->clusters_ = std::make_unique<ClusterController>(*self->environment_);
  self->managed_roles_ = std::make_unique<ManagedRoles>(*self->environment_);
  self->logins_ = std::make_unique<ClusterLogins>(*self->environment_);
  self->database_roles_ = std::make_unique<AppliedObject>(
      *self->environment_, DatabaseRoleKind(*self->environment_));
  self->databases_ =
      std::make_unique<AppliedObject>(*self->environment_, DatabaseKind());
  return impl;
}

absl::Status ControllerManager::Impl::Start() {
  queue_ = std::make_unique<WorkQueue>(
      kWorkers, [this](const std::string& key) { return Reconcile(key); });
  ASSIGN_OR_RETURN(
      subscription_,
      store_.Subscribe(store_.resource_version(),
                       [this](const Change& change) { OnChange(change); }));
  QueueAll();
  return absl::OkStatus();
}

// What is in the store, and what lies on disk without being there any more.
void ControllerManager::Impl::QueueAll() {
  absl::StatusOr<ObjectStore::Listing> clusters = store_.List(kClusters, "");
  if (clusters.ok()) {
    for (const Json& cluster : clusters->items) {
      queue_->Add(Key(kCluster, Text(Metadata(cluster), "namespace"),
                      Text(Metadata(cluster), "name")));
    }
  }
  // Also those whose cluster is gone.
  for (const auto& [type, kind] : {std::pair(kDatabaseRoles, kDatabaseRole),
                                   std::pair(kDatabases, kDatabase)}) {
    absl::StatusOr<ObjectStore::Listing> all = store_.List(type, "");
    if (!all.ok()) continue;
    for (const Json& object : all->items) {
      queue_->Add(Key(kind, Text(Metadata(object), "namespace"),
                      Text(Metadata(object), "name")));
    }
  }
  for (const ClusterId& id : host_->ClustersOnDisk()) {
    queue_->Add(Key(kCluster, id.namespace_name, id.name));
  }
  queue_->AddAfter(Key(kPrune, "", ""), kPruneEvery);
}

void ControllerManager::Impl::QueueContents(const std::string& ns,
                                            const std::string& cluster) {
  queue_->Add(Key(kManagedRoles, ns, cluster));
  queue_->Add(Key(kLogins, ns, cluster));
  for (const auto& [type, kind] : {std::pair(kDatabaseRoles, kDatabaseRole),
                                   std::pair(kDatabases, kDatabase)}) {
    absl::StatusOr<ObjectStore::Listing> all = store_.List(type, ns);
    if (!all.ok()) continue;
    for (const Json& object : all->items) {
      if (Text(Child(Child(object, "spec"), "cluster"), "name") != cluster) {
        continue;
      }
      queue_->Add(Key(kind, ns, Text(Metadata(object), "name")));
    }
  }
}

void ControllerManager::Impl::OnChange(const Change& change) {
  const Json& metadata = Metadata(change.object);
  const std::string ns = Text(metadata, "namespace");
  const std::string name = Text(metadata, "name");
  if (change.resource == kClusters) {
    queue_->Add(Key(kCluster, ns, name));
    queue_->Add(Key(kContents, ns, name));
  } else if (change.resource == kDatabaseRoles) {
    queue_->Add(Key(kDatabaseRole, ns, name));
  } else if (change.resource == kDatabases) {
    queue_->Add(Key(kDatabase, ns, name));
  } else if (change.resource == kSecrets) {
    queue_->Add(Key(kSecret, ns, name));
  }
  // Our own writes of children need no answer; their loss does.
  if (change.type != Change::Type::kDeleted) return;
  const std::string cluster =
      Text(Child(metadata, "labels"), "cnpg.io/cluster");
  if (!cluster.empty()) queue_->Add(Key(kCluster, ns, cluster));
}

absl::StatusOr<Again> ControllerManager::Impl::Dispatch(
    const std::string& kind, const std::string& ns, const std::string& name) {
  if (kind == kCluster) return clusters_->Reconcile(ns, name);
  if (kind == kManagedRoles) return managed_roles_->Reconcile(ns, name);
  if (kind == kLogins) return logins_->Reconcile(ns, name);
  if (kind == kDatabaseRole) return database_roles_->Reconcile(ns, name);
  if (kind == kDatabase) return databases_->Reconcile(ns, name);
  if (kind == kSecret) {
    QueueUsersOf(ns, name);
  } else if (kind == kContents) {
    QueueContents(ns, name);
  } else if (kind == kPrune) {
    events_.Prune();
    return Again(kPruneEvery);
  }
  return Again();
}

// Roles whose password stands in the Secret.
void ControllerManager::Impl::QueueUsersOf(const std::string& ns,
                                           const std::string& secret) {
  auto uses = [&](const Json& role) {
    return Text(Child(role, "passwordSecret"), "name") == secret;
  };
  if (absl::StatusOr<ObjectStore::Listing> all =
          store_.List(kDatabaseRoles, ns);
      all.ok()) {
    for (const Json& object : all->items) {
      if (!uses(Child(object, "spec"))) continue;
      queue_->Add(Key(kDatabaseRole, ns, Text(Metadata(object), "name")));
    }
  }
  if (absl::StatusOr<ObjectStore::Listing> all = store_.List(kClusters, ns);
      all.ok()) {
    for (const Json& object : all->items) {
      const ClusterSpec spec = ParseCluster(object);
      if (spec.app_secret == secret || spec.superuser_secret == secret) {
        queue_->Add(Key(kLogins, ns, spec.name));
      }
      const Json& managed = Child(Child(object, "spec"), "managed");
      for (const Json& role : managed.value("roles", Json::array())) {
        if (!role.is_object() || !uses(role)) continue;
        queue_->Add(Key(kManagedRoles, ns, Text(Metadata(object), "name")));
        break;
      }
    }
  }
}

absl::StatusOr<Again> ControllerManager::Impl::Reconcile(
    const std::string& key) {
  const std::vector<std::string> parts = absl::StrSplit(key, '/');
  absl::StatusOr<Again> again = Dispatch(parts[0], parts[1], parts[2]);
  // No primary at this moment, which the status of the cluster tells.
  if (absl::IsUnavailable(again.status())) return Again(kNoPrimary);
  if (!again.ok() && !absl::IsAborted(again.status())) {
    options_.log(
        "warning", "could not reconcile, trying again",
        {{"key", key}, {"error", std::string(again.status().message())}});
  }
  return again;
}

void ControllerManager::Impl::Stop() {
  if (queue_ == nullptr) return;
  store_.Unsubscribe(subscription_);
  queue_->Stop();
  host_->StopAll();
  queue_.reset();
  postgres::RemoveIfEmpty(options_.data_dir, root_);
}

ControllerManager::ControllerManager(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

ControllerManager::~ControllerManager() { Stop(); }

absl::StatusOr<std::unique_ptr<ControllerManager>> ControllerManager::Create(
    ObjectStore& store, ControllerOptions options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl,
                   Impl::Create(store, std::move(options)));
  return std::unique_ptr<ControllerManager>(
      new ControllerManager(std::move(impl)));
}

absl::Status ControllerManager::Start() { return impl_->Start(); }

void ControllerManager::Stop() { impl_->Stop(); }

}  // namespace howdah::local::controllers
