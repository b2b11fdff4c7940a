#include "adapter/resources/rpc_resource_provider.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/resources/change_watcher.h"
#include "adapter/resources/guide.h"
#include "adapter/testing/fake_caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/changes/v1/changes_service.pb.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::resources {
namespace {

using howdah::changes::v1::WatchChangesRequest;
using howdah::changes::v1::WatchChangesResponse;
using howdah::testing::FakeCaller;
using howdah::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;
namespace pb = howdah::postgres::v1;

class RpcResourceProviderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto catalogue = catalogue::Catalogue::Build();
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
    resources_ = std::make_unique<catalogue::ResourceCatalogue>(*catalogue_);
    provider_ = std::make_unique<RpcResourceProvider>(RpcResourceParts{
        .catalogue = *resources_,
        .caller = backend_,
        .watcher = watcher_,
        .guide = [this] { return GuideText(catalogue_->definitions()); },
        .may_list = [this] { return may_list_; }});
  }

  void List(absl::string_view cursor = "") {
    page_.reset();
    provider_->List(cursor, context_,
                    [this](auto page) { page_ = std::move(page); });
  }
  void Read(absl::string_view uri) {
    reading_.reset();
    provider_->Read(uri, context_,
                    [this](auto reading) { reading_ = std::move(reading); });
  }
  std::vector<std::string> Uris() const {
    std::vector<std::string> uris;
    for (const auto& resource : page_->value().items) {
      uris.push_back(resource.uri);
    }
    return uris;
  }
  static pb::ListClustersResponse Clusters(
      const std::vector<std::string>& names) {
    pb::ListClustersResponse response;
    for (const std::string& name : names) {
      pb::Cluster& cluster = *response.add_clusters();
      cluster.set_name(name);
      cluster.set_namespace_("default");
      cluster.set_summary(absl::StrCat("Cluster ", name, " is healthy."));
    }
    return response;
  }

  std::unique_ptr<mcp::ResourceWatch> Watch(const std::string& uri) {
    auto watch =
        provider_->Watch(uri, context_, [this, uri] { told_.push_back(uri); });
    EXPECT_OK(watch);
    return watch.ok() ? *std::move(watch) : nullptr;
  }
  static WatchChangesResponse Changed(howdah::changes::v1::Kind kind,
                                      const std::string& cluster) {
    WatchChangesResponse response;
    auto& change = *response.add_changes();
    change.set_kind(kind);
    change.set_namespace_("default");
    change.set_cluster_name(cluster);
    return response;
  }
  std::vector<std::string> Told() { return std::exchange(told_, {}); }

  std::unique_ptr<catalogue::Catalogue> catalogue_;
  std::unique_ptr<catalogue::ResourceCatalogue> resources_;
  FakeCaller backend_;
  std::vector<std::pair<absl::Duration, std::function<void()>>> timers_;
  ChangeWatcher watcher_{
      backend_, [this](absl::Duration pause, std::function<void()> wake) {
        timers_.emplace_back(pause, std::move(wake));
      }};
  bool may_list_ = true;
  std::unique_ptr<RpcResourceProvider> provider_;
  mcp::RequestContext context_;
  std::optional<absl::StatusOr<mcp::ResourcePage>> page_;
  std::optional<absl::StatusOr<mcp::ResourceReading>> reading_;
  std::vector<std::string> told_;
};

TEST_F(RpcResourceProviderTest, ListsTheGuideAndWhatTheCallerMaySee) {
  context_.bearer_token = "token";
  List();
  EXPECT_THAT(backend_.Last().path, EndsWith("ListClusters"));
  EXPECT_EQ(backend_.Last().Request<pb::ListClustersRequest>().namespace_(),
            "*");
  EXPECT_EQ(backend_.Last().options.bearer_token, "token");
  auto answer = Clusters({"orders"});
  answer.set_next_page_token("more");
  backend_.Last().Answer(answer);
  EXPECT_THAT(Uris(), ElementsAre("howdah://guide", "howdah://clusters",
                                  "howdah://clusters/default/orders",
                                  "howdah://clusters/default/orders/databases",
                                  "howdah://clusters/default/orders/roles"));
  EXPECT_EQ(page_->value().items[2].title,
            "PostgreSQL cluster: default/orders");
  EXPECT_EQ(page_->value().items[2].description, "Cluster orders is healthy.");

  List(page_->value().next_cursor);
  EXPECT_EQ(backend_.Last().Request<pb::ListClustersRequest>().page_token(),
            "more");
  backend_.Last().Answer(Clusters({"zebra"}));
  EXPECT_EQ(Uris().front(), "howdah://clusters/default/zebra");
  EXPECT_EQ(page_->value().next_cursor, "");
}

TEST_F(RpcResourceProviderTest, ListingStartsNothing) {
  may_list_ = false;
  List();
  EXPECT_THAT(backend_.calls, IsEmpty());
  EXPECT_THAT(Uris(), ElementsAre("howdah://guide", "howdah://clusters"));
}

TEST_F(RpcResourceProviderTest, AForeignCursorIsRefused) {
  for (const char* cursor : {"x", "7.", "-1.", "0"}) {
    List(cursor);
    EXPECT_THAT(*page_, StatusIs(absl::StatusCode::kInvalidArgument)) << cursor;
  }
}

TEST_F(RpcResourceProviderTest, WhoMayLookIntoOneNamespaceIsShownThat) {
  List();
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  EXPECT_FALSE(
      backend_.Last().Request<pb::ListClustersRequest>().has_namespace_());
  auto answer = Clusters({"orders"});
  answer.set_next_page_token("more");
  backend_.Last().Answer(answer);
  EXPECT_THAT(Uris(), Contains("howdah://clusters/default/orders"));
  List(page_->value().next_cursor);
  const auto next = backend_.Last().Request<pb::ListClustersRequest>();
  EXPECT_FALSE(next.has_namespace_());
  EXPECT_EQ(next.page_token(), "more");
}

TEST_F(RpcResourceProviderTest, WhoMayNotListSeesWhatNeedsNoList) {
  List();
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  EXPECT_THAT(Uris(), ElementsAre("howdah://guide", "howdah://clusters"));
}

TEST_F(RpcResourceProviderTest, AServerWithoutKubernetesListsWhatNeedsNone) {
  List();
  backend_.Last().Fail(absl::FailedPreconditionError("no kubeconfig"));
  EXPECT_THAT(Uris(), ElementsAre("howdah://guide", "howdah://clusters"));
}

TEST_F(RpcResourceProviderTest, AReadIsTheAnswerAsJsonAndAsText) {
  Read("howdah://clusters/production/orders");
  const auto& request = backend_.Last().Request<pb::GetClusterRequest>();
  EXPECT_EQ(request.namespace_(), "production");
  EXPECT_EQ(request.name(), "orders");
  EXPECT_EQ(request.detail_level(), pb::DETAIL_LEVEL_DETAILED);
  backend_.Last().Answer(Clusters({"orders"}).clusters(0));
  ASSERT_OK(*reading_);
  const auto& contents = reading_->value().contents;
  ASSERT_EQ(contents.size(), 2u);
  EXPECT_EQ(contents[0].uri, "howdah://clusters/production/orders");
  EXPECT_EQ(contents[0].mime_type, "application/json");
  EXPECT_EQ(Json::parse(contents[0].bytes)["name"], "orders");
  EXPECT_THAT(contents[1].bytes, HasSubstr("Cluster orders is healthy."));
}

TEST_F(RpcResourceProviderTest, OneRoleIsAnItemOfTheList) {
  Read("howdah://clusters/production/orders/roles/app");
  EXPECT_THAT(backend_.Last().path, EndsWith("ListRoles"));
  auto request = backend_.Last().Request<pb::ListRolesRequest>();
  EXPECT_EQ(request.namespace_(), "production");
  EXPECT_EQ(request.cluster_name(), "orders");
  pb::ListRolesResponse page;
  page.add_roles()->set_name("appendix");
  page.set_next_page_token("more");
  backend_.Last().Answer(page);
  EXPECT_FALSE(reading_.has_value());
  request = backend_.Last().Request<pb::ListRolesRequest>();
  EXPECT_EQ(request.page_token(), "more");
  EXPECT_EQ(request.cluster_name(), "orders");
  page.Clear();
  page.add_roles()->set_name("app");
  page.mutable_roles(0)->set_login(true);
  backend_.Last().Answer(page);
  ASSERT_OK(*reading_);
  const Json role = Json::parse(reading_->value().contents[0].bytes);
  EXPECT_EQ(role["name"], "app");
  EXPECT_EQ(role["login"], true);
  EXPECT_THAT(reading_->value().contents[1].bytes, HasSubstr("app"));

  Read("howdah://clusters/production/orders/roles/nobody");
  backend_.Last().Answer(page);
  EXPECT_THAT(*reading_, StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RpcResourceProviderTest, AnotherContextIsAskedAndWatched) {
  Read("howdah://clusters/a/orders?context=prod");
  EXPECT_EQ(backend_.Last().Request<pb::GetClusterRequest>().context(), "prod");
  Read("howdah://clusters/a/orders/roles/app?context=prod");
  EXPECT_EQ(backend_.Last().Request<pb::ListRolesRequest>().context(), "prod");
  const auto here = Watch("howdah://clusters/a/orders");
  const auto there = Watch("howdah://clusters/a/orders?context=prod");
  EXPECT_EQ(watcher_.streams(), 2u);
  EXPECT_EQ(backend_.Last().Request<WatchChangesRequest>().context(), "prod");
}

TEST_F(RpcResourceProviderTest, TheListChangesWhenAClusterComesOrGoes) {
  int told = 0;
  auto begun = provider_->WatchList(context_, [&] { ++told; });
  ASSERT_OK(begun);
  const auto watch = *std::move(begun);
  auto& stream = backend_.Last();
  EXPECT_EQ(stream.Request<WatchChangesRequest>().namespace_(), "*");
  stream.Send(WatchChangesResponse());
  EXPECT_EQ(told, 0);
  // It may be new: nothing was heard of it.
  stream.Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_EQ(told, 1);
  stream.Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  stream.Send(Changed(howdah::changes::v1::KIND_ROLE, "other"));
  EXPECT_EQ(told, 1);
  WatchChangesResponse gone =
      Changed(howdah::changes::v1::KIND_CLUSTER, "orders");
  gone.mutable_changes(0)->set_gone(true);
  stream.Send(gone);
  EXPECT_EQ(told, 2);
  stream.Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_EQ(told, 3);
}

TEST_F(RpcResourceProviderTest, WatchingTheListStartsNothing) {
  may_list_ = false;
  EXPECT_THAT(provider_->WatchList(context_, [] {}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(backend_.calls, IsEmpty());
}

TEST_F(RpcResourceProviderTest, WhatIsNotThereIsNotFound) {
  for (const char* uri : {"howdah://nothing", "file:///etc/passwd", ""}) {
    Read(uri);
    EXPECT_THAT(*reading_, StatusIs(absl::StatusCode::kNotFound)) << uri;
  }
  Read("howdah://clusters/default/gone");
  backend_.Last().Fail(absl::NotFoundError("Cluster gone does not exist."));
  EXPECT_THAT(*reading_, StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RpcResourceProviderTest, AToolsetThatIsOffTakesItsResourcesAlong) {
  context_.toolsets = {"aiven"};
  List();
  EXPECT_THAT(Uris(), ElementsAre("howdah://guide"));
  Read("howdah://clusters/default/orders");
  EXPECT_THAT(*reading_, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(backend_.calls, IsEmpty());
}

TEST_F(RpcResourceProviderTest, TheGuideNamesEveryTool) {
  Read(kGuideUri);
  ASSERT_OK(*reading_);
  for (const auto& tool : catalogue_->definitions()) {
    EXPECT_THAT(reading_->value().contents[0].bytes,
                HasSubstr(absl::StrCat("\n- `", tool.name, "` (")));
  }
}

TEST_F(RpcResourceProviderTest, WatchersHearOfWhatTheyWatch) {
  const auto cluster = Watch("howdah://clusters/default/orders");
  const auto roles = Watch("howdah://clusters/default/orders/roles");
  const auto other = Watch("howdah://clusters/default/other");
  ASSERT_EQ(watcher_.streams(), 1u);
  auto& stream = backend_.Last();
  EXPECT_EQ(stream.Request<WatchChangesRequest>().namespace_(), "default");
  stream.Send(WatchChangesResponse());
  EXPECT_THAT(Told(), IsEmpty());
  stream.Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_THAT(Told(), ElementsAre("howdah://clusters/default/orders"));
  stream.Send(Changed(howdah::changes::v1::KIND_ROLE, "orders"));
  EXPECT_THAT(Told(), ElementsAre("howdah://clusters/default/orders/roles"));
  WatchChangesResponse anything;
  anything.set_anything(true);
  stream.Send(anything);
  EXPECT_EQ(Told().size(), 3u);
}

TEST_F(RpcResourceProviderTest, TheLastWatcherEndsTheStream) {
  auto first = Watch("howdah://clusters/default/orders");
  auto second = Watch("howdah://clusters/default/other");
  const auto fleet = Watch("howdah://clusters");
  EXPECT_EQ(watcher_.streams(), 2u) << "one for each namespace";
  first = nullptr;
  EXPECT_FALSE(backend_.calls[0]->cancelled);
  second = nullptr;
  EXPECT_TRUE(backend_.calls[0]->cancelled);
  EXPECT_EQ(watcher_.streams(), 1u);
}

TEST_F(RpcResourceProviderTest, CallersDoNotShareAStream) {
  const auto mine = Watch("howdah://clusters");
  context_.bearer_token = "another";
  const auto theirs = Watch("howdah://clusters");
  EXPECT_EQ(watcher_.streams(), 2u);
}

TEST_F(RpcResourceProviderTest, AfterABreakEverythingCountsAsChanged) {
  const auto watch = Watch("howdah://clusters");
  backend_.Last().Send(WatchChangesResponse());
  backend_.Last().Fail(absl::UnavailableError("going down"));
  ASSERT_EQ(timers_.size(), 1u);
  timers_[0].second();
  EXPECT_EQ(backend_.calls.size(), 2u);
  backend_.Last().Fail(absl::UnavailableError("still down"));
  ASSERT_EQ(timers_.size(), 2u);
  EXPECT_GT(timers_[1].first, timers_[0].first);
  timers_[1].second();
  EXPECT_THAT(Told(), IsEmpty());
  backend_.Last().Send(WatchChangesResponse());
  EXPECT_THAT(Told(), ElementsAre("howdah://clusters"));
}

TEST_F(RpcResourceProviderTest, WhoMayLookIntoOneNamespaceWatchesThat) {
  const auto watch = Watch("howdah://clusters");
  backend_.Last().Fail(absl::PermissionDeniedError("no"));
  EXPECT_FALSE(backend_.Last().Request<WatchChangesRequest>().has_namespace_());
  EXPECT_THAT(Told(), IsEmpty());
  backend_.Last().Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_THAT(Told(), ElementsAre("howdah://clusters"));
  backend_.Last().Fail(absl::PermissionDeniedError("not even that"));
  EXPECT_EQ(timers_.size(), 1u);
}

TEST_F(RpcResourceProviderTest, AStreamEndsWithItsToken) {
  context_.bearer_token = "old";
  const auto watch = Watch("howdah://clusters");
  backend_.Last().Fail(absl::UnauthenticatedError("The token has expired."));
  EXPECT_THAT(timers_, IsEmpty());
  context_.bearer_token = "new";
  const auto again = Watch("howdah://clusters");
  backend_.Last().Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_THAT(Told(), ElementsAre("howdah://clusters"));
}

TEST_F(RpcResourceProviderTest, AWatcherMayEndItselfWhenItHears) {
  std::unique_ptr<mcp::ResourceWatch> watch;
  int told = 0;
  auto begun = provider_->Watch("howdah://clusters", context_, [&] {
    ++told;
    watch = nullptr;
  });
  ASSERT_OK(begun);
  watch = *std::move(begun);
  backend_.Last().Send(Changed(howdah::changes::v1::KIND_CLUSTER, "orders"));
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(backend_.Last().cancelled);
}

}  // namespace
}  // namespace howdah::resources
