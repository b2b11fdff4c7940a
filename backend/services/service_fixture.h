// Services over a fake Kubernetes API, as one replica of the backend sees it.
#ifndef HOWDAH_BACKEND_SERVICES_SERVICE_FIXTURE_H_
#define HOWDAH_BACKEND_SERVICES_SERVICE_FIXTURE_H_

#include <cstdint>
#include <memory>
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
  absl::Status ListRaw(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const kubernetes::ListOptions& options, const kubernetes::Call& call,
      const std::function<absl::Status(absl::string_view)>& consume) override {
    return plane_.ListRaw(resource, namespace_name, options, call, consume);
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
      const kubernetes::WriteOptions& options, const kubernetes::Call& call,
      absl::string_view subresource) override {
    return plane_.Patch(resource, key, type, patch, options, call, subresource);
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
        roles(planes, role_options),
        databases(planes, {.settle = role_options.settle}),
        operations(planes, waiter) {}

  FakeControlPlane& server;
  bool cache_never_syncs = false;
  int planes_made = 0;
  FakeObjectCache<cnpg::Cluster>* cluster_cache = nullptr;
  PlaneRegistry planes{std::make_unique<Factory>(*this)};
  ClusterObserver observer{planes};
  operations::OperationWaiter waiter{observer, {}};
  ClusterService clusters;
  RoleService roles;
  DatabaseService databases;
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
