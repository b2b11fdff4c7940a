#include "backend/server/server_fixture.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "backend/auth/connection_authenticator.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {

absl::StatusOr<ops::Operation> TestServices::Get(
    const CallContext& context, const ops::GetOperationRequest& request) {
  if (on_get) return on_get(context, request);
  ops::Operation operation;
  operation.set_name(request.name());
  return operation;
}

std::optional<absl::StatusOr<ops::Operation>> TestServices::GetFromMemory(
    const CallContext& context, const ops::GetOperationRequest& request) {
  if (on_get_from_memory) return on_get_from_memory(context, request);
  return std::nullopt;
}

std::shared_ptr<const int> TestServices::Source(
    const ops::GetOperationRequest& request) {
  return on_source ? on_source(request) : nullptr;
}

void TestServices::Wait(const CallContext& context,
                        const ops::WaitOperationRequest& request,
                        OperationStream stream) {
  if (on_wait) return on_wait(context, request, std::move(stream));
  stream->Finish(absl::OkStatus());
}

void TestServices::Cancel(
    const CallContext& context, const ops::CancelOperationRequest& request,
    services::Reply<ops::CancelOperationResponse> reply) const {
  if (on_cancel) return on_cancel(context, request, std::move(reply));
  reply(ops::CancelOperationResponse());
}

absl::StatusOr<pg::ListRolesResponse> TestServices::ListRoles(
    const CallContext&, const pg::ListRolesRequest& request) const {
  pg::ListRolesResponse response;
  // Shows which defaults arrived.
  response.set_summary(pg::DetailLevel_Name(request.detail_level()));
  response.set_count(request.page_size());
  return response;
}

absl::StatusOr<pg::CreateRoleResponse> TestServices::CreateRole(
    const CallContext& context, const pg::CreateRoleRequest& request) const {
  if (on_create_role) return on_create_role(context, request);
  pg::CreateRoleResponse response;
  response.mutable_role()->set_name(request.role_name());
  response.mutable_role()->set_login(request.login());
  response.mutable_role()->set_inherit(request.inherit());
  return response;
}

absl::StatusOr<pg::UpdateRoleResponse> TestServices::UpdateRole(
    const CallContext& context, const pg::UpdateRoleRequest& request) const {
  if (on_update_role) return on_update_role(context, request);
  return pg::UpdateRoleResponse();
}

absl::StatusOr<pg::DeleteRoleResponse> TestServices::DeleteRole(
    const CallContext&, const pg::DeleteRoleRequest&) const {
  return pg::DeleteRoleResponse();
}

void TestServices::BindTo(MethodRegistry& registry) {
  registry.Bind("howdah.operations.v1.OperationsService", *this)
      .Unary("GetOperation", &TestServices::Get, &TestServices::GetFromMemory,
             &TestServices::Source)
      .Stream("WaitOperation", &TestServices::Wait)
      .UnaryLater("CancelOperation", &TestServices::Cancel);
  registry.Bind("howdah.postgres.v1.RoleService", *this)
      .Unary("ListRoles", &TestServices::ListRoles)
      .Unary("CreateRole", &TestServices::CreateRole)
      .Unary("UpdateRole", &TestServices::UpdateRole)
      .Unary("DeleteRole", &TestServices::DeleteRole);
}

void RecordingAuditLog::Record(const observability::AuditRecord& record) {
  std::lock_guard lock(mutex_);
  records_.push_back(record);
}

std::vector<observability::AuditRecord> RecordingAuditLog::records() const {
  std::lock_guard lock(mutex_);
  return records_;
}

RunningServer::RunningServer(TestServices& services, ServerOptions options,
                             std::unique_ptr<auth::Authenticator> authenticator)
    : authenticator_(
          authenticator != nullptr
              ? std::move(authenticator)
              : std::make_unique<auth::ConnectionAuthenticator>(
                    auth::ConnectionAuthenticatorOptions{
                        .certificates =
                            !options.net.tls.client_authority_file.empty()})) {
  if (options.net.addresses.empty()) {
    options.net.addresses.push_back("unix:" + NewSocketPath());
  }
  MethodRegistry registry;
  services.BindTo(registry);
  auto server =
      Server::Start(options, std::move(registry), {*authenticator_, audit_});
  EXPECT_OK(server);
  if (!server.ok()) std::abort();
  server_ = *std::move(server);
}

std::shared_ptr<grpc::Channel> RunningServer::Channel() const {
  return grpc::CreateChannel(server_->listening().front(),
                             grpc::InsecureChannelCredentials());
}

std::string NewSocketPath() {
  static std::atomic<int> number = 0;
  // Not TEST_TMPDIR: its path may be longer than a socket's may.
  static const std::string* const kDirectory = [] {
    char path[] = "/tmp/howdah-test-XXXXXX";
    return new std::string(::mkdtemp(path));
  }();
  return absl::StrCat(*kDirectory, "/", ++number, ".sock");
}

}  // namespace howdah::server
