#include "backend/aws/runner/command_result.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws::runner {
namespace {

using ::howdah::testing::HasReason;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

CommandResult Of(const std::string& printed, const ResultRules& rules = {}) {
  CliOutput output;
  output.end.output = printed;
  output.end.output_bytes = printed.size();
  return MakeResult(output, rules);
}

std::optional<JmesPath> Query(const char* text) {
  return JmesPath::Parse(text).value();
}

TEST(CommandResultTest, JsonIsAValueAndTheRestIsText) {
  EXPECT_EQ(Of(R"({"Buckets":[]})").value, json::parse(R"({"Buckets":[]})"));
  const CommandResult text = Of("2026-11-21 a-bucket\n");
  EXPECT_FALSE(text.value.has_value());
  EXPECT_EQ(text.text, "2026-11-21 a-bucket");
  EXPECT_EQ(Of("").text, "");
  EXPECT_EQ(Of("\xff\xfe").text, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(CommandResultTest, AQuerySeesNoSecrets) {
  const std::string printed = R"({"A":{"Value":"s3cr3t","Name":"x"}})";
  const ResultRules rules{.sensitive = {"A.Value"}, .query = Query("A.Value")};
  const CommandResult result = Of(printed, rules);
  EXPECT_EQ(result.value, json("[redacted]"));
  EXPECT_THAT(result.redacted, ElementsAre("A.Value"));
  // Nor can it tell them letter by letter.
  EXPECT_EQ(Of(printed, {.sensitive = {"A.Value"},
                         .query = Query("starts_with(A.Value, 's3')")})
                .value,
            json(false));
  EXPECT_EQ(
      Of(printed,
         {.sensitive = {"A.Value"}, .reveal = true, .query = Query("A.Value")})
          .value,
      json("s3cr3t"));
}

TEST(CommandResultTest, AQueryThatFailsSaysWhy) {
  const CommandResult result = Of(R"({"A":1})", {.query = Query("abs('x')")});
  EXPECT_THAT(result.query_status, HasReason("QUERY_INVALID"));
  EXPECT_FALSE(result.value.has_value());
}

TEST(CommandResultTest, ALongListIsCutBetweenItemsAndSaysSo) {
  json list = json::array();
  for (int i = 0; i < 1000; ++i) list.push_back({{"Id", i}});
  const CommandResult result =
      Of(json{{"Items", list}, {"More", true}}.dump(), {.most_bytes = 1000});
  ASSERT_TRUE(result.value.has_value());
  EXPECT_LE(result.value->dump().size(), 1000u);
  EXPECT_GT((*result.value)["Items"].size(), 50u);
  EXPECT_EQ((*result.value)["More"], true);
  EXPECT_THAT(result.truncated, HasSubstr("of 1000 items are shown"));
  EXPECT_THAT(result.truncated, HasSubstr("--max-items"));
}

TEST(CommandResultTest, WhatCannotBeCutIsNotShown) {
  const CommandResult result =
      Of(json{{"Body", std::string(5000, 'x')}}.dump(), {.most_bytes = 1000});
  EXPECT_FALSE(result.value.has_value());
  EXPECT_THAT(result.truncated, HasSubstr("not shown: it has 5011 bytes"));
}

TEST(CommandResultTest, FilesOfACommandAreShownWithoutSecrets) {
  CliOutput output;
  output.end.output = R"({"ContentLength":5})";
  output.end.output_bytes = output.end.output.size();
  output.files = {{"a.txt", "password=hunter2\n"}, {"b.bin", "\xff\x01"}};
  const CommandResult result = MakeResult(output, {});
  EXPECT_EQ(result.value, json::parse(R"({"ContentLength":5})"));
  EXPECT_EQ(result.text,
            "a.txt:\npassword=[redacted]\n\nb.bin:\n2 bytes that are no text");
  EXPECT_THAT(result.redacted, ElementsAre("a.txt"));
}

TEST(CommandResultTest, OutputThatWasCutOffIsText) {
  CliOutput output;
  output.end.output = R"({"Items":[1,2,3 password=hunter2 )";
  output.end.output_bytes = 5000000;
  const CommandResult result = MakeResult(output, {});
  EXPECT_FALSE(result.value.has_value());
  EXPECT_THAT(result.truncated, HasSubstr("of 5000000 bytes"));
  EXPECT_THAT(result.text, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace howdah::aws::runner
