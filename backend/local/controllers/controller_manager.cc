#include "backend/local/controllers/controller_manager.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "backend/local/controllers/cluster_controller.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/controllers/cluster_root.h"
#include "backend/local/controllers/environment.h"
#include "backend/local/controllers/event_recorder.h"
#include "backend/local/controllers/instance_host.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/controllers/work_queue.h"
#include "backend/local/postgres/errors.h"
#include "backend/local/postgres/os_user.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

constexpr int kWorkers = 3;
constexpr absl::Duration kPruneEvery = absl::Minutes(10);
constexpr char kPruneKey[] = "prune";

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
  Impl(ObjectStore& store, ControllerOptions options, ClusterRoot root)
      : store_(store),
        options_(std::move(options)),
        root_(std::move(root)),
        events_(store, options_.now) {}

  void OnChange(const Change& change);
  absl::StatusOr<Again> Reconcile(const std::string& key);
  void QueueAll();

  ObjectStore& store_;
  const ControllerOptions options_;
  const ClusterRoot root_;
  EventRecorder events_;
  postgres::Forwarder forwarder_;
  postgres::PortAllocator ports_;
  std::unique_ptr<InstanceHost> host_;
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<ClusterController> clusters_;
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
  ASSIGN_OR_RETURN(ClusterRoot root,
                   PrepareClusterRoot(options.data_dir, *user));
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
  host.notify = [self](const ClusterId& id) {
    if (self->queue_ != nullptr) {
      self->queue_->Add(Key("cluster", id.namespace_name, id.name));
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
      .primary_changed = [](const std::string&, const std::string&) {},
  });
  self->clusters_ = std::make_unique<ClusterController>(*self->environment_);
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
      queue_->Add(Key("cluster", Text(Metadata(cluster), "namespace"),
                      Text(Metadata(cluster), "name")));
    }
  }
  for (const ClusterId& id : host_->ClustersOnDisk()) {
    queue_->Add(Key("cluster", id.namespace_name, id.name));
  }
  queue_->AddAfter(kPruneKey, kPruneEvery);
}

void ControllerManager::Impl::OnChange(const Change& change) {
  const Json& metadata = Metadata(change.object);
  const std::string ns = Text(metadata, "namespace");
  if (change.resource == kClusters) {
    queue_->Add(Key("cluster", ns, Text(metadata, "name")));
    return;
  }
  // Our own writes of children need no answer; their loss does.
  if (change.type != Change::Type::kDeleted) return;
  const std::string cluster =
      Text(Child(metadata, "labels"), "cnpg.io/cluster");
  if (!cluster.empty()) queue_->Add(Key("cluster", ns, cluster));
}

absl::StatusOr<Again> ControllerManager::Impl::Reconcile(
    const std::string& key) {
  if (key == kPruneKey) {
    events_.Prune();
    return Again(kPruneEvery);
  }
  const std::vector<std::string> parts = absl::StrSplit(key, '/');
  absl::StatusOr<Again> again = clusters_->Reconcile(parts[1], parts[2]);
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
  RemoveIfEmpty(options_.data_dir, root_);
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
