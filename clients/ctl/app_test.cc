// howdahctl against a real gRPC server with made-up answers.
#include "clients/ctl/app.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/ctl/fake_terminal.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "howdah/changes/v1/changes_service.grpc.pb.h"
#include "howdah/operations/v1/operations_service.grpc.pb.h"
#include "howdah/postgres/v1/cluster_service.grpc.pb.h"
#include "proto/support/status_details.h"
#include "proto/support/status_grpc.h"

namespace howdah::ctl {
namespace {

using ::testing::HasSubstr;
namespace pb = postgres::v1;
namespace op = operations::v1;

constexpr char kDemo[] = "demo";
constexpr char kManifest[] =
    "kind: Cluster\nmetadata:\n  name: a-cluster-with-a-long-name\n";

void Fill(pb::Cluster& cluster) {
  cluster.set_summary("Cluster demo is healthy: 3 of 3 instances are ready.");
  cluster.set_name(kDemo);
  cluster.set_namespace_("default");
  cluster.set_health(pb::HEALTH_HEALTHY);
  cluster.set_instances(3);
  cluster.set_ready("3/3");
  cluster.mutable_create_time()->set_seconds(1700000000);
}

class FakeClusters : public pb::ClusterService::Service {
 public:
  std::string deleted;
  int gets = 0;

  grpc::Status ListClusters(grpc::ServerContext* context,
                            const pb::ListClustersRequest*,
                            pb::ListClustersResponse* response) override {
    const auto& metadata = context->client_metadata();
    EXPECT_EQ(metadata.find("authorization"), metadata.end());
    response->set_summary("1 cluster in namespace default.");
    Fill(*response->add_clusters());
    response->set_count(1);
    response->set_next_page_token("more");
    return grpc::Status::OK;
  }

  grpc::Status GetCluster(grpc::ServerContext*,
                          const pb::GetClusterRequest* request,
                          pb::Cluster* response) override {
    if (request->name() != kDemo) {
      return support::ToGrpc(
          support::ErrorBuilder(absl::StatusCode::kNotFound,
                                "CLUSTER_NOT_FOUND", support::kPostgresDomain)
              .Message("Cluster \"x\" does not exist; list_postgres_clusters "
                       "shows those that do.")
              .Build());
    }
    Fill(*response);
    if (++gets > 2) response->set_ready("2/3");
    return grpc::Status::OK;
  }

  grpc::Status CreateCluster(grpc::ServerContext*,
                             const pb::CreateClusterRequest* request,
                             pb::CreateClusterResponse* response) override {
    if (request->instances() > 10) {
      return support::ToGrpc(
          support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                                "INVALID_FIELD", support::kHowdahDomain)
              .Message("instances expected 1 to 10.")
              .Field("instances", "expected 1 to 10")
              .Build());
    }
    EXPECT_FALSE(request->wait());
    response->set_summary("Cluster demo is being created.");
    if (request->dry_run()) {
      response->set_manifest(kManifest);
      return grpc::Status::OK;
    }
    response->mutable_operation()->set_name("op-1");
    return grpc::Status::OK;
  }

  grpc::Status DeleteCluster(grpc::ServerContext*,
                             const pb::DeleteClusterRequest* request,
                             pb::DeleteClusterResponse* response) override {
    response->set_dry_run(request->dry_run());
    response->set_summary("Cluster demo would be deleted.");
    response->add_losses("3 instances with 10Gi each");
    if (request->dry_run()) return grpc::Status::OK;
    if (!request->confirm_deletion()) {
      return support::ToGrpc(
          support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                                "CONFIRMATION_REQUIRED",
                                support::kPostgresDomain)
              .Message("Ask the user, then set confirm_deletion=true.")
              .Build());
    }
    deleted = request->name();
    response->set_summary("Cluster demo is deleted.");
    return grpc::Status::OK;
  }
};

class FakeOperations : public op::OperationsService::Service {
 public:
  bool fails = false;
  bool finishes = true;
  int lost_connections = 0;  // how often the wait ends before its time

  grpc::Status WaitOperation(
      grpc::ServerContext*, const op::WaitOperationRequest* request,
      grpc::ServerWriter<op::Operation>* writer) override {
    op::Operation state;
    state.set_name(request->name());
    state.set_progress_percent(50);
    state.set_message("Starting demo-2");
    writer->Write(state);
    if (lost_connections-- > 0) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
    }
    if (!finishes) return grpc::Status::OK;
    state.set_done(true);
    state.set_progress_percent(100);
    if (fails) {
      state.mutable_error()->set_code(9);
      state.mutable_error()->set_message("The cluster was deleted.");
    } else {
      pb::CreateClusterResponse result;
      result.set_summary("Cluster demo is ready.");
      Fill(*result.mutable_cluster());
      state.mutable_result()->PackFrom(result);
    }
    writer->Write(state);
    return grpc::Status::OK;
  }
};

class FakeChanges : public changes::v1::ChangesService::Service {
 public:
  grpc::Status WatchChanges(
      grpc::ServerContext*, const changes::v1::WatchChangesRequest*,
      grpc::ServerWriter<changes::v1::WatchChangesResponse>* writer) override {
    changes::v1::WatchChangesResponse message;
    writer->Write(message);
    auto& change = *message.add_changes();
    change.set_kind(changes::v1::KIND_ROLE);
    change.set_namespace_("default");
    change.set_cluster_name("demo");
    writer->Write(message);
    return ended_before_++ == 0
               ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "time")
               : grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  }

 private:
  int ended_before_ = 0;
};

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&clusters_);
    builder.RegisterService(&operations_);
    builder.RegisterService(&changes_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  int Run(absl::string_view line) {
    static const auto* const kCommands =
        new CommandList(CommandList::FromContract());
    App app(*kCommands, terminal_, Rpc::Connect);
    return app.Run(absl::StrSplit(line, ' ', absl::SkipEmpty()),
                   [this](absl::string_view name) {
                     return name == "HOWDAH_ADDRESS" ? address_ : "";
                   });
  }

  FakeClusters clusters_;
  FakeOperations operations_;
  FakeChanges changes_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  FakeTerminal terminal_;
};

TEST_F(AppTest, AListIsATable) {
  EXPECT_EQ(Run("clusters list"), kDone);
  EXPECT_EQ(terminal_.out,
            "1 cluster in namespace default.\n"
            "\n"
            "NAME  NAMESPACE  HEALTH   READY\n"
            "demo  default    healthy  3/3\n"
            "\n"
            "More: --page-token more\n");
}

TEST_F(AppTest, AWideTableHasEveryField) {
  EXPECT_EQ(Run("clusters list -o wide"), 0);
  EXPECT_THAT(terminal_.out, HasSubstr("INSTANCES"));
  EXPECT_THAT(terminal_.out, HasSubstr("2023-11-14T22:13:20Z"));
}

TEST_F(AppTest, AnObjectIsItsSummaryAndItsFields) {
  EXPECT_EQ(Run("clusters get demo"), kDone);
  EXPECT_THAT(terminal_.out, HasSubstr("Cluster demo is healthy"));
  EXPECT_THAT(terminal_.out, HasSubstr("Health           healthy\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("2023-11-14T22:13:20Z"));
}

TEST_F(AppTest, AStreamIsShownAsItComesAndAskedForAgain) {
  EXPECT_EQ(Run("changes watch -o json"), kFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("Watching"));
  EXPECT_THAT(terminal_.out, HasSubstr("\"kind\": \"role\""));
  EXPECT_NE(terminal_.out.find("\"demo\""), terminal_.out.rfind("\"demo\""));
}

TEST_F(AppTest, ProgramsGetJsonOrYaml) {
  EXPECT_EQ(Run("clusters get demo -o json"), kDone);
  EXPECT_THAT(terminal_.out, HasSubstr("\"health\": \"healthy\""));
  EXPECT_THAT(terminal_.out, HasSubstr("\"instances\": 3"));
  terminal_.out.clear();
  EXPECT_EQ(Run("clusters list -o yaml"), kDone);
  EXPECT_THAT(terminal_.out,
              HasSubstr("clusters:\n  - summary: \"Cluster demo is"));
  EXPECT_THAT(terminal_.out, HasSubstr("\n    ready: \"3/3\"\n"));
}

TEST_F(AppTest, ARehearsalShowsTheManifestAsItIs) {
  EXPECT_EQ(Run("clusters create demo --dry-run"), kDone);
  EXPECT_TRUE(absl::EndsWith(terminal_.out, absl::StrCat("\n\n", kManifest)))
      << terminal_.out;
}

TEST_F(AppTest, AnErrorIsASentenceInWordsOfTheCommandLine) {
  EXPECT_EQ(Run("clusters get x"), kFailed);
  EXPECT_EQ(terminal_.out, "");
  EXPECT_EQ(terminal_.err,
            "error: Cluster \"x\" does not exist; howdahctl clusters list "
            "shows those that do.\n");
}

TEST_F(AppTest, AWrongFieldIsNamedByItsFlag) {
  EXPECT_EQ(Run("clusters create demo --instances 99"), kFailed);
  EXPECT_EQ(terminal_.err, "error: --instances expected 1 to 10.\n");
}

TEST_F(AppTest, ABackendThatIsNotThereIsExplained) {
  server_->Shutdown();
  EXPECT_EQ(Run("clusters list"), kFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("No Howdah backend answers at"));
  EXPECT_THAT(terminal_.err, HasSubstr("./howdah up"));
}

TEST_F(AppTest, WithoutWaitingTheOperationIsTold) {
  EXPECT_EQ(Run("clusters create demo"), kDone);
  EXPECT_THAT(terminal_.out, HasSubstr("howdahctl operations wait op-1"));
}

TEST_F(AppTest, WaitingShowsProgressAndThenTheResult) {
  EXPECT_EQ(Run("clusters create demo --wait"), kDone);
  EXPECT_EQ(terminal_.err, " 50 %  Starting demo-2\n100 %  Starting demo-2\n");
  EXPECT_THAT(terminal_.out, HasSubstr("Cluster demo is ready."));
}

TEST_F(AppTest, OnATerminalProgressIsABarThatGoesAway) {
  terminal_.is_terminal = true;
  EXPECT_EQ(Run("operations wait op-1"), kDone);
  EXPECT_THAT(terminal_.err, HasSubstr("████████████░░░░░░░░░░░░  50 %"));
  EXPECT_TRUE(absl::EndsWith(terminal_.err, "\r\033[K"));
}

TEST_F(AppTest, ABackendThatRestartsIsWaitedFor) {
  operations_.lost_connections = 2;
  terminal_.looks = 3;
  EXPECT_EQ(Run("operations wait op-1"), kDone) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("Cluster demo is ready."));
}

TEST_F(AppTest, AnOperationThatFailsIsAFailure) {
  operations_.fails = true;
  EXPECT_EQ(Run("clusters create demo --wait"), kFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("error: The cluster was deleted."));
}

TEST_F(AppTest, AnOperationThatTakesLongerIsAFailureThatSaysHowToGoOn) {
  operations_.finishes = false;
  EXPECT_EQ(Run("clusters create demo --wait --timeout 30"), kFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("operations wait op-1"));
}

TEST_F(AppTest, ADeletionShowsTheLossesAndAsks) {
  terminal_.is_terminal = true;
  terminal_.answers = {"n"};
  EXPECT_EQ(Run("clusters delete demo"), kFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("3 instances with 10Gi each"));
  EXPECT_EQ(clusters_.deleted, "");
  terminal_.answers = {"y"};
  EXPECT_EQ(Run("clusters delete demo"), kDone);
  EXPECT_EQ(clusters_.deleted, "demo");
}

TEST_F(AppTest, WithoutATerminalADeletionNeedsYes) {
  EXPECT_EQ(Run("clusters delete demo"), kFailed);
  EXPECT_EQ(clusters_.deleted, "");
  EXPECT_EQ(terminal_.err, "error: Ask the user, then set --yes.\n");
  EXPECT_EQ(Run("clusters delete demo --yes"), kDone);
  EXPECT_EQ(clusters_.deleted, "demo");
}

TEST_F(AppTest, ARehearsalNeedsNoConfirmation) {
  terminal_.is_terminal = true;
  EXPECT_EQ(Run("clusters delete demo --dry-run"), kDone);
  EXPECT_EQ(clusters_.deleted, "");
}

TEST_F(AppTest, WatchingPrintsOnlyWhatChanges) {
  terminal_.looks = 4;
  EXPECT_EQ(Run("clusters get demo --watch"), kDone);
  EXPECT_EQ(clusters_.gets, 4);
  const std::vector<std::string> shown =
      absl::StrSplit(terminal_.out, "Cluster demo is healthy");
  EXPECT_EQ(shown.size(), 3u) << terminal_.out;
}

TEST_F(AppTest, WrongWordsAreUsageErrorsWithASuggestion) {
  EXPECT_EQ(Run("clsters list"), kWrongUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("Did you mean clusters?"));
  terminal_.err.clear();
  EXPECT_EQ(Run("clusters lst"), kWrongUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("Did you mean list?"));
  terminal_.err.clear();
  EXPECT_EQ(Run("clusters create"), kWrongUsage);
  EXPECT_THAT(terminal_.err,
              HasSubstr("Usage: howdahctl clusters create NAME [FLAGS]"));
}

TEST_F(AppTest, HelpNeedsNoBackend) {
  server_->Shutdown();
  EXPECT_EQ(Run(""), kDone);
  EXPECT_THAT(terminal_.out, HasSubstr("clusters create"));
  EXPECT_EQ(Run("completion bash"), kDone);
  EXPECT_THAT(terminal_.out, HasSubstr("complete -o default"));
}

}  // namespace
}  // namespace howdah::ctl
