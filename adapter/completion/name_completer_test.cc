#include "adapter/completion/name_completer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapter/testing/fake_caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/aiven/v1/projects_service.pb.h"
#include "howdah/aiven/v1/services_service.pb.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"
#include "tests/support/status_matchers.h"

namespace howdah::completion {
namespace {

using howdah::testing::FakeCaller;
using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace pb = howdah::postgres::v1;
using Arguments = std::vector<std::pair<std::string, std::string>>;

constexpr char kRolesTemplate[] =
    "howdah://clusters/{namespace}/{cluster_name}/roles";

class NameCompleterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = catalogue::Catalogue::Build({"all"});
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    resources_ = std::make_unique<catalogue::ResourceCatalogue>(*catalogue_);
    // No runbook of the product asks for a role.
    auto prompts = prompts::RunbookPrompts::Build(
        {"name: drop_role\ntitle: A\ndescription: B\n"
         "argument: cluster\n  names: cluster\n  description: C\n"
         "argument: role\n  names: role\n  description: D\n"
         "argument: why\n  description: E\n---\nText."});
    ASSERT_OK(prompts);
    prompts_ = *std::move(prompts);
    completer_ = std::make_unique<NameCompleter>(
        *resources_, *prompts_, backend_, [this] { return now_; });
  }

  void Complete(mcp::Completable of, const std::string& name,
                const std::string& argument, const std::string& value,
                Arguments known = {}) {
    completion_.reset();
    mcp::CompletionRequest request;
    request.of = of;
    request.name = name;
    request.argument = argument;
    request.value = value;
    request.known = std::move(known);
    request.context = context_;
    completer_->Complete(std::move(request), [this](auto completion) {
      completion_ = std::move(completion);
    });
  }
  void CompleteCluster(const std::string& value, Arguments known = {}) {
    Complete(mcp::Completable::kResourceTemplate, kRolesTemplate,
             "cluster_name", value, std::move(known));
  }
  std::vector<std::string> Values() const {
    return completion_->value().values;
  }
  static pb::ListClustersResponse Clusters(
      const std::vector<std::string>& names) {
    pb::ListClustersResponse response;
    for (const std::string& name : names) {
      pb::Cluster& cluster = *response.add_clusters();
      cluster.set_name(name);
      cluster.set_namespace_("default");
    }
    return response;
  }

  std::unique_ptr<catalogue::Catalogue> catalogue_;
  std::unique_ptr<catalogue::ResourceCatalogue> resources_;
  std::unique_ptr<prompts::RunbookPrompts> prompts_;
  FakeCaller backend_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  std::unique_ptr<NameCompleter> completer_;
  mcp::RequestContext context_;
  std::optional<absl::StatusOr<mcp::Completion>> completion_;
};

TEST_F(NameCompleterTest, TheBestMatchesComeFirst) {
  context_.bearer_token = "token";
  CompleteCluster("OR", {{"namespace", "production"}});
  EXPECT_EQ(backend_.Last().Request<pb::ListClustersRequest>().namespace_(),
            "production");
  EXPECT_EQ(backend_.Last().options.bearer_token, "token");
  backend_.Last().Answer(Clusters({"store", "orders", "orders-test", "mail"}));
  EXPECT_THAT(Values(), ElementsAre("orders", "orders-test", "store"));
  EXPECT_EQ(completion_->value().total, 3);
  EXPECT_FALSE(completion_->value().has_more);
}

TEST_F(NameCompleterTest, NamespacesAreThoseOfClusters) {
  Complete(mcp::Completable::kResourceTemplate, kRolesTemplate, "namespace", "",
           {{"cluster_name", "orders"}});
  EXPECT_EQ(backend_.Last().Request<pb::ListClustersRequest>().namespace_(),
            "*");
  backend_.Last().Answer(Clusters({"a", "b"}));
  EXPECT_THAT(Values(), ElementsAre("default"));
}

TEST_F(NameCompleterTest, RolesNeedTheirClusterFirst) {
  Complete(mcp::Completable::kPrompt, "drop_role", "role", "a");
  EXPECT_THAT(Values(), IsEmpty());
  EXPECT_THAT(backend_.calls, IsEmpty());
  Complete(mcp::Completable::kPrompt, "drop_role", "role", "a",
           {{"cluster", "orders"}});
  EXPECT_THAT(backend_.Last().path, EndsWith("ListRoles"));
  EXPECT_EQ(backend_.Last().Request<pb::ListRolesRequest>().cluster_name(),
            "orders");
  pb::ListRolesResponse roles;
  roles.add_roles()->set_name("app");
  backend_.Last().Answer(roles);
  EXPECT_THAT(Values(), ElementsAre("app"));
}

TEST_F(NameCompleterTest, ServicesOfAivenAreThoseOfTheirProject) {
  const auto complete = [this](const std::string& argument,
                               Arguments known = {}) {
    Complete(mcp::Completable::kResourceTemplate,
             "howdah://aiven/{project_name}/services/{service_name}", argument,
             "sh", std::move(known));
  };
  complete("project_name");
  EXPECT_THAT(backend_.Last().path, EndsWith("ListProjects"));
  aiven::v1::ListProjectsResponse projects;
  projects.add_projects()->set_project_name("shop");
  backend_.Last().Answer(projects);
  EXPECT_THAT(Values(), ElementsAre("shop"));
  complete("service_name", {{"project_name", "shop"}});
  EXPECT_THAT(backend_.Last().path, EndsWith("ListServices"));
  EXPECT_EQ(
      backend_.Last().Request<aiven::v1::ListServicesRequest>().project_name(),
      "shop");
  aiven::v1::ListServicesResponse services;
  services.add_services()->set_service_name("shop-pg");
  backend_.Last().Answer(services);
  EXPECT_THAT(Values(), ElementsAre("shop-pg"));
}

TEST_F(NameCompleterTest, AnswersAreKeptBrieflyAndForOneCallerOnly) {
  CompleteCluster("");
  backend_.Last().Answer(Clusters({"orders"}));
  CompleteCluster("o");
  EXPECT_THAT(Values(), ElementsAre("orders"));
  EXPECT_THAT(backend_.calls, SizeIs(1));
  context_.bearer_token = "another";
  CompleteCluster("o");
  EXPECT_THAT(backend_.calls, SizeIs(2));
  context_.bearer_token = "";
  now_ += absl::Seconds(6);
  CompleteCluster("o");
  EXPECT_THAT(backend_.calls, SizeIs(3));
}

TEST_F(NameCompleterTest, WhatTheCallerMayNotSeeIsNotSuggested) {
  CompleteCluster("");
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  EXPECT_FALSE(
      backend_.Last().Request<pb::ListClustersRequest>().has_namespace_());
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  EXPECT_THAT(Values(), IsEmpty());
  context_.toolsets = {"aws"};
  CompleteCluster("");
  EXPECT_THAT(Values(), IsEmpty());
  EXPECT_THAT(backend_.calls, SizeIs(2));
}

TEST_F(NameCompleterTest, AnErrorIsNotTakenForNothing) {
  CompleteCluster("");
  backend_.Last().Fail(absl::UnavailableError("down"));
  EXPECT_THAT(*completion_, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(NameCompleterTest, UnknownArgumentsAreRefusedFreeTextIsNotCompleted) {
  Complete(mcp::Completable::kPrompt, "nothing", "cluster", "");
  EXPECT_THAT(*completion_, StatusIs(absl::StatusCode::kInvalidArgument));
  Complete(mcp::Completable::kPrompt, "drop_role", "planet", "");
  EXPECT_THAT(*completion_, StatusIs(absl::StatusCode::kInvalidArgument));
  Complete(mcp::Completable::kResourceTemplate, "howdah://x/{y}", "y", "");
  EXPECT_THAT(*completion_, StatusIs(absl::StatusCode::kInvalidArgument));
  Complete(mcp::Completable::kPrompt, "drop_role", "why", "");
  EXPECT_THAT(Values(), IsEmpty());
}

TEST_F(NameCompleterTest, AHundredAtMost) {
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) names.push_back("c" + std::to_string(i));
  CompleteCluster("c");
  backend_.Last().Answer(Clusters(names));
  EXPECT_THAT(Values(), SizeIs(100));
  EXPECT_EQ(completion_->value().total, 150);
  EXPECT_TRUE(completion_->value().has_more);
}

}  // namespace
}  // namespace howdah::completion
