#include "backend/local/store/sqlite_object_store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

using ::howdah::testing::IsOk;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

const ResourceType kClusters{"postgresql.cnpg.io", "clusters"};
const ResourceType kSecrets{"", "secrets"};
const ResourceType kNamespaces{"", "namespaces"};

Json Named(const std::string& name) {
  return {{"metadata", {{"name", name}}}, {"spec", {{"instances", 1}}}};
}

Json OwnedBy(const std::string& name, const Json& owner, bool blocks = false) {
  Json object = Named(name);
  object["metadata"]["ownerReferences"] = Json::array(
      {{{"uid", owner["metadata"]["uid"]}, {"blockOwnerDeletion", blocks}}});
  return object;
}

// Collects changes; waits for them with a deadline, since they come from
// another thread.
class Recorder {
 public:
  std::function<void(const Change&)> Callback() {
    return [this](const Change& change) {
      static constexpr char kMarks[] = {'+', '~', '-'};
      std::lock_guard lock(mutex_);
      seen_.push_back(kMarks[static_cast<int>(change.type)] +
                      change.object["metadata"]["name"].get<std::string>());
      wake_.notify_all();
    };
  }
  std::vector<std::string> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds(10),
                   [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::string> seen_;
};

class SqliteObjectStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ("store." + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    options_.path = (directory_ / "objects.db").string();
    Reopen();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Reopen() {
    store_.reset();
    auto store = SqliteObjectStore::Open(options_);
    ASSERT_OK(store.status());
    store_ = *std::move(store);
  }
  Json Must(absl::StatusOr<Json> result) {
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *std::move(result) : Json();
  }
  // Waits until the object is gone.
  void ExpectGone(const ResourceType& type, const std::string& space,
                  const std::string& name) {
    absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (store_->Get(type, space, name).ok()) {
      ASSERT_LT(absl::Now(), deadline) << name << " is still there";
      std::this_thread::yield();
    }
  }

  std::filesystem::path directory_;
  SqliteObjectStoreOptions options_;
  std::unique_ptr<SqliteObjectStore> store_;
};

TEST_F(SqliteObjectStoreTest, CreateStampsMetadata) {
  options_.clock = [] { return absl::FromUnixSeconds(1700000000); };
  Reopen();
  Json object = Named("demo");
  Json stored = Must(store_->Create(kClusters, "default", object));
  const Json& metadata = stored["metadata"];
  EXPECT_THAT(metadata["uid"].get<std::string>(),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]"
                           "{3}-[0-9a-f]{12}"));
  EXPECT_EQ(metadata["creationTimestamp"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(metadata["namespace"], "default");
  EXPECT_EQ(metadata["generation"], 1);
  EXPECT_EQ(metadata["resourceVersion"], "1");
  EXPECT_EQ(Must(store_->Get(kClusters, "default", "demo")), stored);
  EXPECT_THAT(store_->Create(kClusters, "default", object),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       "clusters.postgresql.cnpg.io \"demo\" already exists"));
  EXPECT_THAT(
      store_->Get(kSecrets, "default", "demo"),
      StatusIs(absl::StatusCode::kNotFound, "secrets \"demo\" not found"));
}

TEST_F(SqliteObjectStoreTest, GenerationGrowsWithTheSpecOnly) {
  Must(store_->Create(kClusters, "default", Named("demo")));
  auto update = [&](std::function<void(Json&)> edit) {
    return Must(store_->Update(kClusters, "default", "demo", [&](Json& object) {
      edit(object);
      return absl::OkStatus();
    }));
  };
  Json next = update([](Json& object) {
    object["status"]["phase"] = "x";
    object["metadata"]["labels"]["a"] = "b";
    object["metadata"]["uid"] = "forged";
  });
  EXPECT_EQ(next["metadata"]["generation"], 1);
  EXPECT_EQ(next["metadata"]["resourceVersion"], "2");
  EXPECT_NE(next["metadata"]["uid"], "forged");
  next = update([](Json& object) { object["spec"]["instances"] = 3; });
  EXPECT_EQ(next["metadata"]["generation"], 2);
  next = update([](Json&) {});
  EXPECT_EQ(next["metadata"]["resourceVersion"], "3") << "nothing was written";
  EXPECT_EQ(store_->resource_version(), 3u);
  EXPECT_THAT(store_->Update(kClusters, "default", "demo",
                             [](Json& object) {
                               object["spec"]["instances"] = 9;
                               return absl::AbortedError("no");
                             }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Must(store_->Get(kClusters, "default", "demo")), next);
}

TEST_F(SqliteObjectStoreTest, SurvivesReopeningAndCountsOn) {
  Json one = Must(store_->Create(kClusters, "default", Named("one")));
  Must(store_->Create(kClusters, "other", Named("two")));
  Must(store_->Delete(kClusters, "other", "two", {}));
  Reopen();
  EXPECT_EQ(Must(store_->Get(kClusters, "default", "one")), one);
  EXPECT_EQ(store_->resource_version(), 3u);
  EXPECT_EQ(Must(store_->Create(kClusters, "a",
                                Named("x")))["metadata"]["resourceVersion"],
            "4");
  auto all = store_->List(kClusters, "");
  ASSERT_OK(all.status());
  ASSERT_THAT(all->items, SizeIs(2));
  EXPECT_EQ(all->items[0]["metadata"]["name"], "x") << "namespaces in order";
  EXPECT_THAT(store_->List(kClusters, "default")->items, SizeIs(1));
}

TEST_F(SqliteObjectStoreTest, TheFileBelongsToOneProcess) {
  EXPECT_THAT(SqliteObjectStore::Open(options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("in use by another howdah-local")));
}

TEST_F(SqliteObjectStoreTest, PreconditionsOfDeleteMustMatch) {
  Json stored = Must(store_->Create(kClusters, "default", Named("demo")));
  EXPECT_THAT(store_->Delete(kClusters, "default", "demo", {.uid = "other"}),
              StatusIs(absl::StatusCode::kAborted,
                       HasSubstr("the UID in the precondition (other)")));
  EXPECT_THAT(
      store_->Delete(kClusters, "default", "demo", {.resource_version = "77"}),
      StatusIs(absl::StatusCode::kAborted));
  EXPECT_OK(store_
                ->Delete(kClusters, "default", "demo",
                         {.uid = stored["metadata"]["uid"].get<std::string>(),
                          .resource_version = "1"})
                .status());
}

TEST_F(SqliteObjectStoreTest, FinalizersHoldAnObject) {
  Json object = Named("demo");
  object["metadata"]["finalizers"] = {"cnpg.io/deleteDatabase"};
  Must(store_->Create(kClusters, "default", object));
  Json marked = Must(store_->Delete(kClusters, "default", "demo", {}));
  EXPECT_TRUE(marked["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ(marked["metadata"]["generation"], 2);
  Json again = Must(store_->Delete(kClusters, "default", "demo", {}));
  EXPECT_EQ(again, marked);
  Must(store_->Update(kClusters, "default", "demo", [](Json& edited) {
    edited["metadata"].erase("finalizers");
    return absl::OkStatus();
  }));
  EXPECT_THAT(store_->Get(kClusters, "default", "demo"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SqliteObjectStoreTest, DependentsGoWithTheirOwner) {
  Json owner = Must(store_->Create(kClusters, "default", Named("demo")));
  Json child = Must(store_->Create(kSecrets, "default", OwnedBy("a", owner)));
  Must(store_->Create(kSecrets, "default", OwnedBy("grandchild", child)));
  Must(store_->Create(kSecrets, "default", Named("free")));
  Must(store_->Delete(kClusters, "default", "demo", {}));
  ExpectGone(kSecrets, "default", "a");
  ExpectGone(kSecrets, "default", "grandchild");
  EXPECT_OK(store_->Get(kSecrets, "default", "free").status());
}

TEST_F(SqliteObjectStoreTest, OneLivingOwnerIsEnough) {
  Json one = Must(store_->Create(kClusters, "default", Named("one")));
  Json two = Must(store_->Create(kClusters, "default", Named("two")));
  Json child = OwnedBy("shared", one);
  child["metadata"]["ownerReferences"].push_back(
      {{"uid", two["metadata"]["uid"]}});
  Must(store_->Create(kSecrets, "default", child));
  Recorder recorder;
  ASSERT_OK(store_->Subscribe(store_->resource_version(), recorder.Callback())
                .status());
  Must(store_->Delete(kClusters, "default", "one", {}));
  EXPECT_THAT(recorder.WaitFor(2), ElementsAre("-one", "~shared"));
  Json left = Must(store_->Get(kSecrets, "default", "shared"));
  EXPECT_THAT(left["metadata"]["ownerReferences"], SizeIs(1));
}

TEST_F(SqliteObjectStoreTest, ForegroundDeletionWaitsForBlockingDependents) {
  Json object = Named("demo");
  object["metadata"]["finalizers"] = {"foregroundDeletion"};
  Json owner = Must(store_->Create(kClusters, "default", object));
  Json child = OwnedBy("held", owner, /*blocks=*/true);
  child["metadata"]["finalizers"] = {"test/hold"};
  Must(store_->Create(kSecrets, "default", child));
  Recorder recorder;
  ASSERT_OK(store_->Subscribe(store_->resource_version(), recorder.Callback())
                .status());
  Must(store_->Delete(kClusters, "default", "demo", {}));
  EXPECT_THAT(recorder.WaitFor(2), ElementsAre("~demo", "~held"));
  Must(store_->Update(kSecrets, "default", "held", [](Json& edited) {
    edited["metadata"].erase("finalizers");
    return absl::OkStatus();
  }));
  EXPECT_THAT(recorder.WaitFor(4),
              ElementsAre("~demo", "~held", "-held", "-demo"));
}

TEST_F(SqliteObjectStoreTest, ADeletedNamespaceTakesItsContents) {
  Json space = Named("team");
  space["spec"] = {{"finalizers", {"kubernetes"}}};
  Must(store_->Create(kNamespaces, "", space));
  Must(store_->Create(kSecrets, "team", Named("a")));
  Must(store_->Create(kClusters, "team", Named("b")));
  Must(store_->Create(kSecrets, "default", Named("stays")));
  Must(store_->Delete(kNamespaces, "", "team", {}));
  ExpectGone(kNamespaces, "", "team");
  EXPECT_THAT(store_->List(kSecrets, "team")->items, IsEmpty());
  EXPECT_THAT(store_->List(kClusters, "team")->items, IsEmpty());
  EXPECT_OK(store_->Get(kSecrets, "default", "stays").status());
}

TEST_F(SqliteObjectStoreTest, EventsLiveForAnHour) {
  const ResourceType events{"", "events"};
  absl::Time now = absl::FromUnixSeconds(1700000000);
  options_.clock = [&now] { return now; };
  Reopen();
  Must(store_->Create(events, "default", Named("old")));
  Json repeated = Named("repeated");
  repeated["lastTimestamp"] = "2023-11-14T23:00:00Z";
  Must(store_->Create(events, "default", repeated));
  store_.reset();
  now += absl::Minutes(61);
  Reopen();
  ExpectGone(events, "default", "old");
  EXPECT_OK(store_->Get(events, "default", "repeated").status());
}

TEST_F(SqliteObjectStoreTest, SubscribersResumeFromAnOldVersion) {
  Must(store_->Create(kSecrets, "default", Named("a")));
  Must(store_->Create(kSecrets, "default", Named("b")));
  Must(store_->Delete(kSecrets, "default", "a", {}));
  Reopen();
  Recorder recorder;
  auto id = store_->Subscribe(1, recorder.Callback());
  ASSERT_OK(id.status());
  Must(store_->Create(kSecrets, "default", Named("c")));
  EXPECT_THAT(recorder.WaitFor(3), ElementsAre("+b", "-a", "+c"));
  store_->Unsubscribe(*id);
  Must(store_->Create(kSecrets, "default", Named("d")));
  Recorder later;
  ASSERT_OK(store_->Subscribe(4, later.Callback()).status());
  EXPECT_THAT(later.WaitFor(1), ElementsAre("+d"));
  EXPECT_THAT(recorder.WaitFor(0), SizeIs(3));
}

TEST_F(SqliteObjectStoreTest, ForgottenAndFutureVersionsAreOutOfRange) {
  options_.change_log_size = 3;
  Reopen();
  for (char name = 'a'; name <= 'f'; ++name) {
    Must(store_->Create(kSecrets, "default", Named(std::string(1, name))));
  }
  Recorder recorder;
  EXPECT_THAT(store_->Subscribe(2, recorder.Callback()),
              StatusIs(absl::StatusCode::kOutOfRange,
                       "too old resource version: 2 (3)"));
  EXPECT_THAT(store_->Subscribe(99, recorder.Callback()),
              StatusIs(absl::StatusCode::kOutOfRange));
  ASSERT_OK(store_->Subscribe(3, recorder.Callback()).status());
  EXPECT_THAT(recorder.WaitFor(3), ElementsAre("+d", "+e", "+f"));
  Reopen();
  EXPECT_THAT(store_->Subscribe(2, recorder.Callback()),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(SqliteObjectStoreTest, AFullDiskChangesNothing) {
  options_.max_pages = 20;
  Reopen();
  Json small = Must(store_->Create(kSecrets, "default", Named("small")));
  Json big = Named("big");
  big["data"] = std::string(200'000, 'x');
  EXPECT_THAT(store_->Create(kSecrets, "default", big),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("is full; nothing was changed")));
  EXPECT_THAT(store_->Get(kSecrets, "default", "big"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->Update(kSecrets, "default", "small",
                             [&](Json& object) {
                               object["data"] = big["data"];
                               return absl::OkStatus();
                             }),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Must(store_->Get(kSecrets, "default", "small")), small);
  // And goes on when there is room.
  EXPECT_OK(store_->Create(kSecrets, "default", Named("next")).status());
  options_.max_pages = 0;
  Reopen();
  EXPECT_EQ(store_->resource_version(), 2u);
}

// A child writes and reports each acknowledged name on a pipe until it is
// killed; all of them must be there afterwards.
TEST_F(SqliteObjectStoreTest, AcknowledgedWritesSurviveKill) {
  store_.reset();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(pipe_ends[0]);
    auto store = SqliteObjectStore::Open(options_);
    if (!store.ok()) _exit(1);
    for (uint32_t i = 0;; ++i) {
      if (!(*store)
               ->Create(kSecrets, "default", Named("s" + std::to_string(i)))
               .ok()) {
        _exit(1);
      }
      if (write(pipe_ends[1], &i, sizeof(i)) != sizeof(i)) _exit(1);
    }
  }
  close(pipe_ends[1]);
  uint32_t acknowledged = 0;
  uint32_t next = 0;
  while (acknowledged < 500 &&
         read(pipe_ends[0], &next, sizeof(next)) == sizeof(next)) {
    acknowledged = next + 1;
  }
  ASSERT_EQ(acknowledged, 500u) << "the child failed";
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  while (read(pipe_ends[0], &next, sizeof(next)) == sizeof(next)) {
    acknowledged = next + 1;
  }
  close(pipe_ends[0]);
  Reopen();
  auto all = store_->List(kSecrets, "default");
  ASSERT_OK(all.status());
  EXPECT_GE(all->items.size(), acknowledged);
  EXPECT_EQ(store_->resource_version(), all->items.size());
  for (uint32_t i = 0; i < acknowledged; ++i) {
    ASSERT_OK(
        store_->Get(kSecrets, "default", "s" + std::to_string(i)).status());
  }
}

}  // namespace
}  // namespace howdah::local
