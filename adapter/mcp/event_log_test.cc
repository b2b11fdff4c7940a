#include "adapter/mcp/event_log.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> After(const EventLog& log, EventId after) {
  std::vector<std::string> found;
  log.ForEachAfter(after, [&](EventId id, absl::string_view data) {
    found.push_back(absl::StrCat(id.Text(), "=", data));
  });
  return found;
}

TEST(EventIdTest, TextsAreReadBack) {
  const std::optional<EventId> id = EventId::Parse(EventId{3, 17}.Text());
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->stream, 3u);
  EXPECT_EQ(id->number, 17u);
  for (const char* text : {"", "3", "-", "3-", "-3", "a-1", "1-a", "1-2-3",
                           "-1-2", "1-99999999999999999999999"}) {
    EXPECT_FALSE(EventId::Parse(text).has_value()) << text;
  }
}

TEST(EventLogTest, EachStreamSeesItsOwnEvents) {
  EventBudget budget;
  EventLog log(budget, 1000);
  log.Append(0, "a");
  log.Append(1, "b");
  log.Next(1);
  log.Append(0, "c");
  EXPECT_THAT(After(log, {0, 0}), ElementsAre("0-1=a", "0-4=c"));
  EXPECT_THAT(After(log, {0, 1}), ElementsAre("0-4=c"));
  EXPECT_THAT(After(log, {1, 1}), ElementsAre("1-2=b"));
  EXPECT_THAT(After(log, {1, 2}), IsEmpty());
  EXPECT_THAT(After(log, {7, 0}), IsEmpty());
}

TEST(EventLogTest, TheOldestGoFirst) {
  EventBudget budget;
  EventLog log(budget, 10);
  for (int i = 0; i < 100; ++i) log.Append(0, "12345");
  EXPECT_THAT(After(log, {0, 0}), ElementsAre("0-99=12345", "0-100=12345"));
  EXPECT_EQ(budget.bytes, 10u);
  // The last is kept whatever its length.
  log.Append(0, std::string(50, 'x'));
  EXPECT_EQ(After(log, {0, 0}).size(), 1u);
  EXPECT_EQ(budget.bytes, 50u);
}

TEST(EventLogTest, LogsShareABudgetButEachIsAssuredSome) {
  EventBudget budget = {.max_bytes = 2 * EventLog::kAssuredBytes};
  const std::string half(EventLog::kAssuredBytes / 2, 'x');
  {
    EventLog greedy(budget, 100 * EventLog::kAssuredBytes);
    for (int i = 0; i < 100; ++i) greedy.Append(0, half);
    EXPECT_EQ(After(greedy, {0, 0}).size(), 4u);
    EventLog modest(budget, 100 * EventLog::kAssuredBytes);
    for (int i = 0; i < 100; ++i) modest.Append(0, half);
    EXPECT_EQ(After(modest, {0, 0}).size(), 2u);
    greedy.Append(0, half);
    EXPECT_EQ(budget.bytes, 2 * EventLog::kAssuredBytes);
  }
  EXPECT_EQ(budget.bytes, 0u);
}

}  // namespace
}  // namespace howdah::mcp
