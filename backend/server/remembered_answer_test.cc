// Answers that are given again, through a real gRPC server.

#include <memory>

#include "backend/server/server_fixture.h"
#include "gtest/gtest.h"
#include "proto/support/status_grpc.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

class RememberedAnswerTest : public ::testing::Test {
 protected:
  RememberedAnswerTest() {
    services_.on_source = [this](const auto&) { return source_; };
    services_.on_get_from_memory = [this](const CallContext&,
                                          const auto& request)
        -> std::optional<absl::StatusOr<ops::Operation>> {
      ++made_;
      if (source_ == nullptr) return std::nullopt;
      ops::Operation operation;
      operation.set_name(request.name());
      operation.set_message(std::to_string(*source_));
      return operation;
    };
    server_ = std::make_unique<RunningServer>(services_, ServerOptions());
    stub_ = ops::OperationsService::NewStub(server_->Channel());
  }

  // The message of the operation.
  std::string Get(const std::string& name) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    ops::GetOperationRequest request;
    request.set_name(name);
    ops::Operation operation;
    EXPECT_OK(
        support::FromGrpc(stub_->GetOperation(&context, request, &operation)));
    EXPECT_EQ(operation.name(), name);
    return operation.message();
  }

  TestServices services_;
  // Changed only while no call is under way.
  std::shared_ptr<const int> source_ = std::make_shared<const int>(1);
  int made_ = 0;
  std::unique_ptr<RunningServer> server_;
  std::unique_ptr<ops::OperationsService::Stub> stub_;
};

TEST_F(RememberedAnswerTest, IsMadeOnceWhileItsSourceIsTheSame) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(Get("b"), "1");
  EXPECT_EQ(made_, 2);
}

TEST_F(RememberedAnswerTest, IsMadeAnewWhenItsSourceHasChanged) {
  EXPECT_EQ(Get("a"), "1");
  source_ = std::make_shared<const int>(2);
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(made_, 2);
}

TEST_F(RememberedAnswerTest, IsNotGivenWhenMemoryCannotAnswerAnyMore) {
  EXPECT_EQ(Get("a"), "1");
  source_ = nullptr;
  EXPECT_EQ(Get("a"), "");
  EXPECT_EQ(made_, 2);
}

}  // namespace
}  // namespace howdah::server
