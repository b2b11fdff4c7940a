#include "backend/local/api/operator_store.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "backend/local/store/sqlite_object_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

const ResourceType kClusters{"postgresql.cnpg.io", "clusters"};

class OperatorStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ("operator." + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    auto store =
        SqliteObjectStore::Open({.path = (directory_ / "o.db").string()});
    ASSERT_OK(store.status());
    objects_ = *std::move(store);
    store_ = std::make_unique<OperatorStore>(
        *objects_, [] { return absl::FromUnixSeconds(1700000000); });
  }

  void TearDown() override {
    objects_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::filesystem::path directory_;
  std::unique_ptr<SqliteObjectStore> objects_;
  std::unique_ptr<OperatorStore> store_;
};

TEST_F(OperatorStoreTest, ObjectAndStatusAreOfTheManagerEachByItsDoor) {
  ASSERT_OK(store_->Create(kClusters, "default",
                           {{"apiVersion", "postgresql.cnpg.io/v1"},
                            {"kind", "Cluster"},
                            {"metadata", {{"name", "demo"}}},
                            {"spec", {{"instances", 3}}}}));
  auto stored = store_->Update(kClusters, "default", "demo", [](Json& cluster) {
    cluster["metadata"]["labels"]["a"] = "b";
    cluster["status"]["phase"] = "fine";
    return absl::OkStatus();
  });
  ASSERT_OK(stored.status());
  const Json& entries = (*stored)["metadata"]["managedFields"];
  ASSERT_EQ(entries.size(), 2u) << entries;
  EXPECT_EQ(entries[0]["manager"], "manager");
  EXPECT_EQ(entries[0]["operation"], "Update");
  EXPECT_EQ(entries[0]["time"], "2023-11-14T22:13:20Z");
  EXPECT_FALSE(entries[0].contains("subresource"));
  EXPECT_EQ(entries[0]["fieldsV1"]["f:metadata"]["f:labels"]["f:a"],
            Json::object());
  EXPECT_EQ(entries[0]["fieldsV1"]["f:spec"]["f:instances"], Json::object());
  EXPECT_FALSE(entries[0]["fieldsV1"].contains("f:status"));
  EXPECT_EQ(entries[1]["subresource"], "status");
  EXPECT_EQ(entries[1]["fieldsV1"]["f:status"]["f:phase"], Json::object());
  EXPECT_FALSE(entries[1]["fieldsV1"].contains("f:metadata"));
}

TEST_F(OperatorStoreTest, WhatChangesNothingIsNotNoted) {
  ASSERT_OK(
      store_->Create(kClusters, "default", {{"metadata", {{"name", "demo"}}}}));
  auto stored = store_->Update(kClusters, "default", "demo",
                               [](Json&) { return absl::OkStatus(); });
  ASSERT_OK(stored.status());
  EXPECT_EQ((*stored)["metadata"]["resourceVersion"], "1");
}

}  // namespace
}  // namespace howdah::local
