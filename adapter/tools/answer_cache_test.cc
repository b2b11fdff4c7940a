#include "adapter/tools/answer_cache.h"

#include "gtest/gtest.h"

namespace howdah::tools {
namespace {

mcp::ToolResult Answer(const std::string& text) {
  mcp::ToolResult answer;
  answer.text = text;
  return answer;
}

TEST(AnswerCacheTest, GivesBackWhatWasKeptForJustThisQuestion) {
  AnswerCache cache;
  const AnswerKey key("get", {.detailed = false, .json = false}, "bytes");
  EXPECT_EQ(cache.Find(key), nullptr);
  cache.Keep(key, Answer("plain"));
  ASSERT_NE(cache.Find(key), nullptr);
  EXPECT_EQ(cache.Find(key)->text, "plain");
  EXPECT_EQ(cache.Find(AnswerKey("get", {.detailed = true}, "bytes")), nullptr);
  EXPECT_EQ(cache.Find(AnswerKey("get", {.json = true}, "bytes")), nullptr);
  EXPECT_EQ(cache.Find(AnswerKey("list", {}, "bytes")), nullptr);
  EXPECT_EQ(cache.Find(AnswerKey("get", {}, "other")), nullptr);
}

TEST(AnswerCacheTest, StaysWithinItsSize) {
  AnswerCache cache;
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    cache.Keep(AnswerKey("get", {}, std::to_string(i)), Answer(large));
  }
  int kept = 0;
  for (int i = 0; i < 20; ++i) {
    if (cache.Find(AnswerKey("get", {}, std::to_string(i))) != nullptr) ++kept;
  }
  EXPECT_GE(kept, 1);
  EXPECT_LE(kept, 8);
  EXPECT_NE(cache.Find(AnswerKey("get", {}, "19")), nullptr);
}

TEST(AnswerCacheTest, DoesNotKeepWhatAloneIsTooLarge) {
  AnswerCache cache;
  const AnswerKey key("list", {}, "bytes");
  cache.Keep(key, Answer(std::string(3 << 20, 'x')));
  EXPECT_EQ(cache.Find(key), nullptr);
}

}  // namespace
}  // namespace howdah::tools
