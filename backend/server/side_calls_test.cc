// Health, reflection and unknown methods on a real server.
#include <thread>

#include "backend/server/server_fixture.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "proto/support/status_grpc.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

namespace health = grpc::health::v1;
namespace ops = howdah::operations::v1;
namespace reflection = grpc::reflection::v1;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using support::FromGrpc;
using ::testing::Contains;
using ::testing::HasSubstr;

absl::StatusOr<health::HealthCheckResponse::ServingStatus> Check(
    const RunningServer& server, const std::string& service) {
  auto stub = health::Health::NewStub(server.Channel());
  grpc::ClientContext context;
  health::HealthCheckRequest request;
  request.set_service(service);
  health::HealthCheckResponse response;
  const absl::Status status =
      FromGrpc(stub->Check(&context, request, &response));
  if (!status.ok()) return status;
  return response.status();
}

TEST(HealthTest, ServerAndServicesServe) {
  TestServices services;
  RunningServer server(services, {});
  for (const char* name : {"", "howdah.postgres.v1.RoleService"}) {
    const auto status = Check(server, name);
    ASSERT_OK(status);
    EXPECT_EQ(*status, health::HealthCheckResponse::SERVING);
  }
  EXPECT_THAT(Check(server, "no.Such"), HasReason("SERVICE_UNKNOWN"));
}

TEST(HealthTest, WatchersSeeTheDrain) {
  TestServices services;
  RunningServer server(services, {});
  auto stub = health::Health::NewStub(server.Channel());
  grpc::ClientContext context;
  auto watch = stub->Watch(&context, health::HealthCheckRequest());
  health::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), health::HealthCheckResponse::SERVING);
  std::thread draining([&] { server.server().Drain(absl::Seconds(20)); });
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), health::HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_THAT(FromGrpc(watch->Finish()), HasReason("SHUTTING_DOWN"));
  draining.join();
}

TEST(HealthTest, WhoLeavesSaysSoAndServesOn) {
  TestServices services;
  RunningServer server(services, {});
  auto stub = health::Health::NewStub(server.Channel());
  grpc::ClientContext context;
  auto watch = stub->Watch(&context, health::HealthCheckRequest());
  health::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), health::HealthCheckResponse::SERVING);
  server.server().Leave();
  EXPECT_TRUE(server.server().draining());
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), health::HealthCheckResponse::NOT_SERVING);
  watch->Finish();
  const auto status = Check(server, "");
  ASSERT_OK(status);
  EXPECT_EQ(*status, health::HealthCheckResponse::NOT_SERVING);

  services.on_get = [](const CallContext&, const auto&) {
    return absl::StatusOr<ops::Operation>(ops::Operation());
  };
  auto operations = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext call;
  ops::GetOperationRequest request;
  request.set_name("abc");
  ops::Operation operation;
  EXPECT_OK(FromGrpc(operations->GetOperation(&call, request, &operation)));
}

TEST(HealthTest, WatchersMayLeave) {
  TestServices services;
  RunningServer server(services, {});
  auto stub = health::Health::NewStub(server.Channel());
  grpc::ClientContext context;
  auto watch = stub->Watch(&context, health::HealthCheckRequest());
  health::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  context.TryCancel();
  watch->Finish();
  server.server().Drain(absl::Seconds(20));
}

// A reflection stream that asks one question after the other.
class Asking {
 public:
  explicit Asking(const RunningServer& server)
      : stub_(reflection::ServerReflection::NewStub(server.Channel())),
        stream_(stub_->ServerReflectionInfo(&context_)) {}
  ~Asking() {
    stream_->WritesDone();
    EXPECT_OK(FromGrpc(stream_->Finish()));
  }

  reflection::ServerReflectionResponse Ask(
      const reflection::ServerReflectionRequest& request) {
    reflection::ServerReflectionResponse response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<reflection::ServerReflection::Stub> stub_;
  std::unique_ptr<
      grpc::ClientReaderWriter<reflection::ServerReflectionRequest,
                               reflection::ServerReflectionResponse>>
      stream_;
};

TEST(ReflectionTest, ServicesAreListed) {
  TestServices services;
  RunningServer server(services, {});
  Asking asking(server);
  reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  std::vector<std::string> names;
  const auto listed = asking.Ask(request);
  for (const auto& service : listed.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, Contains("howdah.postgres.v1.RoleService"));
  EXPECT_THAT(names, Contains("grpc.health.v1.Health"));
}

TEST(ReflectionTest, FilesComeWithImportsAndComments) {
  TestServices services;
  RunningServer server(services, {});
  Asking asking(server);
  reflection::ServerReflectionRequest request;
  request.set_file_containing_symbol(
      "howdah.postgres.v1.RoleService.CreateRole");
  std::vector<std::string> names;
  std::string all;
  const auto described = asking.Ask(request);
  for (const std::string& bytes :
       described.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
    all += bytes;
  }
  EXPECT_THAT(names, Contains("howdah/postgres/v1/role_service.proto"));
  EXPECT_THAT(names, Contains("google/protobuf/timestamp.proto"));
  EXPECT_THAT(all, HasSubstr("Creates a role in a cluster."));

  request.set_file_containing_symbol("no.Such");
  EXPECT_TRUE(asking.Ask(request).has_error_response());
  request.set_file_by_filename("grpc/health/v1/health.proto");
  EXPECT_TRUE(asking.Ask(request).has_file_descriptor_response());
  auto* extension = request.mutable_file_containing_extension();
  extension->set_containing_type("google.protobuf.MethodOptions");
  extension->set_extension_number(50701);
  EXPECT_TRUE(asking.Ask(request).has_file_descriptor_response());
}

TEST(SideCallsTest, UnknownMethodsAreUnimplemented) {
  TestServices services;
  RunningServer server(services, {});
  grpc::GenericStub stub(server.Channel());
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  auto call = stub.PrepareUnaryCall(&context, "/no.Such/Method",
                                    grpc::ByteBuffer(), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_THAT(FromGrpc(status), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(FromGrpc(status), HasReason("METHOD_UNKNOWN"));
}

}  // namespace
}  // namespace howdah::server
