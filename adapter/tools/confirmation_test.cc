// Destructive calls where the client can ask its user, and long ones where it
// knows tasks, over a backend played by hand.

#include "adapter/tools/confirmation.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/testing/fake_caller.h"
#include "adapter/tools/operation_tasks.h"
#include "adapter/tools/rpc_tool_provider.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/aws/v1/aws_service.pb.h"
#include "howdah/operations/v1/operations_service.pb.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "tests/support/status_matchers.h"

namespace howdah::tools {
namespace {

using howdah::operations::v1::Operation;
using howdah::testing::FakeCaller;
using howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Json = nlohmann::json;
namespace pb = howdah::postgres::v1;

class DirectedCallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = catalogue::Catalogue::Build({"all"});
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    provider_ = std::make_unique<RpcToolProvider>(
        *catalogue_, backend_,
        [this](absl::Duration, std::function<void()> wake) {
          wake_ = std::move(wake);
        });
    tasks_ = std::make_unique<OperationTasks>(*catalogue_, backend_,
                                              [this] { return now_; });
  }

  void Call(const std::string& tool, const std::string& arguments) {
    result_.reset();
    mcp::ToolCall call;
    call.name = tool;
    call.arguments_json = arguments;
    call.context = context_;
    call.inputs = inputs_;
    call.state = state_;
    call.may_become_task = context_.client.tasks;
    call.on_progress = [this](const mcp::ToolProgress& progress) {
      progress_.push_back(absl::StrCat(progress.progress, "/", progress.total,
                                       " ", progress.message));
    };
    call.done = [this](mcp::ToolResult result) { result_ = std::move(result); };
    provider_->CallTool(std::move(call));
  }
  // Lets the pause be over that a call waits for.
  void Wake() { std::exchange(wake_, nullptr)(); }
  std::string Reason() const {
    return Json::parse(result_->structured_json)["error"]["reason"];
  }

  std::unique_ptr<catalogue::Catalogue> catalogue_;
  FakeCaller backend_;
  std::unique_ptr<RpcToolProvider> provider_;
  std::unique_ptr<OperationTasks> tasks_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  mcp::RequestContext context_;
  mcp::InputResponses inputs_;
  std::string state_;
  std::optional<mcp::ToolResult> result_;
  std::function<void()> wake_;
  std::vector<std::string> progress_;
};

TEST_F(DirectedCallTest, ALongCallTellsThatItGoesOn) {
  Call("execute_aws_read_command", R"({"command":"s3 ls"})");
  Wake();
  Wake();
  EXPECT_THAT(progress_, ElementsAre("5/120 Running for 5 s.",
                                     "10/120 Running for 10 s."));
  howdah::aws::v1::ExecuteReadCommandResponse answer;
  answer.set_text("2026-11-21 logs");
  backend_.Last().Answer(answer);
  EXPECT_TRUE(result_.has_value());
  Wake();
  EXPECT_THAT(progress_, SizeIs(2));
  EXPECT_EQ(wake_, nullptr);
}

TEST_F(DirectedCallTest, AShortCallHasNothingToTell) {
  Call("list_aws_profiles", "{}");
  EXPECT_EQ(wake_, nullptr);
}

class ConfirmationTest : public DirectedCallTest {
 protected:
  ConfirmationTest() { context_.client.elicitation_form = true; }

  void Delete() { Call("delete_postgres_cluster", R"({"name":"orders"})"); }
  const pb::DeleteClusterRequest& Sent() {
    return backend_.Last().Request<pb::DeleteClusterRequest>();
  }
  void RefuseUnconfirmed() {
    backend_.Last().Fail(
        support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                              "CONFIRMATION_REQUIRED", support::kPostgresDomain)
            .Message("Deleting needs confirm_deletion.")
            .Build());
  }
  void Rehearse(const std::string& loss) {
    EXPECT_TRUE(Sent().dry_run());
    EXPECT_FALSE(Sent().confirm_deletion());
    pb::DeleteClusterResponse rehearsal;
    rehearsal.set_summary("Cluster orders would be deleted.");
    rehearsal.add_losses(loss);
    backend_.Last().Answer(rehearsal);
  }
  // Plays the call up to the question, and remembers what it asked.
  void AskAndAnswer(const std::string& reply) {
    Delete();
    RefuseUnconfirmed();
    Rehearse("3 instances");
    ASSERT_TRUE(result_.has_value() && result_->input_required.has_value());
    state_ = result_->input_required->state;
    inputs_ = {{"confirm", reply}};
    Delete();
  }
};

TEST_F(ConfirmationTest, TheFormSaysExactlyWhatWillBeLost) {
  Delete();
  EXPECT_FALSE(Sent().dry_run());
  RefuseUnconfirmed();
  Rehearse("3 instances with 10Gi each");
  ASSERT_TRUE(result_->input_required.has_value());
  const auto& request = result_->input_required->requests.at(0);
  EXPECT_EQ(request.method, "elicitation/create");
  const Json form = Json::parse(request.params_json);
  EXPECT_THAT(form["message"].get<std::string>(),
              HasSubstr("3 instances with 10Gi each"));
  const Json& schema = form["requestedSchema"];
  EXPECT_EQ(schema["required"], Json::array({"confirm"}));
  EXPECT_EQ(schema["properties"]["confirm"]["type"], "boolean");
  EXPECT_EQ(schema["properties"]["confirm"]["default"], false);
}

TEST_F(ConfirmationTest, AYesToTheSameLossDeletes) {
  AskAndAnswer(R"({"action":"accept","content":{"confirm":true}})");
  Rehearse("3 instances");
  EXPECT_FALSE(Sent().dry_run());
  EXPECT_TRUE(Sent().confirm_deletion());
  pb::DeleteClusterResponse deleted;
  deleted.set_summary("Cluster orders is being deleted.");
  backend_.Last().Answer(deleted);
  EXPECT_FALSE(result_->is_error);
  EXPECT_THAT(result_->text, HasSubstr("is being deleted"));
}

TEST_F(ConfirmationTest, WhatHasChangedSinceIsAskedAnew) {
  AskAndAnswer(R"({"action":"accept","content":{"confirm":true}})");
  Rehearse("3 instances and 2 databases");
  ASSERT_TRUE(result_->input_required.has_value());
  EXPECT_THAT(result_->input_required->state, HasSubstr("2 databases"));
  EXPECT_THAT(backend_.calls, SizeIs(3)) << "nothing was deleted";
}

TEST_F(ConfirmationTest, EverythingButAPlainYesMeansNo) {
  for (const char* reply :
       {R"({"action":"decline"})", R"({"action":"cancel"})", "",
        R"({"action":"accept","content":{"confirm":false}})",
        R"({"action":"accept"})", R"({"action":"accept","content":{}})",
        R"({"action":"accept","content":{"confirm":"true"}})"}) {
    state_.clear();
    inputs_.clear();
    AskAndAnswer(reply);
    ASSERT_TRUE(result_.has_value()) << reply;
    EXPECT_TRUE(result_->is_error) << reply;
    EXPECT_EQ(Reason(), "CONFIRMATION_DECLINED") << reply;
  }
}

TEST_F(ConfirmationTest, AClientThatCannotAskGetsTheRefusal) {
  context_.client.elicitation_form = false;
  Delete();
  RefuseUnconfirmed();
  EXPECT_TRUE(result_->is_error);
  EXPECT_EQ(Reason(), "CONFIRMATION_REQUIRED");
  EXPECT_THAT(backend_.calls, SizeIs(1));
}

TEST_F(ConfirmationTest, ABackendThatGoesOnRefusingIsBelieved) {
  AskAndAnswer(R"({"action":"accept","content":{"confirm":true}})");
  Rehearse("3 instances");
  RefuseUnconfirmed();
  EXPECT_EQ(Reason(), "CONFIRMATION_REQUIRED");
}

// Whether it needs a confirmation is known by the backend alone.
TEST_F(ConfirmationTest, ACommandThatDestroysIsShownToTheUserAsItWouldRun) {
  using howdah::aws::v1::ExecuteWriteCommandRequest;
  using howdah::aws::v1::ExecuteWriteCommandResponse;
  constexpr char kCommand[] = R"({"command":"s3 rb s3://logs"})";
  const auto play = [&](const char* account) {
    Call("execute_aws_write_command", kCommand);
    if (state_.empty()) RefuseUnconfirmed();
    const auto& sent = backend_.Last().Request<ExecuteWriteCommandRequest>();
    EXPECT_TRUE(sent.dry_run() && !sent.confirm());
    ExecuteWriteCommandResponse rehearsal;
    rehearsal.set_summary("aws s3 rb would run.");
    rehearsal.set_account(account);
    rehearsal.add_arguments("rb");
    rehearsal.add_arguments("s3://logs");
    backend_.Last().Answer(rehearsal);
  };
  play("123456789012");
  ASSERT_TRUE(result_->input_required.has_value());
  EXPECT_THAT(result_->input_required->requests[0].params_json,
              AllOf(HasSubstr("s3://logs"), HasSubstr("123456789012")));
  state_ = result_->input_required->state;
  inputs_ = {{"confirm", R"({"action":"accept","content":{"confirm":true}})"}};
  play("999999999999");
  EXPECT_TRUE(result_.has_value()) << "another account: asked anew";
  play("123456789012");
  const auto& sent = backend_.Last().Request<ExecuteWriteCommandRequest>();
  EXPECT_TRUE(sent.confirm() && !sent.dry_run());
  // What changes without losing anything asks nobody.
  state_.clear();
  Call("execute_aws_write_command", R"({"command":"s3 mb s3://logs"})");
  backend_.Last().Answer(ExecuteWriteCommandResponse());
  EXPECT_TRUE(result_.has_value() && !result_->input_required.has_value());
}

TEST_F(ConfirmationTest, AToolsetThatIsOffIsRefusedHere) {
  context_.toolsets = {"aws"};
  Delete();
  EXPECT_EQ(Reason(), "TOOLSET_OFF");
  EXPECT_THAT(backend_.calls, SizeIs(0));
}

class OperationTasksTest : public DirectedCallTest {
 protected:
  OperationTasksTest() { context_.client.tasks = true; }

  std::string Begin() {
    Call("create_postgres_cluster", R"({"name":"orders","wait":true})");
    pb::CreateClusterResponse begun;
    begun.mutable_operation()->set_name("op:1");
    begun.mutable_operation()->set_message("Creating");
    backend_.Last().Answer(begun);
    EXPECT_NE(result_->task, nullptr);
    return result_->task == nullptr ? "" : result_->task->id;
  }
  void Get(const std::string& id) {
    state_now_.reset();
    tasks_->Get(id, context_,
                [this](auto state) { state_now_ = std::move(state); });
  }

  std::optional<absl::StatusOr<mcp::TaskState>> state_now_;
};

TEST_F(OperationTasksTest, AWaitBecomesATaskThatAnyReplicaAnswersFor) {
  const std::string id = Begin();
  EXPECT_THAT(backend_.calls, SizeIs(1)) << "nobody waits";
  Get(id);
  EXPECT_THAT(backend_.Last().path, EndsWith("GetOperation"));
  Operation running;
  running.set_progress_percent(40);
  running.set_message("2 of 3 instances ready");
  backend_.Last().Answer(running);
  ASSERT_OK(*state_now_);
  EXPECT_EQ(state_now_->value().status, mcp::TaskStatus::kWorking);
  EXPECT_THAT(state_now_->value().message,
              StartsWith("40 %: 2 of 3 instances ready ("));
  EXPECT_LT(state_now_->value().created, absl::Now());

  Get(id);
  Operation done;
  done.set_done(true);
  pb::CreateClusterResponse answer;
  answer.set_summary("Cluster orders is ready.");
  done.mutable_result()->PackFrom(answer);
  backend_.Last().Answer(done);
  EXPECT_EQ(state_now_->value().status, mcp::TaskStatus::kCompleted);
  EXPECT_THAT(state_now_->value().result->text,
              HasSubstr("Cluster orders is ready."));
}

TEST_F(OperationTasksTest, AFailedOperationIsACompletedTaskWithAnError) {
  Get(Begin());
  Operation failed;
  failed.set_done(true);
  failed.mutable_error()->set_code(9);
  failed.mutable_error()->set_message("The cluster was deleted.");
  backend_.Last().Answer(failed);
  EXPECT_EQ(state_now_->value().status, mcp::TaskStatus::kCompleted);
  EXPECT_TRUE(state_now_->value().result->is_error);
}

TEST_F(OperationTasksTest, ForeignIdsAreNotFound) {
  for (const char* id : {"", "x", "nothing:1:op", "get_cluster_status:a:op"}) {
    Get(id);
    EXPECT_THAT(*state_now_, StatusIs(absl::StatusCode::kNotFound)) << id;
  }
  Get(Begin());
  backend_.Last().Fail(absl::InvalidArgumentError("no name of an operation"));
  EXPECT_THAT(*state_now_, StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(OperationTasksTest, CancellingEndsTheWaiting) {
  const std::string id = Begin();
  std::optional<absl::Status> ended;
  tasks_->Cancel(id, context_, [&](absl::Status status) { ended = status; });
  EXPECT_THAT(backend_.Last().path, EndsWith("CancelOperation"));
  backend_.Last().Answer(howdah::operations::v1::CancelOperationResponse());
  ASSERT_TRUE(ended.has_value());
  EXPECT_OK(*ended);
}

TEST_F(OperationTasksTest, AWatcherHearsEachStateUntilItGoes) {
  const std::string id = Begin();
  int told = 0;
  auto watch =
      tasks_->Watch(id, context_, [&](const mcp::TaskState&) { ++told; });
  ASSERT_OK(watch);
  backend_.Last().Send(Operation());
  EXPECT_EQ(told, 1);
  *watch = nullptr;
  EXPECT_TRUE(backend_.Last().cancelled);
}

TEST_F(OperationTasksTest, WithoutAWaitThereIsNoTask) {
  Call("create_postgres_cluster", R"({"name":"orders"})");
  pb::CreateClusterResponse begun;
  begun.mutable_operation()->set_name("op:1");
  backend_.Last().Answer(begun);
  EXPECT_EQ(result_->task, nullptr);
  EXPECT_FALSE(result_->is_error);
}

}  // namespace
}  // namespace howdah::tools
