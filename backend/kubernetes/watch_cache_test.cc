#include "backend/kubernetes/watch_cache.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "proto/support/status_details.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::FakeClock;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Type = WatchEvent::Type;

std::string Object(const std::string& ns, const std::string& name, int version,
                   const std::string& value) {
  return absl::StrCat(R"({"value":")", value, R"(","metadata":{"labels":{)",
                      R"("name":"x"},"name":")", name, R"(","namespace":")", ns,
                      R"(","resourceVersion":")", version, R"("}})");
}

std::string Page(const std::vector<std::string>& items, int version,
                 const std::string& token = "") {
  std::string text = R"({"apiVersion":"v1","items":[)";
  for (size_t i = 0; i < items.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", items[i]);
  }
  return absl::StrCat(text, R"(],"metadata":{"resourceVersion":")", version,
                      R"(","continue":")", token, R"("}})");
}

// Lists as scripted; watches obey the test, event by event.
class ScriptedPlane final : public ControlPlane {
 public:
  struct Step {
    Type type = Type::kAdded;
    std::string object;
    // Ends the watch when set.
    bool end = false;
    absl::Status status;
  };

  void AddPage(const std::string& ns, absl::StatusOr<std::string> page) {
    const std::lock_guard lock(mutex_);
    pages_[ns].push_back(std::move(page));
    changed_.notify_all();
  }
  void Event(Type type, std::string object, const std::string& ns = "") {
    Push(ns, {type, std::move(object), false, absl::OkStatus()});
  }
  void End(absl::Status status, const std::string& ns = "") {
    Push(ns, {Type::kAdded, "", true, std::move(status)});
  }
  // Of the form "list <continue>" and "watch <version>".
  std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  // False if it is not called that often soon.
  bool WaitForCalls(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return calls_.size() >= count; });
  }

  std::string default_namespace() const override { return "default"; }
  absl::Status ListRaw(const Resource&, absl::string_view ns,
                       const ListOptions& options, const Call& call,
                       std::string& text) override {
    std::unique_lock lock(mutex_);
    calls_.push_back(
        absl::StrCat("list ", options.limit, " ", options.continue_token));
    changed_.notify_all();
    auto& pages = pages_[std::string(ns)];
    if (!changed_.wait(lock, call.cancelled, [&] { return !pages.empty(); })) {
      return absl::CancelledError();
    }
    const absl::StatusOr<std::string> page = std::move(pages.front());
    pages.pop_front();
    if (page.ok()) text = *page;
    return page.status();
  }
  absl::Status Watch(
      const Resource&, absl::string_view ns, absl::string_view version,
      const Call& call,
      const std::function<void(const WatchEvent&)>& on_event) override {
    std::unique_lock lock(mutex_);
    calls_.push_back(absl::StrCat("watch ", version));
    auto& steps = steps_[std::string(ns)];
    for (;;) {
      if (!changed_.wait(lock, call.cancelled,
                         [&] { return !steps.empty(); })) {
        return absl::CancelledError();
      }
      const Step step = std::move(steps.front());
      steps.pop_front();
      if (step.end) return step.status;
      lock.unlock();
      on_event({step.type, step.object});
      lock.lock();
    }
  }

  absl::StatusOr<nlohmann::json> Get(const Resource&, const ObjectKey&,
                                     const Call&) override {
    return absl::UnimplementedError("Get");
  }
  absl::StatusOr<ListPage> List(const Resource&, absl::string_view,
                                const ListOptions&, const Call&) override {
    return absl::UnimplementedError("List");
  }
  absl::StatusOr<Written> Create(const Resource&, absl::string_view,
                                 const nlohmann::json&, const WriteOptions&,
                                 const Call&) override {
    return absl::UnimplementedError("Create");
  }
  absl::StatusOr<Written> Patch(const Resource&, const ObjectKey&, PatchType,
                                const nlohmann::json&, const WriteOptions&,
                                const Call&) override {
    return absl::UnimplementedError("Patch");
  }
  absl::Status Delete(const Resource&, const ObjectKey&, const DeleteOptions&,
                      const Call&) override {
    return absl::UnimplementedError("Delete");
  }
  absl::StatusOr<bool> Serves(const Resource&, const Call&) override {
    return absl::UnimplementedError("Serves");
  }

 private:
  void Push(const std::string& ns, Step step) {
    const std::lock_guard lock(mutex_);
    steps_[ns].push_back(std::move(step));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::deque<absl::StatusOr<std::string>>> pages_;
  std::map<std::string, std::deque<Step>> steps_;
  std::vector<std::string> calls_;
};

// The value is the text of the field "value"; "bad" cannot be read.
absl::StatusOr<std::string> ReadValue(absl::string_view json) {
  const size_t begin = json.find(R"("value":")") + 9;
  const std::string value(json.substr(begin, json.find('"', begin) - begin));
  if (value == "bad") return absl::InvalidArgumentError("bad value");
  return value;
}

class WatchCacheTest : public ::testing::Test {
 protected:
  using Cache = WatchCache<std::string>;

  WatchCacheTest() {
    options_.reflector.clock = &clock_;
    options_.reflector.random = [] { return 0.0; };
    options_.on_error = [this](const ObjectKey& key,
                               const absl::Status& error) {
      const std::lock_guard lock(mutex_);
      errors_.push_back(absl::StrCat(key.name, ": ", error.message()));
    };
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(10); }

  static std::vector<std::string> Contents(Cache& cache) {
    std::vector<std::string> contents;
    for (const auto& [key, object] : cache.Get()->objects) {
      contents.push_back(absl::StrCat(key.namespace_name, "/", key.name, "=",
                                      *object.value, "@",
                                      object.resource_version));
    }
    return contents;
  }
  std::vector<std::string> Errors() {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

  FakeClock clock_;
  ScriptedPlane plane_;
  WatchCacheOptions options_;
  std::mutex mutex_;
  std::vector<std::string> errors_;
};

TEST_F(WatchCacheTest, ListsAllPagesThenFollowsChanges) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  EXPECT_EQ(cache.Get(), nullptr);
  plane_.AddPage("", Page({Object("b", "x", 1, "one")}, 5, "more"));
  plane_.AddPage("", Page({Object("a", "z", 3, "three")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/z=three@3", "b/x=one@1"));
  const auto before = cache.Get();
  EXPECT_EQ(before->resource_version, "5");

  plane_.Event(Type::kAdded, Object("a", "y", 6, "six"));
  plane_.Event(Type::kModified, Object("b", "x", 7, "seven"));
  plane_.Event(Type::kDeleted, Object("a", "z", 8, "gone"));
  ASSERT_OK(cache.WaitForVersion({"a", "z"}, "8", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/y=six@6", "b/x=seven@7"));
  EXPECT_EQ(cache.Get()->generation, before->generation + 3);
  // Whoever holds the old picture keeps it.
  EXPECT_EQ(before->objects.size(), 2u);
  EXPECT_THAT(plane_.calls(),
              ElementsAre("list 500 ", "list 500 more", "watch 5"));
}

TEST_F(WatchCacheTest, TheNextPageIsAskedForWhileOneIsRead) {
  bool asked = false;
  const auto read_first = [&](absl::string_view json) {
    if (absl::StrContains(json, "one")) asked = plane_.WaitForCalls(2);
    return ReadValue(json);
  };
  Cache cache(plane_, kClusters, read_first, options_);
  plane_.AddPage("", Page({Object("a", "x", 1, "one")}, 5, "more"));
  plane_.AddPage("", Page({Object("a", "y", 2, "two")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  EXPECT_TRUE(asked);
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=one@1", "a/y=two@2"));
}

TEST_F(WatchCacheTest, AListIsGivenUpWhileItsNextPageIsAskedFor) {
  plane_.AddPage("", Page({Object("a", "x", 1, "one")}, 5, "more"));
  {
    Cache cache(plane_, kClusters, ReadValue, options_);
    cache.Start();
    ASSERT_TRUE(plane_.WaitForCalls(2));
  }
  EXPECT_THAT(plane_.calls(), ElementsAre("list 500 ", "list 500 more"));
}

TEST_F(WatchCacheTest, ABookmarkMovesTheVersionOnly) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage("", Page({Object("a", "x", 1, "one")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  const auto before = cache.Get();
  plane_.Event(Type::kBookmark,
               R"({"kind":"Cluster","metadata":{"resourceVersion":"20"}})");
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "12", Soon()));
  EXPECT_EQ(cache.Get(), before);
  plane_.End(absl::UnavailableError("torn"));
  plane_.Event(Type::kAdded, Object("a", "y", 21, "new"));
  ASSERT_OK(cache.WaitForVersion({"a", "y"}, "21", Soon()));
  EXPECT_THAT(plane_.calls(), ElementsAre("list 500 ", "watch 5", "watch 20"));
}

TEST_F(WatchCacheTest, ATornWatchGoesOnFromTheLastVersionAfterAPause) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage("", Page({Object("a", "x", 1, "one")}, 5));
  for (int i = 0; i < 3; ++i) plane_.End(absl::UnavailableError("torn"));
  plane_.Event(Type::kModified, Object("a", "x", 6, "two"));
  cache.Start();
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "6", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=two@6"));
  EXPECT_THAT(clock_.slept(),
              ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200),
                          absl::Milliseconds(400)));
  EXPECT_THAT(Errors(), ElementsAre(": torn", ": torn", ": torn"));
  EXPECT_OK(cache.lasting_error());
}

TEST_F(WatchCacheTest, TooOldListsAgainAndDropsWhatIsGone) {
  int reads = 0;
  Cache cache(
      plane_, kClusters,
      [&](absl::string_view json) {
        ++reads;
        return ReadValue(json);
      },
      options_);
  plane_.AddPage(
      "", Page({Object("a", "x", 1, "one"), Object("a", "y", 2, "two")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  const auto kept = cache.Get()->objects.find({"a", "y"})->second.value;
  plane_.AddPage(
      "", Page({Object("a", "y", 2, "two"), Object("a", "z", 8, "three")}, 9));
  plane_.End(absl::OutOfRangeError("too old"));
  ASSERT_OK(cache.WaitForVersion({"a", "z"}, "9", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/y=two@2", "a/z=three@8"));
  // What has not changed is not read again.
  EXPECT_EQ(cache.Get()->objects.find({"a", "y"})->second.value, kept);
  EXPECT_EQ(reads, 3);
  EXPECT_THAT(Errors(), IsEmpty());
}

TEST_F(WatchCacheTest, AnObjectThatCannotBeReadIsReportedAndLeftOut) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage(
      "", Page({Object("a", "x", 1, "bad"), Object("a", "y", 2, "good")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/y=good@2"));
  plane_.Event(Type::kModified, Object("a", "y", 6, "bad"));
  plane_.Event(Type::kModified, Object("a", "x", 7, "fine"));
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "7", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=fine@7"));
  EXPECT_THAT(Errors(), ElementsAre("x: bad value", "y: bad value"));
}

TEST_F(WatchCacheTest, AMissingRightIsToldAtOnceAndTriedAgain) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage("", absl::PermissionDeniedError("no list"));
  std::promise<void> told;
  std::once_flag once;
  const int64_t id = cache.Subscribe([&](const ObjectKey*) {
    if (cache.lasting_error().ok()) return;
    std::call_once(once, [&] { told.set_value(); });
  });
  cache.Start();
  EXPECT_THAT(cache.WaitUntilSynced(Soon()),
              StatusIs(absl::StatusCode::kPermissionDenied, "no list"));
  EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(20)),
            std::future_status::ready);
  plane_.AddPage("", Page({}, 5));
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "5", Soon()));
  EXPECT_OK(cache.lasting_error());
  cache.Unsubscribe(id);
  EXPECT_THAT(Contents(cache), IsEmpty());
}

TEST_F(WatchCacheTest, WaitingEndsWithTheLastErrorOrTheDeadline) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  cache.Start();
  EXPECT_THAT(cache.WaitUntilSynced(absl::Now()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(cache.WaitUntilSynced(absl::InfiniteFuture(), stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled));
  plane_.AddPage("", Page({}, 5));
  ASSERT_OK(cache.WaitUntilSynced(absl::InfiniteFuture()));
  EXPECT_THAT(cache.WaitForVersion({"a", "x"}, "6", absl::Now()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(WatchCacheTest, OnlyTheNamedNamespacesAreKept) {
  options_.namespaces = {"a", "b"};
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage("a", Page({Object("a", "x", 1, "one")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "5", Soon()));
  EXPECT_EQ(cache.Get(), nullptr);
  plane_.AddPage("b", Page({Object("b", "x", 2, "two")}, 6));
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=one@1", "b/x=two@2"));
  EXPECT_TRUE(cache.Covers("b"));
  EXPECT_FALSE(cache.Covers("c"));
  EXPECT_THAT(cache.WaitForVersion({"c", "x"}, "1", Soon()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // A new list of one namespace leaves the other alone.
  plane_.AddPage("a", Page({}, 9));
  plane_.End(absl::OutOfRangeError("too old"), "a");
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "9", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("b/x=two@2"));
}

TEST_F(WatchCacheTest, SubscribersHearOfEachChangeAfterIt) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  std::mutex mutex;
  std::vector<std::string> heard;
  const int64_t id = cache.Subscribe([&](const ObjectKey* key) {
    const std::lock_guard lock(mutex);
    heard.push_back(absl::StrCat(key == nullptr ? "all" : key->name, " ",
                                 cache.Get()->objects.size()));
  });
  int64_t once = 0;
  once = cache.Subscribe([&](const ObjectKey*) { cache.Unsubscribe(once); });
  plane_.AddPage("", Page({}, 5));
  cache.Start();
  plane_.Event(Type::kAdded, Object("a", "x", 6, "one"));
  plane_.Event(Type::kAdded, Object("a", "y", 7, "two"));
  plane_.Event(Type::kBookmark, R"({"metadata":{"resourceVersion":"8"}})");
  ASSERT_OK(cache.WaitForVersion({"a", ""}, "8", Soon()));
  cache.Unsubscribe(id);
  plane_.Event(Type::kAdded, Object("a", "z", 9, "three"));
  ASSERT_OK(cache.WaitForVersion({"a", ""}, "9", Soon()));
  EXPECT_THAT(heard, ElementsAre("all 0", "x 1", "y 2"));
}

TEST_F(WatchCacheTest, ABrokenPageIsAnErrorAndListedAgain) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  for (const char* text :
       {"<html>", "{}", R"({"items":[3]})", R"({"items":[{"metadata":{}}]})",
        R"({"items":[{"metadata":{"name":"x"}})"}) {
    plane_.AddPage("", std::string(text));
  }
  plane_.AddPage("", Page({Object("a", "x", 1, "one")}, 5));
  cache.Start();
  ASSERT_OK(cache.WaitUntilSynced(Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=one@1"));
  EXPECT_EQ(Errors().size(), 5u);
}

TEST_F(WatchCacheTest, AnEventThatCannotBeReadLeadsToANewList) {
  Cache cache(plane_, kClusters, ReadValue, options_);
  plane_.AddPage("", Page({}, 5));
  cache.Start();
  plane_.AddPage("", Page({Object("a", "x", 6, "one")}, 7));
  plane_.Event(Type::kAdded, R"({"metadata":3})");
  ASSERT_OK(cache.WaitForVersion({"a", "x"}, "7", Soon()));
  EXPECT_THAT(Contents(cache), ElementsAre("a/x=one@6"));
}

TEST(HasReachedTest, VersionsAreComparedAsNumbers) {
  EXPECT_TRUE(HasReached("10", "9"));
  EXPECT_FALSE(HasReached("9", "10"));
  EXPECT_TRUE(HasReached("abc", "abc"));
  EXPECT_FALSE(HasReached("abd", "abc"));
}

}  // namespace
}  // namespace howdah::kubernetes
