// The whole way of a call through a real gRPC server.
#include "backend/server/server.h"

#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "backend/auth/connection_authenticator.h"
#include "backend/server/server_fixture.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "proto/support/status_grpc.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

using howdah::testing::HasReason;
using howdah::testing::IsOk;
using howdah::testing::StatusIs;
using support::FromGrpc;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr absl::Duration kLong = absl::Seconds(20);

std::chrono::system_clock::time_point Soon() {
  return absl::ToChronoTime(absl::Now() + kLong);
}

// Calls GetOperation; what the test wants in metadata goes into `context`.
absl::StatusOr<ops::Operation> Get(ops::OperationsService::Stub& stub,
                                   const std::string& name,
                                   grpc::ClientContext& context) {
  ops::GetOperationRequest request;
  request.set_name(name);
  ops::Operation operation;
  const absl::Status status =
      FromGrpc(stub.GetOperation(&context, request, &operation));
  if (!status.ok()) return status;
  return operation;
}

absl::StatusOr<ops::Operation> Get(ops::OperationsService::Stub& stub,
                                   const std::string& name) {
  grpc::ClientContext context;
  context.set_deadline(Soon());
  return Get(stub, name, context);
}

pg::CreateRoleRequest RoleRequest() {
  pg::CreateRoleRequest request;
  request.set_cluster_name("orders-db");
  request.set_role_name("app_user");
  return request;
}

absl::StatusOr<pg::CreateRoleResponse> CreateRole(
    const RunningServer& server, const pg::CreateRoleRequest& request,
    grpc::ClientContext& context) {
  auto stub = pg::RoleService::NewStub(server.Channel());
  context.set_deadline(Soon());
  pg::CreateRoleResponse response;
  const absl::Status status =
      FromGrpc(stub->CreateRole(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

TEST(ServerTest, AnswersFromTheExecutor) {
  TestServices services;
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  const auto operation = Get(*stub, "abc");
  ASSERT_OK(operation);
  EXPECT_EQ(operation->name(), "abc");
}

TEST(ServerTest, AnswersFromMemoryOnTheArrivingThread) {
  TestServices services;
  std::atomic<int> slow = 0;
  services.on_get = [&](const CallContext&, const auto&) {
    ++slow;
    return ops::Operation();
  };
  services.on_get_from_memory =
      [](const CallContext&,
         const auto& request) -> std::optional<absl::StatusOr<ops::Operation>> {
    if (request.name() == "cold") return std::nullopt;
    ops::Operation operation;
    operation.set_message("from memory");
    return operation;
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  const auto warm = Get(*stub, "warm");
  ASSERT_OK(warm);
  EXPECT_EQ(warm->message(), "from memory");
  EXPECT_EQ(slow, 0);
  ASSERT_OK(Get(*stub, "cold"));
  EXPECT_EQ(slow, 1);
}

TEST(ServerTest, ListensOnTcpAndUnixSocketAtOnce) {
  TestServices services;
  ServerOptions options;
  const std::string path = NewSocketPath();
  options.net.addresses = {"127.0.0.1:0", "unix:" + path};
  RunningServer server(services, options);
  ASSERT_THAT(server.server().listening(), SizeIs(2));
  EXPECT_THAT(server.server().listening()[0], Not(HasSubstr(":0")));
  for (const std::string& address : server.server().listening()) {
    auto stub = ops::OperationsService::NewStub(
        grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    EXPECT_OK(Get(*stub, "abc"));
  }
  struct stat facts = {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST(ServerTest, DefaultsAreFilledIn) {
  TestServices services;
  RunningServer server(services, {});
  grpc::ClientContext context;
  const auto created = CreateRole(server, RoleRequest(), context);
  ASSERT_OK(created);
  EXPECT_TRUE(created->role().login());
  EXPECT_TRUE(created->role().inherit());

  auto stub = pg::RoleService::NewStub(server.Channel());
  grpc::ClientContext list_context;
  pg::ListRolesRequest request;
  request.set_cluster_name("orders-db");
  pg::ListRolesResponse response;
  ASSERT_OK(FromGrpc(stub->ListRoles(&list_context, request, &response)));
  EXPECT_EQ(response.summary(), "DETAIL_LEVEL_CONCISE");
  EXPECT_EQ(response.count(), 100);
}

TEST(ServerTest, ValidationErrorsNameEveryWrongField) {
  TestServices services;
  RunningServer server(services, {});
  pg::CreateRoleRequest request;
  request.set_cluster_name("Orders_DB");
  grpc::ClientContext context;
  const auto refused = CreateRole(server, request, context);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused, HasReason("INVALID_FIELD"));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(support::GetDetail(refused.status(), bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(0).field(), "cluster_name");
  EXPECT_THAT(bad.field_violations(0).description(), HasSubstr("Orders_DB"));
  EXPECT_EQ(bad.field_violations(1).field(), "role_name");
}

TEST(ServerTest, SecretsAreNotToldBack) {
  TestServices services;
  RunningServer server(services, {});
  pg::UpdateRoleRequest request;
  request.set_cluster_name("orders-db");
  request.set_role_name("app_user");
  request.set_password(std::string(2000, 'S'));
  grpc::ClientContext context;
  pg::UpdateRoleResponse response;
  auto stub = pg::RoleService::NewStub(server.Channel());
  const absl::Status refused =
      FromGrpc(stub->UpdateRole(&context, request, &response));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr("password")));
  EXPECT_THAT(support::ToProto(refused).DebugString(), Not(HasSubstr("SSSS")));
}

TEST(ServerTest, ReadOnlyServerRefusesMutationsAndAuditsThem) {
  TestServices services;
  ServerOptions options;
  options.policy.read_only = true;
  RunningServer server(services, options);
  grpc::ClientContext context;
  const auto refused = CreateRole(server, RoleRequest(), context);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(refused, HasReason("READ_ONLY"));
  auto stub = ops::OperationsService::NewStub(server.Channel());
  EXPECT_OK(Get(*stub, "abc"));
  ASSERT_THAT(server.audit().records(), SizeIs(1));
  EXPECT_EQ(server.audit().records()[0].decision, "denied");
  EXPECT_EQ(server.audit().records()[0].reason, "READ_ONLY");
}

TEST(ServerTest, CallersMayAskToBeReadOnly) {
  TestServices services;
  RunningServer server(services, {});
  grpc::ClientContext context;
  context.AddMetadata("howdah-read-only", "true");
  EXPECT_THAT(CreateRole(server, RoleRequest(), context),
              HasReason("READ_ONLY"));
}

TEST(ServerTest, AToolsetThatIsOffIsRefusedWhateverTheEffect) {
  TestServices services;
  RunningServer server(services, {});
  grpc::ClientContext wishing;
  wishing.AddMetadata("howdah-toolsets", "aiven,aws");
  EXPECT_THAT(CreateRole(server, RoleRequest(), wishing),
              HasReason("TOOLSET_OFF"));
  grpc::ClientContext content;
  content.AddMetadata("howdah-toolsets", "aws,postgres");
  EXPECT_OK(CreateRole(server, RoleRequest(), content));
}

TEST(ServerTest, AnUnknownToolsetStopsTheStart) {
  TestServices services;
  ServerOptions options;
  options.toolsets = {"postgress"};
  MethodRegistry registry;
  services.BindTo(registry);
  RecordingAuditLog audit;
  auth::ConnectionAuthenticator authenticator;
  EXPECT_THAT(
      Server::Start(options, std::move(registry), {authenticator, audit}),
      HasReason("UNKNOWN_TOOLSET"));
}

TEST(ServerTest, MutationsAreAudited) {
  TestServices services;
  RunningServer server(services, {});
  grpc::ClientContext context;
  context.AddMetadata(
      "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  pg::CreateRoleRequest request = RoleRequest();
  request.set_dry_run(true);
  ASSERT_OK(CreateRole(server, request, context));
  ASSERT_THAT(server.audit().records(), SizeIs(1));
  const observability::AuditRecord record = server.audit().records()[0];
  EXPECT_EQ(record.who, "local");
  EXPECT_EQ(record.method, "howdah.postgres.v1.RoleService.CreateRole");
  EXPECT_EQ(record.effect, "create");
  EXPECT_THAT(record.targets, ElementsAre(Pair("cluster_name", "orders-db"),
                                          Pair("role_name", "app_user")));
  EXPECT_EQ(record.decision, "allowed");
  EXPECT_EQ(record.code, "OK");
  EXPECT_TRUE(record.dry_run);
  EXPECT_EQ(record.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(ServerTest, ErrorsWithoutAReasonLeakNothing) {
  TestServices services;
  services.on_get = [](const CallContext&,
                       const auto&) -> absl::StatusOr<ops::Operation> {
    return absl::InternalError("password=hunter2");
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  const auto failed = Get(*stub, "abc");
  EXPECT_THAT(failed,
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("hunter2"))));
  EXPECT_THAT(failed, HasReason("INTERNAL"));
}

TEST(ServerTest, ExceptionsOfAMethodAreInternal) {
  TestServices services;
  services.on_get = [](const CallContext&,
                       const auto&) -> absl::StatusOr<ops::Operation> {
    throw std::runtime_error("surprise");
  };
  services.on_get_from_memory =
      [](const CallContext&,
         const auto& request) -> std::optional<absl::StatusOr<ops::Operation>> {
    if (request.name() == "memory") throw 7;
    return std::nullopt;
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  EXPECT_THAT(Get(*stub, "abc"), HasReason("INTERNAL"));
  EXPECT_THAT(Get(*stub, "memory"), HasReason("INTERNAL"));
}

TEST(ServerTest, LongErrorsStillArriveWithTheirReason) {
  TestServices services;
  services.on_get = [](const CallContext&,
                       const auto&) -> absl::StatusOr<ops::Operation> {
    support::ErrorBuilder error(absl::StatusCode::kFailedPrecondition, "HUGE",
                                support::kHowdahDomain);
    error.Message(std::string(50'000, 'x'));
    error.With("detail", std::string(50'000, 'y'));
    return error.Build();
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  const auto failed = Get(*stub, "abc");
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(failed, HasReason("HUGE"));
}

TEST(ServerTest, CancellationReachesTheMethod) {
  TestServices services;
  absl::Notification started;
  absl::Notification stopped;
  services.on_get = [&](const CallContext& context, const auto&) {
    std::stop_callback on_stop(context.cancelled, [&] { stopped.Notify(); });
    started.Notify();
    stopped.WaitForNotification();
    return absl::StatusOr<ops::Operation>(absl::CancelledError("stopped"));
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  absl::StatusOr<ops::Operation> result;
  std::thread caller([&] { result = Get(*stub, "abc", context); });
  started.WaitForNotification();
  context.TryCancel();
  caller.join();
  EXPECT_TRUE(stopped.WaitForNotificationWithTimeout(kLong));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kCancelled));
}

TEST(ServerTest, DeadlineOfTheClientReachesTheMethod) {
  TestServices services;
  absl::Notification stopped;
  absl::Time deadline;
  services.on_get = [&](const CallContext& context, const auto&) {
    deadline = context.deadline;
    std::stop_callback on_stop(context.cancelled, [&] { stopped.Notify(); });
    stopped.WaitForNotification();
    return absl::StatusOr<ops::Operation>(absl::CancelledError("stopped"));
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  const absl::Time asked = absl::Now() + absl::Milliseconds(300);
  context.set_deadline(absl::ToChronoTime(asked));
  EXPECT_THAT(Get(*stub, "abc", context),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  ASSERT_TRUE(stopped.WaitForNotificationWithTimeout(kLong));
  EXPECT_LT(absl::AbsDuration(deadline - asked), absl::Seconds(5));
}

TEST(ServerTest, CallsWithoutADeadlineGetThatOfTheContract) {
  TestServices services;
  absl::Duration left;
  services.on_get = [&](const CallContext& context, const auto&) {
    left = context.deadline - absl::Now();
    return absl::StatusOr<ops::Operation>(ops::Operation());
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  ASSERT_OK(Get(*stub, "abc", context));
  EXPECT_GT(left, absl::Seconds(5));
  EXPECT_LE(left, absl::Seconds(10));
}

TEST(ServerTest, FullQueueIsToldAtOnce) {
  TestServices services;
  absl::Notification started;
  absl::Notification release;
  services.on_get = [&](const CallContext&, const auto&) {
    started.Notify();
    release.WaitForNotification();
    return absl::StatusOr<ops::Operation>(ops::Operation());
  };
  ServerOptions options;
  options.executor = {.workers = 1, .queue = 0};
  RunningServer server(services, options);
  auto stub = ops::OperationsService::NewStub(server.Channel());
  std::thread first([&] { EXPECT_OK(Get(*stub, "first")); });
  started.WaitForNotification();
  const auto refused = Get(*stub, "second");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refused, HasReason("SERVER_BUSY"));
  google::rpc::RetryInfo retry;
  EXPECT_TRUE(support::GetDetail(refused.status(), retry));
  release.Notify();
  first.join();
}

TEST(ServerTest, LaterAnswersArriveFromAnotherThread) {
  TestServices services;
  std::thread answering;
  absl::Notification
      begun;  // The answer must not come before its thread is known.
  services.on_cancel = [&](const CallContext&, const auto&, auto reply) {
    answering = std::thread([&begun, reply = std::move(reply)] {
      begun.WaitForNotification();
      reply(ops::CancelOperationResponse());
      reply(absl::InternalError("only the first answer counts"));
    });
    begun.Notify();
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  context.set_deadline(Soon());
  ops::CancelOperationRequest request;
  request.set_name("abc");
  ops::CancelOperationResponse response;
  EXPECT_OK(FromGrpc(stub->CancelOperation(&context, request, &response)));
  answering.join();
}

TEST(ServerTest, ForgottenAnswersAreInternal) {
  TestServices services;
  services.on_cancel = [](const CallContext&, const auto&, auto) {};
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  context.set_deadline(Soon());
  ops::CancelOperationRequest request;
  request.set_name("abc");
  ops::CancelOperationResponse response;
  EXPECT_THAT(FromGrpc(stub->CancelOperation(&context, request, &response)),
              HasReason("NO_ANSWER"));
}

// Reads a stream to its end; percents in order.
std::vector<int> ReadAll(grpc::ClientReader<ops::Operation>& reader) {
  std::vector<int> percents;
  ops::Operation operation;
  while (reader.Read(&operation)) {
    percents.push_back(operation.progress_percent());
  }
  return percents;
}

ops::Operation Progress(int percent) {
  ops::Operation operation;
  operation.set_progress_percent(percent);
  return operation;
}

TEST(ServerTest, StreamsArriveInOrderAndEndWithTheStatus) {
  TestServices services;
  services.on_wait = [](const CallContext&, const auto&, auto stream) {
    stream->Send(Progress(100));
    stream->Finish(support::ErrorBuilder(absl::StatusCode::kAborted,
                                         "OPERATION_FAILED", "test")
                       .Message("no")
                       .Build());
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  context.set_deadline(Soon());
  ops::WaitOperationRequest request;
  request.set_name("abc");
  auto reader = stub->WaitOperation(&context, request);
  EXPECT_THAT(ReadAll(*reader), ElementsAre(100));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasReason("OPERATION_FAILED"));
}

TEST(ServerTest, SlowReadersGetTheNewestMessage) {
  TestServices services;
  // More than the flow control windows of a connection can take.
  constexpr int kMessages = 400;
  const std::string ballast(100'000, 'b');
  services.on_wait = [&](const CallContext&, const auto&, auto stream) {
    for (int i = 1; i <= kMessages; ++i) {
      ops::Operation operation = Progress(i);
      operation.set_message(ballast);
      stream->Send(std::move(operation));
    }
    stream->Finish(absl::OkStatus());
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  context.set_deadline(Soon());
  ops::WaitOperationRequest request;
  request.set_name("abc");
  auto reader = stub->WaitOperation(&context, request);
  const std::vector<int> percents = ReadAll(*reader);
  EXPECT_OK(FromGrpc(reader->Finish()));
  ASSERT_FALSE(percents.empty());
  EXPECT_EQ(percents.back(), kMessages);
  EXPECT_LT(percents.size(), static_cast<size_t>(kMessages));
  EXPECT_TRUE(std::is_sorted(percents.begin(), percents.end()));
}

TEST(ServerTest, StreamsLearnThatTheirReaderHasGone) {
  TestServices services;
  absl::Notification gone;
  std::unique_ptr<std::stop_callback<std::function<void()>>> on_stop;
  TestServices::OperationStream kept;
  services.on_wait = [&](const CallContext& context, const auto&, auto stream) {
    kept = stream;
    on_stop = std::make_unique<std::stop_callback<std::function<void()>>>(
        context.cancelled, [&] { gone.Notify(); });
    stream->Send(Progress(1));
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  ops::WaitOperationRequest request;
  request.set_name("abc");
  auto reader = stub->WaitOperation(&context, request);
  ops::Operation operation;
  ASSERT_TRUE(reader->Read(&operation));
  context.TryCancel();
  EXPECT_TRUE(gone.WaitForNotificationWithTimeout(kLong));
  kept->Finish(absl::CancelledError("gone"));
  on_stop = nullptr;
  kept = nullptr;
}

TEST(ServerTest, DrainEndsStreamsAtOnceForAnotherReplicaToAnswer) {
  TestServices services;
  TestServices::OperationStream kept;
  std::stop_token cancelled;
  std::stop_token draining;
  services.on_wait = [&](const CallContext& context, const auto&, auto stream) {
    kept = stream;
    cancelled = context.cancelled;
    draining = context.draining();
    stream->Send(Progress(1));
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  grpc::ClientContext context;
  ops::WaitOperationRequest request;
  request.set_name("abc");
  auto reader = stub->WaitOperation(&context, request);
  ops::Operation operation;
  ASSERT_TRUE(reader->Read(&operation));
  std::thread drain([&] { server.server().Drain(kLong); });
  EXPECT_FALSE(reader->Read(&operation));
  const absl::Status ended = FromGrpc(reader->Finish());
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ended, HasReason("SERVER_DRAINING"));
  google::rpc::RetryInfo retry;
  EXPECT_TRUE(support::GetDetail(ended, retry));
  kept = nullptr;
  drain.join();
  EXPECT_TRUE(cancelled.stop_requested()) << "the method need not wait either";
  EXPECT_TRUE(draining.stop_requested());
}

TEST(ServerTest, DrainLetsARunningCallFinishAndTakesNoNewOnes) {
  TestServices services;
  absl::Notification started;
  absl::Notification release;
  services.on_get = [&](const CallContext&, const auto&) {
    started.Notify();
    release.WaitForNotification();
    return absl::StatusOr<ops::Operation>(ops::Operation());
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  absl::Status first;
  std::thread caller([&] { first = Get(*stub, "first").status(); });
  started.WaitForNotification();
  std::thread draining([&] { server.server().Drain(kLong); });
  // New callers are served until the drain has begun, then refused.
  absl::Status late;
  while (late.ok()) {
    auto newcomer = pg::RoleService::NewStub(server.Channel());
    grpc::ClientContext context;
    pg::ListRolesRequest request;
    request.set_cluster_name("orders-db");
    pg::ListRolesResponse response;
    late = FromGrpc(newcomer->ListRoles(&context, request, &response));
    if (late.code() == absl::StatusCode::kResourceExhausted) {
      late = absl::OkStatus();
    }
  }
  EXPECT_THAT(late, AnyOf(StatusIs(absl::StatusCode::kUnavailable),
                          StatusIs(absl::StatusCode::kCancelled)));
  release.Notify();
  caller.join();
  draining.join();
  EXPECT_OK(first);
}

TEST(ServerTest, DrainCancelsWhatOutlivesTheGrace) {
  TestServices services;
  absl::Notification started;
  services.on_get = [&](const CallContext& context, const auto&) {
    absl::Notification stopped;
    std::stop_callback on_stop(context.cancelled, [&] { stopped.Notify(); });
    started.Notify();
    stopped.WaitForNotification();
    return absl::StatusOr<ops::Operation>(absl::CancelledError("stopped"));
  };
  RunningServer server(services, {});
  auto stub = ops::OperationsService::NewStub(server.Channel());
  absl::Status first;
  std::thread caller([&] { first = Get(*stub, "first").status(); });
  started.WaitForNotification();
  server.server().Drain(absl::Milliseconds(50));
  caller.join();
  EXPECT_THAT(first, Not(IsOk()));
}

// Knows nobody at once, and answers when the test says so, from its thread.
class SlowAuthenticator : public auth::Authenticator {
 public:
  std::optional<Answer> FromMemory(const auth::Caller&) override {
    return std::nullopt;
  }
  void Authenticate(const auth::Caller&, Done done) override {
    done_ = std::move(done);
    asked.Notify();
  }
  void Give(Answer answer) { std::exchange(done_, nullptr)(std::move(answer)); }

  absl::Notification asked;

 private:
  Done done_;
};

class SlowAuthenticatorTest : public ::testing::Test {
 protected:
  // Calls, and lets the caller be known as `answer` once it has been asked for.
  absl::StatusOr<ops::Operation> GetWith(auth::Authenticator::Answer answer) {
    absl::StatusOr<ops::Operation> got;
    std::thread caller([&] {
      grpc::ClientContext context;
      got = Get(*stub_, "op", context);
    });
    slow_->asked.WaitForNotification();
    slow_->Give(std::move(answer));
    caller.join();
    return got;
  }

  TestServices services_;
  SlowAuthenticator* const slow_ = new SlowAuthenticator;
  RunningServer server_{
      services_, {}, std::unique_ptr<auth::Authenticator>(slow_)};
  const std::unique_ptr<ops::OperationsService::Stub> stub_ =
      ops::OperationsService::NewStub(server_.Channel());
};

TEST_F(SlowAuthenticatorTest, ACallWaitsUntilItsCallerIsKnown) {
  std::string name;
  services_.on_get = [&](const CallContext& context, const auto&) {
    name = context.principal.name;
    return ops::Operation();
  };
  EXPECT_OK(GetWith(auth::Principal{.name = "ada"}));
  EXPECT_EQ(name, "ada");
}

TEST_F(SlowAuthenticatorTest, AStrangerIsRefusedLaterToo) {
  EXPECT_THAT(GetWith(absl::UnauthenticatedError("no")),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(ServerTest, AddressesBeyondLoopbackNeedTls) {
  TestServices services;
  RecordingAuditLog audit;
  MethodRegistry registry;
  services.BindTo(registry);
  ServerOptions options;
  options.net.addresses = {"0.0.0.0:0"};
  auth::ConnectionAuthenticator authenticator;
  EXPECT_THAT(
      Server::Start(options, std::move(registry), {authenticator, audit}),
      HasReason("TLS_REQUIRED"));
}

TEST(ServerTest, MethodsWithoutAFunctionStopTheStart) {
  TestServices services;
  RecordingAuditLog audit;
  MethodRegistry registry;
  registry.Bind("howdah.postgres.v1.ClusterService", services);
  ServerOptions options;
  options.net.addresses = {"unix:" + NewSocketPath()};
  auth::ConnectionAuthenticator authenticator;
  const auto refused =
      Server::Start(options, std::move(registry), {authenticator, audit});
  EXPECT_THAT(refused, HasReason("METHODS_INCOMPLETE"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("GetCluster has no function")));
}

}  // namespace
}  // namespace howdah::server
