#include "backend/services/changes_service.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "backend/services/service_fixture.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::changes::v1;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Response = pb::WatchChangesResponse;

// What a caller sees, as text: "cluster default/demo", "role default/demo
// gone".
std::vector<std::string> Told(const Response& response) {
  std::vector<std::string> told;
  if (response.anything()) told.push_back("anything");
  for (const pb::Change& change : response.changes()) {
    const char* kind = change.kind() == pb::KIND_CLUSTER ? "cluster"
                       : change.kind() == pb::KIND_ROLE  ? "role"
                                                         : "database";
    told.push_back(absl::StrCat(kind, " ", change.namespace_(), "/",
                                change.cluster_name(),
                                change.gone() ? " gone" : ""));
  }
  return told;
}

class Reader : public StreamReply<Response> {
 public:
  void Send(Response message) override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    news_.notify_all();
  }
  void Finish(absl::Status status) override {
    const std::lock_guard lock(mutex_);
    end_ = std::move(status);
    news_.notify_all();
  }

  std::vector<Response> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
  }
  Response Next() {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [this] { return !messages_.empty() || end_; });
    if (messages_.empty()) return {};
    Response next = messages_.front();
    messages_.erase(messages_.begin());
    return next;
  }
  std::optional<absl::Status> end() {
    const std::lock_guard lock(mutex_);
    return end_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Response> messages_;
  std::optional<absl::Status> end_;
};

class ChangesServiceTest : public ::testing::Test {
 protected:
  ChangesServiceTest() { MakeCluster(server_, "demo"); }

  std::shared_ptr<Reader> Watch(const pb::WatchChangesRequest& request,
                                std::stop_token cancelled = {}) {
    CallContext context = CallFor();
    context.cancelled = std::move(cancelled);
    auto reader = std::make_shared<Reader>();
    service_.WatchChanges(context, request, reader);
    return reader;
  }
  std::shared_ptr<Reader> WatchAll() {
    pb::WatchChangesRequest request;
    request.set_namespace_("*");
    return Watch(request);
  }
  // All that was told in one round of the feed.
  std::vector<std::string> Next(Reader& reader) {
    feed_.RunOnce();
    Response all;
    for (const Response& one : reader.Take()) ChangesService::Merge(all, one);
    return Told(all);
  }

  void Scale(const std::string& name, int instances) {
    (void)server_.Patch(kubernetes::kClusters, {"default", name},
                        kubernetes::PatchType::kMerge,
                        {{"spec", {{"instances", instances}}}}, {}, {});
  }
  void AddRole(const std::string& cluster, const std::string& role) {
    (void)server_.Patch(
        kubernetes::kClusters, {"default", cluster},
        kubernetes::PatchType::kMerge,
        {{"spec", {{"managed", {{"roles", {{{"name", role}}}}}}}}}, {}, {});
  }
  void AddDatabase(const std::string& cluster, const std::string& name) {
    cnpg::DatabaseSpec spec;
    spec.namespace_name = "default";
    spec.object_name = cluster + "-" + name;
    spec.cluster_name = cluster;
    spec.name = name;
    spec.owner = "app";
    (void)server_.Create(kubernetes::kDatabases, "default",
                         cnpg::DatabaseManifest(spec), {}, {});
  }

  FakeControlPlane server_;
  Replica replica_{server_};
  ChangeFeed feed_{{.start_thread = false}};
  ChangesService service_{replica_.planes, feed_};
};

TEST_F(ChangesServiceTest, TheFirstMessageSaysThatTheWatchIsOn) {
  const auto reader = WatchAll();
  const std::vector<Response> messages = reader->Take();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_THAT(Told(messages.front()), IsEmpty());
  EXPECT_THAT(Next(*reader), IsEmpty());
}

TEST_F(ChangesServiceTest, TellsClustersRolesAndDatabasesApart) {
  const auto reader = WatchAll();
  Scale("demo", 3);
  EXPECT_THAT(Next(*reader), ElementsAre("cluster default/demo"));
  AddRole("demo", "app_user");
  EXPECT_THAT(Next(*reader), UnorderedElementsAre("cluster default/demo",
                                                  "role default/demo"));
  AddDatabase("demo", "orders");
  EXPECT_THAT(Next(*reader), ElementsAre("database default/demo"));
  MakeCluster(server_, "new");
  EXPECT_THAT(Next(*reader),
              UnorderedElementsAre("cluster default/new", "role default/new"));
}

TEST_F(ChangesServiceTest, WhatGoesTakesItsRolesAndDatabasesAlong) {
  const auto reader = WatchAll();
  (void)server_.Delete(kubernetes::kClusters, {"default", "demo"}, {}, {});
  EXPECT_THAT(Next(*reader),
              UnorderedElementsAre("cluster default/demo gone",
                                   "role default/demo gone",
                                   "database default/demo gone"));
}

TEST_F(ChangesServiceTest, ChangesThatComeTogetherAreToldOnce) {
  const auto reader = WatchAll();
  reader->Take();
  for (int instances = 1; instances < 20; ++instances) {
    Scale("demo", instances);
  }
  feed_.RunOnce();
  const std::vector<Response> messages = reader->Take();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_THAT(Told(messages.front()), ElementsAre("cluster default/demo"));
}

TEST_F(ChangesServiceTest, TellsOnlyWhatWasAskedFor) {
  MakeCluster(server_, "other");
  pb::WatchChangesRequest request;
  request.set_cluster_name("demo");
  request.add_kinds(pb::KIND_ROLE);
  const auto reader = Watch(request);
  Scale("demo", 3);
  AddRole("other", "app_user");
  EXPECT_THAT(Next(*reader), IsEmpty());
  AddRole("demo", "app_user");
  EXPECT_THAT(Next(*reader), ElementsAre("role default/demo"));

  request.set_namespace_("elsewhere");
  const auto elsewhere = Watch(request);
  AddRole("demo", "second");
  EXPECT_THAT(Next(*elsewhere), IsEmpty());
}

TEST_F(ChangesServiceTest, ACancelledWatchEnds) {
  std::stop_source stop;
  pb::WatchChangesRequest request;
  const auto reader = Watch(request, stop.get_token());
  EXPECT_FALSE(reader->end().has_value());
  stop.request_stop();
  feed_.RunOnce();
  ASSERT_TRUE(reader->end().has_value());
  EXPECT_THAT(*reader->end(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ChangesServiceTest, WithoutACacheItSaysSo) {
  Replica blind(server_);
  blind.cache_never_syncs = true;
  ChangesService service(blind.planes, feed_);
  auto reader = std::make_shared<Reader>();
  service.WatchChanges(CallFor(), {}, reader);
  ASSERT_TRUE(reader->end().has_value());
  EXPECT_THAT(*reader->end(), HasReason("WATCH_IMPOSSIBLE"));
}

TEST_F(ChangesServiceTest, TooManyAreRefused) {
  ChangeFeed small({.most_listeners = 1, .start_thread = false});
  ChangesService service(replica_.planes, small);
  auto first = std::make_shared<Reader>();
  service.WatchChanges(CallFor(), {}, first);
  auto second = std::make_shared<Reader>();
  service.WatchChanges(CallFor(), {}, second);
  EXPECT_FALSE(first->end().has_value());
  ASSERT_TRUE(second->end().has_value());
  EXPECT_THAT(*second->end(), HasReason("TOO_MANY_WATCHES"));
}

TEST_F(ChangesServiceTest, TheFeedsOwnThreadTellsAndEnds) {
  auto feed = std::make_unique<ChangeFeed>(
      ChangeFeed::Options{.together = absl::ZeroDuration()});
  ChangesService service(replica_.planes, *feed);
  auto reader = std::make_shared<Reader>();
  service.WatchChanges(CallFor(), {}, reader);
  EXPECT_THAT(Told(reader->Next()), IsEmpty());
  Scale("demo", 2);
  EXPECT_THAT(Told(reader->Next()), ElementsAre("cluster default/demo"));
  feed.reset();
  ASSERT_TRUE(reader->end().has_value());
  EXPECT_THAT(*reader->end(), HasReason("SERVER_ENDS"));
}

TEST(ChangesServiceMergeTest, ASlowReaderGetsEachChangeOnceAndNotTooMany) {
  const auto change = [](int number, bool gone) {
    Response response;
    pb::Change& one = *response.add_changes();
    one.set_kind(pb::KIND_CLUSTER);
    one.set_namespace_("default");
    one.set_cluster_name(absl::StrCat("c", number));
    one.set_gone(gone);
    return response;
  };
  Response waiting = change(1, false);
  ChangesService::Merge(waiting, change(1, true));
  ChangesService::Merge(waiting, change(2, false));
  EXPECT_THAT(Told(waiting),
              ElementsAre("cluster default/c1 gone", "cluster default/c2"));
  for (int i = 0; i < 300; ++i) {
    ChangesService::Merge(waiting, change(i, false));
  }
  EXPECT_THAT(Told(waiting), ElementsAre("anything"));
}

}  // namespace
}  // namespace howdah::services
