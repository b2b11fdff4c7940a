#include "backend/json/strict_json.h"

#include <string>

#include "gtest/gtest.h"

namespace howdah::json {
namespace {

std::string Nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(StrictJsonTest, ReadsOneValue) {
  EXPECT_EQ(ParseStrictly(R"({"a":[1,{"a":"ä"}]})", 4).value()["a"][1]["a"],
            "ä");
  EXPECT_EQ(ParseStrictly(" 7 ", 4).value(), 7);
  EXPECT_EQ(ParseStrictly(R"([{"a":1},{"a":2}])", 4).value().size(), 2);
}

TEST(StrictJsonTest, RefusesAKeyThatComesTwice) {
  EXPECT_EQ(ParseStrictly(R"({"alg":"RS256","alg":"none"})", 4), std::nullopt);
  EXPECT_EQ(ParseStrictly(R"({"a":{"b":1,"\u0062":2}})", 4), std::nullopt);
}

TEST(StrictJsonTest, RefusesWhatIsDeeperThanAsked) {
  EXPECT_NE(ParseStrictly(Nested(4), 4), std::nullopt);
  EXPECT_EQ(ParseStrictly(Nested(5 + 1), 4), std::nullopt);
  EXPECT_EQ(ParseStrictly(Nested(100'000), 4), std::nullopt);
}

TEST(StrictJsonTest, RefusesWhatIsNotOneValueInUtf8) {
  for (const char* text : {"", "{", "[1]]", "{} {}", "nul", "\"\xff\"",
                           "{'a':1}", "[1,]", "// no\n1", "NaN"}) {
    EXPECT_EQ(ParseStrictly(text, 4), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace howdah::json
