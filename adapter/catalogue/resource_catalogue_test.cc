#include "adapter/catalogue/resource_catalogue.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::catalogue {
namespace {

using ::testing::EndsWith;

class ResourceCatalogueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = Catalogue::Build({"all"});
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    resources_ = std::make_unique<ResourceCatalogue>(*catalogue_);
  }

  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<ResourceCatalogue> resources_;
};

TEST_F(ResourceCatalogueTest, AUriLeadsToTheReadThatAnswersIt) {
  const auto cluster = resources_->Find("howdah://clusters/default/orders");
  ASSERT_TRUE(cluster.has_value());
  EXPECT_THAT(cluster->kind->rpc.path, EndsWith("ClusterService/GetCluster"));
  EXPECT_EQ(cluster->values,
            (UriValues{{"namespace", "default"}, {"name", "orders"}}));
  const auto roles = resources_->Find("howdah://clusters/a/b/roles");
  ASSERT_TRUE(roles.has_value());
  EXPECT_THAT(roles->kind->rpc.path, EndsWith("RoleService/ListRoles"));
  EXPECT_THAT(resources_->Find("howdah://clusters")->kind->rpc.path,
              EndsWith("ClusterService/ListClusters"));
  EXPECT_FALSE(resources_->Find("howdah://nothing").has_value());
  EXPECT_FALSE(resources_->Find("https://clusters/a/b").has_value());
}

TEST_F(ResourceCatalogueTest, NamesComeFromTheListsThatHaveThem) {
  ASSERT_NE(resources_->SourceOf("cluster"), nullptr);
  EXPECT_THAT(resources_->SourceOf("cluster")->rpc.path,
              EndsWith("ListClusters"));
  EXPECT_THAT(resources_->SourceOf("namespace")->rpc.path,
              EndsWith("ListClusters"));
  EXPECT_THAT(resources_->SourceOf("role")->rpc.path, EndsWith("ListRoles"));
  EXPECT_THAT(resources_->SourceOf("database")->rpc.path,
              EndsWith("ListDatabases"));
  EXPECT_THAT(resources_->SourceOf("aiven_project")->rpc.path,
              EndsWith("ListProjects"));
  EXPECT_THAT(resources_->SourceOf("aiven_service")->rpc.path,
              EndsWith("ListServices"));
  EXPECT_EQ(resources_->SourceOf("planet"), nullptr);
}

TEST_F(ResourceCatalogueTest, OneItemOfAListIsAResource) {
  const auto role = resources_->Find("howdah://clusters/a/b/roles/app%20x");
  ASSERT_TRUE(role.has_value());
  EXPECT_THAT(role->kind->rpc.path, EndsWith("RoleService/ListRoles"));
  EXPECT_EQ(role->kind->item_variable, "role_name");
  EXPECT_EQ(role->kind->items->name(), "roles");
  EXPECT_EQ(role->kind->names.at("role_name"), "role");
  EXPECT_EQ(role->values.at("role_name"), "app x");
  const auto database = resources_->Find("howdah://clusters/a/b/databases/d");
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ(database->kind->names.at("database_name"), "database");
}

TEST_F(ResourceCatalogueTest, AnotherContextCanBeNamed) {
  const auto there =
      resources_->Find("howdah://clusters/a/b?context=arn%3Aeks%2Fprod");
  ASSERT_TRUE(there.has_value());
  EXPECT_EQ(there->context, "arn:eks/prod");
  EXPECT_EQ(there->kind->shown_template,
            "howdah://clusters/{namespace}/{name}{?context}");
  EXPECT_EQ(resources_->Find("howdah://clusters/a/b")->context, "");
  for (const char* uri : {"howdah://clusters?", "howdah://clusters?context=",
                          "howdah://clusters?x=y", "howdah://clusters?context",
                          "howdah://clusters?context=a&context=b"}) {
    EXPECT_FALSE(resources_->Find(uri).has_value()) << uri;
  }
}

TEST_F(ResourceCatalogueTest, WhatIsWatchedIsListedByWhatFillsIt) {
  for (const ResourceKind& kind : resources_->resources()) {
    if (kind.uri.variables().empty() || kind.items != nullptr) continue;
    if (kind.facts->watched_kinds().empty()) {
      // Clients list when they connect, which is no reason to ask afar.
      EXPECT_EQ(kind.listed_by, nullptr) << kind.uri.text();
      continue;
    }
    ASSERT_NE(kind.listed_by, nullptr) << kind.uri.text();
    EXPECT_THAT(kind.listed_by->rpc.path, EndsWith("ListClusters"));
  }
}

TEST_F(ResourceCatalogueTest, ArgumentsOfTheContractAreArguments) {
  transcoding::ArgumentDecoder decoder;
  for (const ResourceKind& kind : resources_->resources()) {
    const std::unique_ptr<google::protobuf::Message> request(
        kind.rpc.request->New());
    transcoding::AdapterArguments extra;
    EXPECT_OK(decoder.Decode(kind.facts->arguments_json(), kind.facts->name(),
                             kind.arguments, *request, extra))
        << kind.uri.text();
  }
}

}  // namespace
}  // namespace howdah::catalogue
