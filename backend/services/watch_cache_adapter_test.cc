// The readers over the watch cache that production uses.
#include "backend/services/watch_cache_adapter.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "backend/cnpg/cluster.h"
#include "backend/services/object_reader.h"
#include "backend/services/object_recording.h"
#include "gmock/gmock.h"
#include "tests/support/fake_control_plane.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

using howdah::testing::FakeControlPlane;
using kubernetes::kClusters;
using kubernetes::ObjectKey;
using Json = nlohmann::json;

class WatchCacheAdapterTest : public ::testing::Test {
 protected:
  WatchCacheAdapterTest() {
    Json cluster = {{"apiVersion", "postgresql.cnpg.io/v1"},
                    {"kind", "Cluster"},
                    {"metadata", {{"name", "demo"}}},
                    {"spec", {{"instances", 1}}}};
    EXPECT_OK(server_.Create(kClusters, "default", cluster, {}, {}));
    call_.deadline = absl::Now() + absl::Seconds(20);
  }

  void SetPhase(const char* phase) {
    server_.Edit("clusters", key_,
                 [&](Json& cluster) { cluster["status"]["phase"] = phase; });
  }

  // Waits for it, as a change does.
  static bool Holds(SettleWait wait) {
    absl::Notification ended;
    bool held = false;
    operations::ChangeWaiter waiter({});
    operations::ChangeWaiter::Request request;
    request.subscribe = std::move(wait.subscribe);
    request.look = std::move(wait.look);
    request.deadline = wait.deadline;
    request.on_end = [&](operations::ChangeWaiter::Ending ending) {
      held = ending == operations::ChangeWaiter::Ending::kHeld;
      ended.Notify();
    };
    EXPECT_OK(waiter.Wait(std::move(request)));
    ended.WaitForNotification();
    return held;
  }

  FakeControlPlane server_;
  WriteLedger ledger_;
  const ObjectKey key_{"default", "demo"};
  kubernetes::Call call_;
  std::unique_ptr<ObjectCache<cnpg::Cluster>> cache_ =
      MakeObjectCache<cnpg::Cluster>(server_, kClusters, &cnpg::ReadCluster,
                                     {});
  AccessReviews reviews_{server_, net::SystemClock()};
  ObjectReader<cnpg::Cluster> reader_{server_, kClusters, *cache_,
                                      ledger_, reviews_,  &cnpg::ReadCluster};
};

TEST_F(WatchCacheAdapterTest, ReadsAreServedFromMemoryOnceTheCacheIsFilled) {
  EXPECT_EQ(reader_.FromMemory(key_, call_), nullptr);
  auto cluster = reader_.Get(key_, call_);
  ASSERT_OK(cluster);
  ASSERT_NE(*cluster, nullptr);
  EXPECT_EQ((*cluster)->instances, 1);
  EXPECT_NE(reader_.FromMemory(key_, call_), nullptr);
}

TEST_F(WatchCacheAdapterTest, AReaderWaitsForTheWriteOfItsReplica) {
  ASSERT_OK(reader_.Get(key_, call_));
  auto written = server_.Patch(kClusters, key_, kubernetes::PatchType::kMerge,
                               {{"spec", {{"instances", 3}}}}, {}, call_);
  ASSERT_OK(written);
  ledger_.Wrote(
      "clusters", key_,
      written->object["metadata"]["resourceVersion"].get<std::string>());
  auto cluster = reader_.Get(key_, call_);
  ASSERT_OK(cluster);
  EXPECT_EQ((*cluster)->instances, 3);
}

TEST_F(WatchCacheAdapterTest, ARecordingSeesStatesThatPassBeforeItIsAsked) {
  ASSERT_OK(reader_.Get(key_, call_));
  auto recording =
      std::make_shared<ObjectRecording<cnpg::Cluster>>(*cache_, key_);
  SetPhase("one");
  std::string since = absl::StrCat(server_.version());
  SetPhase("two");
  SetPhase("three");
  std::vector<std::string> phases;
  EXPECT_TRUE(Holds(Awaits<cnpg::Cluster>(recording, since, call_.deadline,
                                          [&](const cnpg::Cluster* cluster) {
                                            phases.push_back(cluster->phase);
                                            return cluster->phase == "three";
                                          })));
  EXPECT_THAT(phases, ::testing::ElementsAre("one", "two", "three"));
}

TEST_F(WatchCacheAdapterTest, AnObjectThatSomebodyElseDeletesIsNotWaitedFor) {
  ASSERT_OK(reader_.Get(key_, call_));
  const std::string written = absl::StrCat(server_.version());
  ledger_.Wrote("clusters", key_, written);
  ASSERT_OK(server_.Delete(kClusters, key_, {}, call_));
  EXPECT_TRUE(Holds(reader_.Awaits(
      key_, written, call_.deadline,
      [](const cnpg::Cluster* cluster) { return cluster == nullptr; })));
  EXPECT_TRUE(ledger_.empty());
}

}  // namespace
}  // namespace howdah::services
