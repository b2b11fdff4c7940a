// Services over a fake Kubernetes API, as one replica of the backend sees it.
#ifndef HOWDAH_BACKEND_SERVICES_SERVICE_FIXTURE_H_
#define HOWDAH_BACKEND_SERVICES_SERVICE_FIXTURE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/cnpg/cluster_spec.h"
#include "backend/services/cluster_observer.h"
#include "backend/services/cluster_service.h"
#include "backend/services/database_service.h"
#include "backend/services/operations_service.h"
#include "backend/services/plane_registry.h"
#include "backend/services/role_service.h"
#include "nlohmann/json.hpp"
#include "tests/support/fake_control_plane.h"
#include "tests/support/fake_object_cache.h"
#include "tests/support/fake_operator.h"

namespace howdah::services {

using howdah::testing::FakeControlPlane;
using howdah::testing::FakeObjectCache;
using howdah::testing::FakeOperator;

// Several replicas share one API server.
class SharedControlPlane : public kubernetes::ControlPlane {
 public:
  using Json = nlohmann::json;
  explicit SharedControlPlane(FakeControlPlane& plane) : plane_(plane) {}

  std::string default_namespace() const override {
    return plane_.default_namespace();
  }
  absl::StatusOr<Json> Get(const kubernetes::Resource& resource,
                           const kubernetes::ObjectKey& key,
                           const kubernetes::Call& call) override {
    return plane_.Get(resource, key, call);
  }
  absl::StatusOr<kubernetes::ListPage> List(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const kubernetes::ListOptions& options,
      const kubernetes::Call& call) override {
    return plane_.List(resource, namespace_name, options, call);
  }
  absl::Status ListRaw(const kubernetes::Resource& resource,
                       absl::string_view namespace_name,
                       const kubernetes::ListOptions& options,
                       const kubernetes::Call& call,
                       std::string& page) override {
    return plane_.ListRaw(resource, namespace_name, options, call, page);
  }
  absl::Status Watch(const kubernetes::Resource& resource,
                     absl::string_view namespace_name,
                     absl::string_view resource_version,
                     const kubernetes::Call& call,
                     const std::function<void(const kubernetes::WatchEvent&)>&
                         on_event) override {
    return plane_.Watch(resource, namespace_name, resource_version, call,
                        on_event);
  }
  absl::StatusOr<kubernetes::Written> Create(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const Json& object, const kubernetes::WriteOptions& options,
      const kubernetes::Call& call) override {
    return plane_.Create(resource, namespace_name, object, options, call);
  }
  absl::StatusOr<kubernetes::Written> Patch(
      const kubernetes::Resource& resource, const kubernetes::ObjectKey& key,
      kubernetes::PatchType type, const Json& patch,
      const kubernetes::WriteOptions& options,
      const kubernetes::Call& call) override {
    return plane_.Patch(resource, key, type, patch, options, call);
  }
  absl::Status Delete(const kubernetes::Resource& resource,
                      const kubernetes::ObjectKey& key,
                      const kubernetes::DeleteOptions& options,
                      const kubernetes::Call& call) override {
    return plane_.Delete(resource, key, options, call);
  }
  absl::StatusOr<bool> Serves(const kubernetes::Resource& resource,
                              const kubernetes::Call& call) override {
    return plane_.Serves(resource, call);
  }

 private:
  FakeControlPlane& plane_;
};

// An answer that comes later.
template <typename Response>
class Later {
 public:
  Reply<Response> reply() {
    return [state = state_](absl::StatusOr<Response> answer) {
      std::lock_guard lock(state->mutex);
      state->answers.push_back(std::move(answer));
      state->answered.notify_all();
    };
  }
  bool answered() {
    std::lock_guard lock(state_->mutex);
    return !state_->answers.empty();
  }
  absl::StatusOr<Response> Await() {
    std::unique_lock lock(state_->mutex);
    state_->answered.wait_for(lock, std::chrono::seconds(60),
                              [&] { return !state_->answers.empty(); });
    if (state_->answers.size() != 1) {
      return absl::InternalError("not answered just once");
    }
    return state_->answers[0];
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable answered;
    std::vector<absl::StatusOr<Response>> answers;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Calls methods that answer later as if they answered at once.
class RolesNow {
 public:
  explicit RolesNow(RoleService& service) : service_(service) {}

  auto ListRoles(const CallContext& context,
                 const postgres::v1::ListRolesRequest& request) {
    return service_.ListRoles(context, request);
  }
  auto CreateRole(const CallContext& context,
                  const postgres::v1::CreateRoleRequest& request) {
    Later<postgres::v1::CreateRoleResponse> later;
    service_.CreateRole(context, request, later.reply());
    return later.Await();
  }
  auto UpdateRole(const CallContext& context,
                  const postgres::v1::UpdateRoleRequest& request) {
    Later<postgres::v1::UpdateRoleResponse> later;
    service_.UpdateRole(context, request, later.reply());
    return later.Await();
  }
  auto DeleteRole(const CallContext& context,
                  const postgres::v1::DeleteRoleRequest& request) {
    Later<postgres::v1::DeleteRoleResponse> later;
    service_.DeleteRole(context, request, later.reply());
    return later.Await();
  }

 private:
  RoleService& service_;
};

class DatabasesNow {
 public:
  explicit DatabasesNow(DatabaseService& service) : service_(service) {}

  auto ListDatabases(const CallContext& context,
                     const postgres::v1::ListDatabasesRequest& request) {
    return service_.ListDatabases(context, request);
  }
  auto CreateDatabase(const CallContext& context,
                      const postgres::v1::CreateDatabaseRequest& request) {
    Later<postgres::v1::CreateDatabaseResponse> later;
    service_.CreateDatabase(context, request, later.reply());
    return later.Await();
  }
  auto DeleteDatabase(const CallContext& context,
                      const postgres::v1::DeleteDatabaseRequest& request) {
    Later<postgres::v1::DeleteDatabaseResponse> later;
    service_.DeleteDatabase(context, request, later.reply());
    return later.Await();
  }

 private:
  DatabaseService& service_;
};

// One replica: registry, waiter and services. Members are public: it is a
// fixture.
struct Replica {
  class Factory : public PlaneFactory {
   public:
    explicit Factory(Replica& replica) : replica_(replica) {}
    absl::StatusOr<Contexts> ReadContexts() override {
      return Contexts{{"here", "there"}, "here"};
    }
    absl::StatusOr<PlaneParts> Make(const std::string&) override {
      ++replica_.planes_made;
      FakeControlPlane& server = replica_.server;
      PlaneParts parts;
      parts.reads.others_write = replica_.others_write;
      parts.control_plane = std::make_unique<SharedControlPlane>(server);
      auto clusters = std::make_unique<FakeObjectCache<cnpg::Cluster>>(
          server, "clusters", &cnpg::ReadCluster);
      if (replica_.cache_never_syncs) clusters->NeverSync();
      replica_.cluster_cache = clusters.get();
      parts.clusters = std::move(clusters);
      parts.databases = std::make_unique<FakeObjectCache<cnpg::Database>>(
          server, "databases", &cnpg::ReadDatabase);
      parts.database_roles =
          std::make_unique<FakeObjectCache<cnpg::DatabaseRole>>(
              server, "databaseroles", &cnpg::ReadDatabaseRole);
      return parts;
    }

   private:
    Replica& replica_;
  };

  static RoleService::Options RoleOptions() {
    RoleService::Options options;
    options.random = [](absl::Span<uint8_t> bytes) {
      thread_local std::random_device device;
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(device());
    };
    options.settle = absl::Seconds(5);
    options.settle_without_trace = absl::Milliseconds(200);
    return options;
  }

  explicit Replica(FakeControlPlane& server,
                   RoleService::Options role_options = RoleOptions())
      : server(server),
        clusters(planes, waiter, {}),
        role_service(planes, changes, role_options),
        database_service(planes, changes, {.settle = role_options.settle}),
        operations(planes, waiter) {}

  FakeControlPlane& server;
  bool cache_never_syncs = false;
  bool others_write = false;
  int planes_made = 0;
  FakeObjectCache<cnpg::Cluster>* cluster_cache = nullptr;
  PlaneRegistry planes{std::make_unique<Factory>(*this)};
  ClusterObserver observer{planes};
  operations::ChangeWaiter changes{{}};
  operations::OperationWaiter waiter{observer, changes};
  ClusterService clusters;
  RoleService role_service;
  DatabaseService database_service;
  RolesNow roles{role_service};
  DatabasesNow databases{database_service};
  OperationsService operations;
};

inline CallContext CallFor(absl::Duration time = absl::Seconds(30)) {
  CallContext context;
  context.deadline = absl::Now() + time;
  return context;
}

// Makes a cluster beside the services.
inline void MakeCluster(FakeControlPlane& server, const std::string& name,
                        int instances = 1) {
  cnpg::ClusterSpec spec;
  spec.namespace_name = "default";
  spec.name = name;
  spec.instances = instances;
  spec.storage_size = "1Gi";
  spec.postgres_version = "16";
  (void)server.Create(kubernetes::kClusters, "default",
                      cnpg::ClusterManifest(spec), {}, {});
}

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_SERVICE_FIXTURE_H_
