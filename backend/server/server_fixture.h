// A real server on a Unix socket with services whose answers a test decides.
//
//   TestServices services;
//   services.on_get = [](const CallContext&, const auto& request) {…};
//   RunningServer server(services, {});
//   auto stub = OperationsService::NewStub(server.Channel());
#ifndef HOWDAH_BACKEND_SERVER_SERVER_FIXTURE_H_
#define HOWDAH_BACKEND_SERVER_SERVER_FIXTURE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backend/server/server.h"
#include "backend/services/call_context.h"
#include "grpcpp/channel.h"
#include "howdah/operations/v1/operations_service.grpc.pb.h"
#include "howdah/postgres/v1/cluster_service.grpc.pb.h"
#include "howdah/postgres/v1/role_service.grpc.pb.h"

namespace howdah::server {

namespace ops = operations::v1;
namespace pg = postgres::v1;

// Plays OperationsService (reads, a stream) and RoleService (mutations).
// Threads: functions are set before the server starts.
class TestServices {
 public:
  using OperationStream =
      std::shared_ptr<services::StreamReply<ops::Operation>>;

  std::function<absl::StatusOr<ops::Operation>(const CallContext&,
                                               const ops::GetOperationRequest&)>
      on_get;
  std::function<std::optional<absl::StatusOr<ops::Operation>>(
      const CallContext&, const ops::GetOperationRequest&)>
      on_get_from_memory;
  std::function<std::shared_ptr<const int>(const ops::GetOperationRequest&)>
      on_source;
  std::function<void(const CallContext&, const ops::WaitOperationRequest&,
                     OperationStream)>
      on_wait;
  std::function<void(const CallContext&, const ops::CancelOperationRequest&,
                     services::Reply<ops::CancelOperationResponse>)>
      on_cancel;
  std::function<absl::StatusOr<pg::CreateRoleResponse>(
      const CallContext&, const pg::CreateRoleRequest&)>
      on_create_role;
  std::function<absl::StatusOr<pg::UpdateRoleResponse>(
      const CallContext&, const pg::UpdateRoleRequest&)>
      on_update_role;

  void BindTo(MethodRegistry& registry);

 private:
  absl::StatusOr<ops::Operation> Get(const CallContext& context,
                                     const ops::GetOperationRequest& request);
  std::optional<absl::StatusOr<ops::Operation>> GetFromMemory(
      const CallContext& context, const ops::GetOperationRequest& request);
  std::shared_ptr<const int> Source(const ops::GetOperationRequest& request);
  void Wait(const CallContext& context,
            const ops::WaitOperationRequest& request, OperationStream stream);
  void Cancel(const CallContext& context,
              const ops::CancelOperationRequest& request,
              services::Reply<ops::CancelOperationResponse> reply) const;
  absl::StatusOr<pg::ListRolesResponse> ListRoles(
      const CallContext& context, const pg::ListRolesRequest& request) const;
  absl::StatusOr<pg::CreateRoleResponse> CreateRole(
      const CallContext& context, const pg::CreateRoleRequest& request) const;
  absl::StatusOr<pg::UpdateRoleResponse> UpdateRole(
      const CallContext& context, const pg::UpdateRoleRequest& request) const;
  absl::StatusOr<pg::DeleteRoleResponse> DeleteRole(
      const CallContext& context, const pg::DeleteRoleRequest& request) const;
};

// Keeps audit records. Threads: safe.
class RecordingAuditLog : public observability::AuditLog {
 public:
  void Record(const observability::AuditRecord& record) override;
  std::vector<observability::AuditRecord> records() const;

 private:
  mutable std::mutex mutex_;
  std::vector<observability::AuditRecord> records_;
};

// A server that ends with the object. Threads: not safe.
class RunningServer {
 public:
  // Without addresses in `options` it listens on a Unix socket of its own.
  // Without an authenticator it knows callers by their connections.
  RunningServer(TestServices& services, ServerOptions options,
                std::unique_ptr<auth::Authenticator> authenticator = nullptr);

  Server& server() { return *server_; }
  const RecordingAuditLog& audit() const { return audit_; }
  // A channel to the first address.
  std::shared_ptr<grpc::Channel> Channel() const;

 private:
  RecordingAuditLog audit_;
  const std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<Server> server_;
};

// A path for a socket that nothing else uses.
std::string NewSocketPath();

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_SERVER_FIXTURE_H_
