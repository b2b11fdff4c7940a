// Whole calls, from the arguments of a client to a real gRPC server and back.

#include "adapter/tools/rpc_tool_provider.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/testing/test_backend.h"
#include "adapter/upstream/backend_channel.h"
#include "boost/asio/io_context.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_grpc.h"
#include "tests/support/status_matchers.h"

namespace howdah::tools {
namespace {

using howdah::operations::v1::Operation;
using howdah::operations::v1::WaitOperationRequest;
using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::CreateClusterRequest;
using ::howdah::postgres::v1::CreateClusterResponse;
using ::howdah::postgres::v1::GetClusterRequest;
using ::howdah::postgres::v1::HEALTH_HEALTHY;
using ::howdah::postgres::v1::ListClustersResponse;
using ::howdah::testing::TestBackend;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

class RpcToolProviderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Not TEST_TMPDIR: the path of a socket may have 107 characters.
    std::string pattern = "/tmp/howdah-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    address_ = absl::StrCat("unix:", directory_, "/s");
    auto catalogue = catalogue::Catalogue::Build();
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    StartBackend();
    Connect(address_);
  }
  void TearDown() override {
    provider_ = nullptr;
    channel_ = nullptr;
    backend_ = nullptr;
    unlink(absl::StrCat(directory_, "/s").c_str());
    rmdir(directory_.c_str());
  }

  void StartBackend() {
    backend_ = std::make_unique<TestBackend>(address_);
    backend_->get_cluster = [](const GetClusterRequest& request, Cluster& out,
                               grpc::ServerContext&) {
      out.set_summary("Cluster demo is healthy.");
      out.set_name(request.name());
      out.set_namespace_("default");
      out.set_health(HEALTH_HEALTHY);
      out.set_instances(3);
      out.set_ready_instances(3);
      out.set_ready("3/3");
      return grpc::Status::OK;
    };
  }
  void Connect(const std::string& address) {
    auto parsed = upstream::ParseBackendAddress(address);
    ASSERT_OK(parsed);
    channel_ =
        std::make_unique<upstream::BackendChannel>(io_, *parsed, nullptr);
    provider_ = std::make_unique<RpcToolProvider>(*catalogue_, *channel_);
  }

  std::unique_ptr<mcp::RunningCall> Start(const std::string& tool,
                                          const std::string& arguments) {
    mcp::ToolCall call;
    call.name = tool;
    call.arguments_json = arguments;
    call.context.read_only = read_only_;
    call.context.bearer_token = token_;
    call.context.request_id = request_id_;
    call.on_progress = [this](const mcp::ToolProgress& progress) {
      progress_.push_back(progress);
    };
    call.done = [this](mcp::ToolResult result) {
      EXPECT_FALSE(result_.has_value()) << "done was called twice";
      result_ = std::move(result);
    };
    return provider_->CallTool(std::move(call));
  }
  mcp::ToolResult Call(const std::string& tool, const std::string& arguments) {
    result_.reset();
    progress_.clear();
    const auto running = Start(tool, arguments);
    RunUntil([this] { return result_.has_value(); });
    return result_.value_or(mcp::ToolResult());
  }
  template <typename Condition>
  void RunUntil(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(9);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(condition());
  }

  std::string directory_;
  std::string address_;
  bool read_only_ = false;
  std::string token_;
  std::string request_id_;
  boost::asio::io_context io_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
  std::unique_ptr<TestBackend> backend_;
  std::unique_ptr<upstream::BackendChannel> channel_;
  std::unique_ptr<RpcToolProvider> provider_;
  std::optional<mcp::ToolResult> result_;
  std::vector<mcp::ToolProgress> progress_;
};

TEST_F(RpcToolProviderTest, ACallBecomesARequestAndTheAnswerText) {
  const mcp::ToolResult result =
      Call("get_cluster_status", R"({"name":"demo"})");
  EXPECT_FALSE(result.is_error) << result.text;
  EXPECT_THAT(result.text, StartsWith("Cluster demo is healthy.\n"));
  EXPECT_THAT(result.text, HasSubstr("ready: 3/3"));
  const Json json = Json::parse(result.structured_json);
  EXPECT_EQ(json["name"], "demo");
  EXPECT_EQ(json["health"], "healthy");
  EXPECT_EQ(json["ready_instances"], 3);
}

TEST_F(RpcToolProviderTest, FormatJsonGivesTheJsonAsText) {
  const mcp::ToolResult result =
      Call("get_cluster_status", R"({"name":"demo","format":"json"})");
  EXPECT_EQ(result.text, result.structured_json);
}

TEST_F(RpcToolProviderTest, ManyCallsShareTheConnection) {
  int answered = 0;
  std::vector<std::unique_ptr<mcp::RunningCall>> running;
  for (int i = 0; i < 200; ++i) {
    mcp::ToolCall call;
    const std::string name = absl::StrCat("c", i);
    const std::string arguments = absl::StrCat("{\"name\":\"", name, "\"}");
    call.name = "get_cluster_status";
    call.arguments_json = arguments;
    call.done = [&answered, name](mcp::ToolResult result) {
      EXPECT_FALSE(result.is_error) << result.text;
      EXPECT_EQ(Json::parse(result.structured_json)["name"], name);
      ++answered;
    };
    running.push_back(provider_->CallTool(std::move(call)));
  }
  RunUntil([&] { return answered == 200; });
}

TEST_F(RpcToolProviderTest, WrongArgumentsNeverReachTheBackend) {
  const mcp::ToolResult result =
      Call("create_postgres_cluster", R"({"nmae":"demo","instances":"two"})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, HasSubstr("nmae: is not known; did you mean "
                                     "\"name\"?"));
  EXPECT_THAT(result.text, HasSubstr("instances: must be an integer"));
  EXPECT_EQ(backend_->calls(), 0);
}

TEST_F(RpcToolProviderTest, ErrorsOfTheBackendArriveWithTheirDetails) {
  backend_->get_cluster = [](auto&, auto&, auto&) {
    return support::ToGrpc(support::ErrorBuilder(absl::StatusCode::kNotFound,
                                                 "CLUSTER_NOT_FOUND",
                                                 support::kPostgresDomain)
                               .Message("Cluster \"demo\" does not exist.")
                               .With("cluster", "demo")
                               .Build());
  };
  const mcp::ToolResult result =
      Call("get_cluster_status", R"({"name":"demo"})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, StartsWith("Cluster \"demo\" does not exist."));
  EXPECT_EQ(Json::parse(result.structured_json)["error"]["reason"],
            "CLUSTER_NOT_FOUND");
}

TEST_F(RpcToolProviderTest, UnavailableUpstreamIsNotTakenForATornConnection) {
  backend_->get_cluster = [](auto&, auto&, auto&) {
    return support::ToGrpc(support::ErrorBuilder(absl::StatusCode::kUnavailable,
                                                 "KUBERNETES_UNREACHABLE",
                                                 support::kPostgresDomain)
                               .Message("The Kubernetes API does not answer.")
                               .Build());
  };
  EXPECT_THAT(Call("get_cluster_status", R"({"name":"demo"})").text,
              StartsWith("The Kubernetes API does not answer."));
  EXPECT_EQ(backend_->calls(), 1);
}

TEST_F(RpcToolProviderTest, TheCallersTokenAndLimitsReachTheBackend) {
  token_ = "abc";
  read_only_ = true;
  Call("get_cluster_status", R"({"name":"demo"})");
  EXPECT_EQ(backend_->LastMetadata("authorization"), "Bearer abc");
  EXPECT_EQ(backend_->LastMetadata("howdah-read-only"), "true");
}

TEST_F(RpcToolProviderTest, ATokenThatNoHeaderCanCarryIsRefused) {
  token_ = "a\nb";
  const mcp::ToolResult result =
      Call("get_cluster_status", R"({"name":"demo"})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, HasSubstr("MALFORMED_TOKEN"));
}

TEST_F(RpcToolProviderTest, AReadOnlyConnectionChangesNothing) {
  read_only_ = true;
  const mcp::ToolResult result =
      Call("create_postgres_cluster", R"({"name":"demo"})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, HasSubstr("read only. Nothing was done."));
  EXPECT_EQ(backend_->calls(), 0);
}

TEST_F(RpcToolProviderTest, AChangeCutOffIsSentAgainUnderItsId) {
  std::vector<std::string> ids;
  backend_->create_cluster = [&](const CreateClusterRequest& request,
                                 CreateClusterResponse& out, auto&) {
    ids.push_back(request.request_id());
    // As gRPC says it when the connection breaks: without details.
    if (ids.size() == 1) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken");
    }
    out.set_summary("Created.");
    return grpc::Status::OK;
  };
  const mcp::ToolResult result =
      Call("create_postgres_cluster", R"({"name":"demo"})");
  EXPECT_FALSE(result.is_error) << result.text;
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_THAT(ids[0],
              ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                      "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  Call("create_postgres_cluster", R"({"name":"demo"})");
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_NE(ids[2], ids[0]) << "each call is a change of its own";
}

TEST_F(RpcToolProviderTest, ThePreferredIdOfAChangeIsItsClients) {
  std::string id;
  backend_->create_cluster = [&](const CreateClusterRequest& request,
                                 CreateClusterResponse&, auto&) {
    id = request.request_id();
    return grpc::Status::OK;
  };
  request_id_ = "story-17";
  Call("create_postgres_cluster", R"({"name":"demo"})");
  EXPECT_EQ(id, "story-17");
}

TEST_F(RpcToolProviderTest, AChangeCutOffTwiceIsNotGuessedAbout) {
  backend_->create_cluster = [](auto&, auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken");
  };
  EXPECT_THAT(Call("create_postgres_cluster", R"({"name":"demo"})").text,
              HasSubstr("may or may not have been made"));
  EXPECT_EQ(backend_->calls(), 2);
}

TEST_F(RpcToolProviderTest, ABackendThatIsDownIsNamed) {
  backend_ = nullptr;
  const mcp::ToolResult result =
      Call("get_cluster_status", R"({"name":"demo"})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, HasSubstr("cannot be reached"));
  EXPECT_THAT(result.text, HasSubstr(address_));
  EXPECT_EQ(Json::parse(result.structured_json)["error"]["reason"],
            "BACKEND_UNREACHABLE");
}

TEST_F(RpcToolProviderTest, ARestartedBackendIsFoundAgain) {
  EXPECT_FALSE(Call("get_cluster_status", R"({"name":"demo"})").is_error);
  backend_ = nullptr;
  EXPECT_TRUE(Call("get_cluster_status", R"({"name":"demo"})").is_error);
  StartBackend();
  EXPECT_FALSE(Call("get_cluster_status", R"({"name":"demo"})").is_error);
  // Also when it was restarted between two calls, and for a change.
  backend_ = nullptr;
  StartBackend();
  backend_->create_cluster = [](auto&, CreateClusterResponse& out, auto&) {
    out.set_summary("Created.");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Call("create_postgres_cluster", R"({"name":"demo"})").text,
            "Created.");
}

TEST_F(RpcToolProviderTest, ATcpBackendWorksTheSame) {
  TestBackend tcp("127.0.0.1:0");
  tcp.get_cluster = backend_->get_cluster;
  Connect(absl::StrCat("127.0.0.1:", tcp.port()));
  EXPECT_FALSE(Call("get_cluster_status", R"({"name":"demo"})").is_error);
  EXPECT_EQ(tcp.calls(), 1);
}

TEST_F(RpcToolProviderTest, CancellingReachesTheHandler) {
  backend_->get_cluster = [this](auto&, auto&, grpc::ServerContext& context) {
    backend_->AwaitCancellation(context);
    return grpc::Status::CANCELLED;
  };
  const auto running = Start("get_cluster_status", R"({"name":"demo"})");
  RunUntil([this] { return backend_->calls() == 1; });
  running->Cancel();
  RunUntil([this] { return backend_->saw_cancellation(); });
  EXPECT_FALSE(result_.has_value());
}

TEST_F(RpcToolProviderTest, LargeAnswersArriveWholeAndAreShownInPart) {
  backend_->list_clusters = [](auto&, ListClustersResponse& out, auto&) {
    for (int i = 0; i < 2000; ++i) {
      Cluster& cluster = *out.add_clusters();
      cluster.set_name(absl::StrCat("cluster-", i));
      cluster.set_phase_reason(std::string(3000, 'x'));
      cluster.set_health(HEALTH_HEALTHY);
    }
    out.set_summary("2000 clusters.");
    out.set_count(2000);
    out.set_next_page_token("more");
    return grpc::Status::OK;
  };
  const mcp::ToolResult result = Call("list_postgres_clusters", "{}");
  ASSERT_FALSE(result.is_error) << result.text;
  EXPECT_EQ(Json::parse(result.structured_json)["clusters"].size(), 2000u);
  EXPECT_LE(result.text.size(), 25000u);
  EXPECT_THAT(result.text, HasSubstr(" of 2000 clusters left out"));
  EXPECT_THAT(result.text, HasSubstr("Repeat with page_size="));
  // The token would lead past the rows that were left out.
  EXPECT_THAT(result.text, Not(HasSubstr("page_token=\"more\"")));
}

// A backend whose CreateCluster begins long work.
class WaitTest : public RpcToolProviderTest {
 protected:
  void SetUp() override {
    RpcToolProviderTest::SetUp();
    backend_->create_cluster = [](const CreateClusterRequest& request,
                                  CreateClusterResponse& out, auto&) {
      EXPECT_FALSE(request.wait()) << "the adapter does the waiting";
      out.set_summary("Creating.");
      out.mutable_operation()->set_name("op-1");
      return grpc::Status::OK;
    };
  }
  static Operation State(int percent, const std::string& message) {
    Operation operation;
    operation.set_name("op-1");
    operation.set_progress_percent(percent);
    operation.set_message(message);
    return operation;
  }
};

TEST_F(WaitTest, WithoutWaitTheAnswerComesAtOnce) {
  EXPECT_THAT(Call("create_postgres_cluster", R"({"name":"demo"})").text,
              StartsWith("Creating."));
  EXPECT_EQ(backend_->calls(), 1);
}

TEST_F(WaitTest, ProgressIsToldAndTheResultIsTheAnswer) {
  int timeout = 0;
  backend_->wait_operation = [&](const WaitOperationRequest& request,
                                 grpc::ServerWriter<Operation>& writer, auto&) {
    EXPECT_EQ(request.name(), "op-1");
    timeout = request.timeout();
    writer.Write(State(10, "first instance"));
    writer.Write(State(10, "joining"));
    writer.Write(State(66, "two of three ready"));
    Operation last = State(100, "ready");
    last.set_done(true);
    CreateClusterResponse result;
    result.set_summary("Cluster demo is ready.");
    last.mutable_result()->PackFrom(result);
    writer.Write(last);
    return grpc::Status::OK;
  };
  const mcp::ToolResult result =
      Call("create_postgres_cluster", R"({"name":"demo","wait":true})");
  EXPECT_FALSE(result.is_error) << result.text;
  EXPECT_EQ(result.text, "Cluster demo is ready.");
  EXPECT_EQ(timeout, 180) << "60 s for each of three instances";
  ASSERT_GE(progress_.size(), 4u);
  for (size_t i = 1; i < progress_.size(); ++i) {
    EXPECT_GT(progress_[i].progress, progress_[i - 1].progress);
  }
  EXPECT_EQ(progress_.back().message, "ready");
}

TEST_F(WaitTest, AFailedOperationIsAnError) {
  backend_->wait_operation = [&](auto&, grpc::ServerWriter<Operation>& writer,
                                 auto&) {
    Operation last = State(30, "failed");
    last.set_done(true);
    last.mutable_error()->set_code(9);
    last.mutable_error()->set_message("The image cannot be pulled.");
    writer.Write(last);
    return grpc::Status::OK;
  };
  const mcp::ToolResult result =
      Call("create_postgres_cluster", R"({"name":"demo","wait":true})");
  EXPECT_TRUE(result.is_error);
  EXPECT_THAT(result.text, StartsWith("The image cannot be pulled."));
}

TEST_F(WaitTest, WhenTimeIsUpTheLastStateIsTheAnswer) {
  backend_->wait_operation = [&](const WaitOperationRequest& request,
                                 grpc::ServerWriter<Operation>& writer, auto&) {
    EXPECT_EQ(request.timeout(), 45);
    writer.Write(State(33, "one of three ready."));
    return grpc::Status::OK;
  };
  const mcp::ToolResult result = Call(
      "create_postgres_cluster", R"({"name":"demo","wait":true,"timeout":45})");
  EXPECT_FALSE(result.is_error);
  EXPECT_THAT(result.text, StartsWith("Not finished after 45 s (33 %: one of "
                                      "three ready)."));
  EXPECT_EQ(Json::parse(result.structured_json)["operation"]["name"], "op-1");
}

TEST_F(WaitTest, ATornStreamIsFollowedAgain) {
  int streams = 0;
  backend_->wait_operation = [&](auto&, grpc::ServerWriter<Operation>& writer,
                                 auto&) {
    if (++streams == 1) {
      writer.Write(State(33, "one of three ready"));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going away");
    }
    Operation last = State(100, "ready");
    last.set_done(true);
    writer.Write(last);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Call("create_postgres_cluster", R"({"name":"demo","wait":true})")
                .is_error,
            false);
  EXPECT_EQ(streams, 2);
}

TEST_F(WaitTest, CancellingReachesTheStream) {
  backend_->wait_operation = [&](auto&, grpc::ServerWriter<Operation>& writer,
                                 grpc::ServerContext& context) {
    writer.Write(State(1, "begun"));
    backend_->AwaitCancellation(context);
    return grpc::Status::CANCELLED;
  };
  const auto running =
      Start("create_postgres_cluster", R"({"name":"demo","wait":true})");
  RunUntil([this] {
    return !progress_.empty() && progress_.back().message == "begun";
  });
  running->Cancel();
  RunUntil([this] { return backend_->saw_cancellation(); });
  EXPECT_FALSE(result_.has_value());
}

TEST_F(WaitTest, AServerThatStopsAnswersWithTheStateThatItHas) {
  backend_->wait_operation = [&](auto&, grpc::ServerWriter<Operation>& writer,
                                 grpc::ServerContext& context) {
    writer.Write(State(33, "one of three ready."));
    backend_->AwaitCancellation(context);
    return grpc::Status::CANCELLED;
  };
  const auto running =
      Start("create_postgres_cluster", R"({"name":"demo","wait":true})");
  RunUntil([this] {
    return !progress_.empty() &&
           progress_.back().message == "one of three ready.";
  });
  running->WrapUp();
  ASSERT_TRUE(result_.has_value());
  EXPECT_FALSE(result_->is_error);
  EXPECT_THAT(result_->text,
              StartsWith("This server stops and does not wait any longer (33 "
                         "%: one of three ready)."));
  EXPECT_EQ(Json::parse(result_->structured_json)["operation"]["name"], "op-1");
  RunUntil([this] { return backend_->saw_cancellation(); });
}

TEST_F(WaitTest, ADryRunHasNothingToWaitFor) {
  backend_->create_cluster = [](auto&, CreateClusterResponse& out, auto&) {
    out.set_summary("Would create.");
    out.set_manifest("kind: Cluster\nspec: {}\n");
    return grpc::Status::OK;
  };
  const mcp::ToolResult result =
      Call("create_postgres_cluster",
           R"({"name":"demo","wait":true,"dry_run":true})");
  EXPECT_EQ(result.text,
            "Would create.\n\nmanifest:\n```yaml\nkind: Cluster\nspec: {}\n"
            "```");
}

}  // namespace
}  // namespace howdah::tools
