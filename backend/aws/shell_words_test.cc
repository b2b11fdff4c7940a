#include "backend/aws/shell_words.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

using howdah::testing::HasReason;
using howdah::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SplitWords, SplitsAtBlanks) {
  EXPECT_THAT(SplitWords("  ec2\tdescribe-instances  --max-items 5\n"),
              IsOkAndHolds(ElementsAre("ec2", "describe-instances",
                                       "--max-items", "5")));
  EXPECT_THAT(SplitWords(""), IsOkAndHolds(ElementsAre()));
}

TEST(SplitWords, JoinsQuotedAndUnquotedParts) {
  EXPECT_THAT(SplitWords(R"(a'b c'"d e"f)"),
              IsOkAndHolds(ElementsAre("ab cd ef")));
  EXPECT_THAT(SplitWords(R"('' "" x)"), IsOkAndHolds(ElementsAre("", "", "x")));
}

TEST(SplitWords, KeepsEverythingInSingleQuotes) {
  EXPECT_THAT(SplitWords(R"('$HOME `id` | & ; > \ "')"),
              IsOkAndHolds(ElementsAre(R"($HOME `id` | & ; > \ ")")));
}

TEST(SplitWords, BackslashEscapesAsInAShell) {
  EXPECT_THAT(SplitWords(R"(a\ b \$x "\$x \" \\ \n")"),
              IsOkAndHolds(ElementsAre("a b", "$x", R"($x " \ \n)")));
  EXPECT_THAT(SplitWords("ec2 \\\n  describe-vpcs"),
              IsOkAndHolds(ElementsAre("ec2", "describe-vpcs")));
  EXPECT_THAT(SplitWords("\"a\\\nb\""), IsOkAndHolds(ElementsAre("ab")));
}

TEST(SplitWords, LeavesWhatAShellLeavesThatFindsNoFile) {
  EXPECT_THAT(
      SplitWords("Reservations[*].Instances[].{Id:InstanceId} a!b x#y"),
      IsOkAndHolds(ElementsAre("Reservations[*].Instances[].{Id:InstanceId}",
                               "a!b", "x#y")));
  EXPECT_THAT(SplitWords("costs$ $.path a~b"),
              IsOkAndHolds(ElementsAre("costs$", "$.path", "a~b")));
}

TEST(SplitWords, RefusesWhatAShellWouldDo) {
  for (const char* command :
       {"s3 ls | wc", "s3 ls; s3 rb", "s3 ls && x", "s3 ls > f", "s3 ls < f",
        "s3 ls &", "(s3 ls)", "s3 ls\ns3 rb", "s3 ls `id`", "s3 ls $(id)",
        "s3 ls ${X}", "s3 ls $X", "s3 ls \"$X\"", "s3 ls \"`id`\"", "s3 ls ~/x",
        "s3 ls # all", "s3 ls 'x", "s3 ls \"x", "s3 ls x\\"}) {
    EXPECT_THAT(SplitWords(command), HasReason("SHELL_SYNTAX")) << command;
  }
  EXPECT_THAT(SplitWords(std::string("s3 ls\0x", 7)),
              HasReason("SHELL_SYNTAX"));
  EXPECT_THAT(SplitWords("s3 ls \x83"), HasReason("SHELL_SYNTAX"));
  EXPECT_THAT(SplitWords("s3 ls | wc").status().message(),
              HasSubstr("--query"));
}

TEST(SplitWords, HasLimits) {
  EXPECT_THAT(SplitWords(std::string(kMaxCommandBytes + 1, 'a')),
              HasReason("COMMAND_TOO_LONG"));
  std::string many;
  for (size_t i = 0; i <= kMaxWords; ++i) many += "a ";
  EXPECT_THAT(SplitWords(many), HasReason("COMMAND_TOO_LONG"));
}

TEST(QuoteWord, IsSplitBackUnchanged) {
  for (const std::string word :
       {"", "plain", "two words", "it's", "$x `y` \"z\"", "line\nbreak", "~",
        "#x", "a|b", "\\", "'", "ümlaut"}) {
    EXPECT_THAT(SplitWords("x " + QuoteWord(word) + " y"),
                IsOkAndHolds(ElementsAre("x", word, "y")));
  }
  EXPECT_EQ(QuoteWord("--max-items=5"), "--max-items=5");
}

}  // namespace
}  // namespace howdah::aws
