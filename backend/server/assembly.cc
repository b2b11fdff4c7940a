#include "backend/server/assembly.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/types/span.h"
#include "backend/aiven/accounts.h"
#include "backend/aiven/client/rest_account.h"
#include "backend/net/clock.h"
#include "backend/observability/audit_log.h"
#include "backend/operations/operation_waiter.h"
#include "backend/server/admin.h"
#include "backend/server/authenticators.h"
#include "backend/server/aws_plane.h"
#include "backend/server/kubernetes_planes.h"
#include "backend/server/method_registry.h"
#include "backend/server/readiness.h"
#include "backend/services/access_service.h"
#include "backend/services/aiven_fleet_service.h"
#include "backend/services/aiven_projects_service.h"
#include "backend/services/aiven_services_service.h"
#include "backend/services/aws_service.h"
#include "backend/services/change_feed.h"
#include "backend/services/changes_service.h"
#include "backend/services/cluster_observer.h"
#include "backend/services/cluster_service.h"
#include "backend/services/database_service.h"
#include "backend/services/operations_service.h"
#include "backend/services/plane_registry.h"
#include "backend/services/role_service.h"
#include "backend/sql/postgres_catalog.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

using services::AccessService;
using services::AivenFleetService;
using services::AivenProjectsService;
using services::AivenServicesService;
using services::AwsService;
using services::ChangesService;
using services::ClusterService;
using services::DatabaseService;
using services::OperationsService;
using services::RoleService;

// From the kernel, which cannot fail to have it once the machine is up.
void RandomBytes(absl::Span<uint8_t> bytes) {
  constexpr size_t kMostAtOnce = 256;
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), kMostAtOnce);
    if (::getentropy(bytes.data(), size) != 0) std::abort();
    bytes.remove_prefix(size);
  }
}

services::AccessServiceOptions AccessOptions(
    const AuthorizationConfig& config) {
  return {.issuer = config.issuer,
          .audiences = config.audiences,
          .required_scopes = config.required_scopes,
          .scope_names = config.scope_names,
          .scopes_enforced = config.enforce_scopes,
          .registration_endpoint = config.registration_endpoint};
}

aiven::Accounts MakeAivenAccounts(
    const std::vector<aiven::AccountSettings>& settings) {
  std::vector<std::unique_ptr<aiven::Account>> accounts;
  for (const aiven::AccountSettings& account : settings) {
    accounts.push_back(aiven::MakeRestAccount(account, {}, net::SystemClock()));
  }
  return aiven::Accounts(std::move(accounts));
}

class WholeAssembly : public Assembly {
 public:
  explicit WholeAssembly(const Config& config)
      : issuer_(MakeIssuer(config.authorization)),
        planes_(MakeKubernetesPlanes(config.kubernetes)),
        observer_(planes_),
        settling_({}),
        waiter_(observer_, settling_),
        clusters_(planes_, waiter_,
                  {.default_postgres_version = config.default_postgres_version,
                   .now = &absl::Now}),
        roles_(planes_, settling_, {.random = &RandomBytes}),
        databases_(planes_, settling_, {}),
        operations_(planes_, waiter_),
        access_(AccessOptions(config.authorization), issuer_.get()),
        feed_({}),
        changes_(planes_, feed_),
        aiven_accounts_(MakeAivenAccounts(config.aiven_accounts)),
        aiven_projects_(aiven_accounts_),
        aiven_services_(aiven_accounts_, catalogs_),
        aiven_fleet_(aiven_accounts_) {}

  absl::Status Start(const Config& config) {
    ASSIGN_OR_RETURN(aws_, AwsPlane::Make(config));
    ASSIGN_OR_RETURN(authenticator_, MakeAuthenticator(config, issuer_.get()));
    MethodRegistry registry;
    BindServices(registry);
    ServerOptions options = config.server;
    options.net.ready = [this] { return readiness_.ready(); };
    ASSIGN_OR_RETURN(server_, Server::Start(options, std::move(registry),
                                            {*authenticator_, audit_}));
    if (!config.admin_listen.empty()) {
      ASSIGN_OR_RETURN(admin_,
                       Admin::Start(config.admin_listen, *server_, readiness_));
    }
    return absl::OkStatus();
  }

  Server& server() override { return *server_; }

 private:
  void BindServices(MethodRegistry& registry) {
    registry.Bind("howdah.postgres.v1.ClusterService", clusters_)
        .Unary("ListClusters", &ClusterService::ListClusters,
               &ClusterService::ListClustersFromMemory)
        .Unary("GetCluster", &ClusterService::GetCluster,
               &ClusterService::GetClusterFromMemory,
               &ClusterService::ClusterInMemory)
        .UnaryLater("CreateCluster", &ClusterService::CreateCluster)
        .Unary("ScaleCluster", &ClusterService::ScaleCluster)
        .Unary("DeleteCluster", &ClusterService::DeleteCluster);
    registry.Bind("howdah.postgres.v1.RoleService", roles_)
        .Unary("ListRoles", &RoleService::ListRoles)
        .UnaryLater("CreateRole", &RoleService::CreateRole)
        .UnaryLater("UpdateRole", &RoleService::UpdateRole)
        .UnaryLater("DeleteRole", &RoleService::DeleteRole);
    registry.Bind("howdah.postgres.v1.DatabaseService", databases_)
        .Unary("ListDatabases", &DatabaseService::ListDatabases)
        .UnaryLater("CreateDatabase", &DatabaseService::CreateDatabase)
        .UnaryLater("DeleteDatabase", &DatabaseService::DeleteDatabase);
    registry.Bind("howdah.operations.v1.OperationsService", operations_)
        .Unary("GetOperation", &OperationsService::GetOperation)
        .Stream("WaitOperation", &OperationsService::WaitOperation)
        .Unary("CancelOperation", &OperationsService::CancelOperation);
    registry.Bind("howdah.auth.v1.AccessService", access_)
        .Unary("WhoAmI", &AccessService::WhoAmI,
               &AccessService::WhoAmIFromMemory)
        .UnaryLater("GetAuthorizationServer",
                    &AccessService::GetAuthorizationServer,
                    &AccessService::GetAuthorizationServerFromMemory);
    registry.Bind("howdah.aws.v1.AwsService", aws_->service())
        .UnaryLater("ExecuteReadCommand", &AwsService::ExecuteReadCommand)
        .UnaryLater("ExecuteWriteCommand", &AwsService::ExecuteWriteCommand)
        .Unary("ListProfiles", &AwsService::ListProfiles)
        .Unary("ExplainCommand", &AwsService::ExplainCommand)
        .UnaryLater("GetIdentity", &AwsService::GetIdentity);
    registry.Bind("howdah.changes.v1.ChangesService", changes_)
        .Stream("WatchChanges", &ChangesService::WatchChanges,
                &ChangesService::Merge);
    BindAiven(registry);
  }

  void BindAiven(MethodRegistry& registry) {
    registry.Bind("howdah.aiven.v1.ProjectsService", aiven_projects_)
        .Unary("ListProjects", &AivenProjectsService::ListProjects)
        .Unary("ListProjectEvents", &AivenProjectsService::ListProjectEvents);
    registry.Bind("howdah.aiven.v1.ServicesService", aiven_services_)
        .Unary("ListServices", &AivenServicesService::ListServices)
        .Unary("GetService", &AivenServicesService::GetService)
        .Unary("ListServiceSchemas", &AivenServicesService::ListServiceSchemas)
        .Unary("GetServiceLogs", &AivenServicesService::GetServiceLogs)
        .Unary("GetServiceMetrics", &AivenServicesService::GetServiceMetrics);
    registry.Bind("howdah.aiven.v1.FleetService", aiven_fleet_)
        .Unary("QueryServices", &AivenFleetService::QueryServices)
        .Unary("RankServices", &AivenFleetService::RankServices);
  }

  // In the order of need: what stands below uses what stands above, and goes
  // first.
  observability::StderrAuditLog audit_;
  const std::unique_ptr<auth::Issuer> issuer_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  services::PlaneRegistry planes_;
  Readiness readiness_{planes_};
  services::ClusterObserver observer_;
  operations::ChangeWaiter settling_;
  operations::OperationWaiter waiter_;
  ClusterService clusters_;
  RoleService roles_;
  DatabaseService databases_;
  OperationsService operations_;
  AccessService access_;
  services::ChangeFeed feed_;
  ChangesService changes_;
  std::unique_ptr<AwsPlane> aws_;
  const aiven::Accounts aiven_accounts_;
  sql::PostgresCatalogReader catalogs_;
  AivenProjectsService aiven_projects_;
  AivenServicesService aiven_services_;
  AivenFleetService aiven_fleet_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Admin> admin_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Assembly>> Assembly::Start(
    const Config& config) {
  auto assembly = std::make_unique<WholeAssembly>(config);
  RETURN_IF_ERROR(assembly->Start(config));
  return std::unique_ptr<Assembly>(std::move(assembly));
}

}  // namespace howdah::server
