#include "backend/auth/refreshed.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace howdah::auth {
namespace {

using howdah::testing::FakeClock;
using howdah::testing::StatusIs;

// A source whose answers the test gives one by one.
class Source {
 public:
  absl::StatusOr<std::string> Fetch(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    if (!changed_.wait(lock, stop, [&] { return !answers_.empty(); })) {
      return absl::CancelledError("stopped");
    }
    auto answer = answers_.front();
    answers_.erase(answers_.begin());
    return answer;
  }
  void Give(absl::StatusOr<std::string> answer) {
    std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
    changed_.notify_all();
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }
  int asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  int asked_ = 0;
  std::vector<absl::StatusOr<std::string>> answers_;
};

class RefreshedTest : public ::testing::Test {
 protected:
  using Value = Refreshed<std::string>;

  // Waits for the answer to a Refresh.
  absl::StatusOr<Value::Version> Refresh() {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<absl::StatusOr<Value::Version>> answer;
    value_.Refresh([&](const absl::StatusOr<Value::Version>& result) {
      std::lock_guard lock(mutex);
      answer = result;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answer.has_value(); });
    return *answer;
  }

  const RefreshOptions options_ = {};
  FakeClock clock_;
  Source source_;
  Value value_{options_, clock_,
               [this](std::stop_token stop) { return source_.Fetch(stop); }};
};

TEST_F(RefreshedTest, NothingIsFetchedBeforeSomebodyAsks) {
  EXPECT_EQ(value_.Current().value, nullptr);
  EXPECT_EQ(source_.asked(), 0);
}

TEST_F(RefreshedTest, AFetchedValueIsThereForAll) {
  source_.Give("one");
  ASSERT_OK(Refresh());
  EXPECT_EQ(*value_.Current().value, "one");
  EXPECT_EQ(source_.asked(), 1);
}

TEST_F(RefreshedTest, WhoAsksTooSoonGetsWhatIsKnown) {
  source_.Give("one");
  ASSERT_OK(Refresh());
  clock_.Advance(options_.pause - absl::Milliseconds(1));
  EXPECT_EQ(*Refresh()->value, "one");
  EXPECT_EQ(source_.asked(), 1);
  clock_.Advance(absl::Milliseconds(1));
  source_.Give("two");
  EXPECT_EQ(*Refresh()->value, "two");
}

TEST_F(RefreshedTest, AnErrorIsRememberedForThePauseToo) {
  source_.Give(absl::UnavailableError("down"));
  EXPECT_THAT(Refresh(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Refresh(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(source_.asked(), 1);
}

TEST_F(RefreshedTest, OldValuesAreFetchedInTheBackgroundWhileTheyAreUsed) {
  source_.Give("one");
  ASSERT_OK(Refresh());
  clock_.Advance(options_.keep);
  EXPECT_EQ(*value_.Current().value, "one");
  source_.WaitUntilAsked(2);
  EXPECT_EQ(*value_.Current().value, "one");
  source_.Give("two");
  EXPECT_EQ(*Refresh()->value, "two");
  EXPECT_EQ(value_.Current().number, 2u);
}

TEST_F(RefreshedTest, TheNumberStaysWhereTheValueDoes) {
  source_.Give("one");
  ASSERT_OK(Refresh());
  clock_.Advance(options_.pause);
  source_.Give("one");
  EXPECT_EQ(Refresh()->number, 1u);
}

TEST_F(RefreshedTest, AnOutageIsBridgedForALimitedTime) {
  source_.Give("one");
  ASSERT_OK(Refresh());
  clock_.Advance(options_.keep_in_outage - absl::Seconds(1));
  source_.Give(absl::UnavailableError("down"));
  EXPECT_EQ(*Refresh()->value, "one");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(value_.Current().value, nullptr);
  EXPECT_THAT(Refresh(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(RefreshedTest, AllWhoWaitAreAnsweredByOneFetch) {
  std::mutex mutex;
  std::condition_variable changed;
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    value_.Refresh([&](const absl::StatusOr<Value::Version>& result) {
      std::lock_guard lock(mutex);
      EXPECT_OK(result);
      ++answered;
      changed.notify_one();
    });
  }
  source_.Give("one");
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return answered == 100; });
  EXPECT_EQ(source_.asked(), 1);
}

TEST(RefreshedEndTest, TheEndAnswersThoseWhoWait) {
  FakeClock clock;
  Source source;
  absl::Status answer;
  {
    Refreshed<std::string> value(
        {}, clock, [&](std::stop_token stop) { return source.Fetch(stop); });
    value.Refresh([&](const auto& result) { answer = result.status(); });
    source.WaitUntilAsked(1);
  }
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace howdah::auth
