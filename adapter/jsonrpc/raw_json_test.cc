#include "adapter/jsonrpc/raw_json.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::jsonrpc {
namespace {

using ::testing::ElementsAre;

TEST(RawJsonTest, MemberGivesTheTextOfTheValue) {
  const char text[] =
      R"( {"a":"x,}","b" : {"a":[1,"]"]} ,"c":-1.5,"d":[],"e":true})";
  absl::string_view object = absl::string_view(text).substr(1);
  EXPECT_EQ(Member(object, "a"), R"("x,}")");
  EXPECT_EQ(Member(object, "b"), R"({"a":[1,"]"]})");
  EXPECT_EQ(Member(object, "c"), "-1.5");
  EXPECT_EQ(Member(object, "d"), "[]");
  EXPECT_EQ(Member(object, "e"), "true");
  EXPECT_EQ(Member(object, "f"), "");
  EXPECT_EQ(Member("[1]", "a"), "");
  EXPECT_EQ(Member("{}", "a"), "");
}

TEST(RawJsonTest, MemberFindsAnEscapedKey) {
  EXPECT_EQ(Member(R"({"n\u0061me":1})", "name"), "1");
}

TEST(RawJsonTest, AStringEndsAtTheFirstQuoteThatIsNotEscaped) {
  EXPECT_EQ(Member(R"({"a":"x\\","b":1})", "b"), "1");
  EXPECT_EQ(Member(R"({"a":"\\\"\"","b":2})", "b"), "2");
  EXPECT_EQ(Member(R"({"a":"\\\\","b":"\""})", "b"), R"("\"")");
}

TEST(RawJsonTest, AKeyOfTheSameLengthIsNotDecoded) {
  EXPECT_EQ(Member(R"({"\n\n":1})", "\\n\\n"), "");
  EXPECT_EQ(Member(R"({"\n\n":1})", "\n\n"), "1");
}

TEST(RawJsonTest, ElementsComeInOrder) {
  std::vector<std::string> seen;
  ForEachElement(R"([ 1 ,"a,b", [2,3] , {"x":[4]} ])",
                 [&](absl::string_view value) {
                   seen.emplace_back(value);
                   return true;
                 });
  EXPECT_THAT(seen, ElementsAre("1", "\"a,b\"", "[2,3]", R"({"x":[4]})"));
}

TEST(RawJsonTest, BrokenTextStaysInBounds) {
  const std::string whole = R"({"a":"\u12","b":[{"c":"\\"},1],"d":2})";
  for (std::size_t begin = 0; begin < whole.size(); ++begin) {
    for (std::size_t end = begin; end <= whole.size(); ++end) {
      const std::string part = whole.substr(begin, end - begin);
      Member(part, "d");
      DecodeString(part);
      ForEachElement(part, [](absl::string_view) { return true; });
    }
  }
}

TEST(RawJsonTest, StringsAreDecoded) {
  EXPECT_EQ(DecodeString(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(DecodeString(R"("\u00c4pfel \u20ac \ud83d\ude00")"),
            "\xC3\x84pfel \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(DecodeString("7"), "");
}

TEST(RawJsonTest, NumbersFollowTheGrammar) {
  for (const char* good : {"0", "-0", "10", "1.5", "1e5", "1E+5", "-1.0e-10"}) {
    EXPECT_TRUE(IsNumber(good)) << good;
  }
  for (const char* bad : {"", "-", "01", "1.", ".5", "1e", "+1", "1x", "0x1"}) {
    EXPECT_FALSE(IsNumber(bad)) << bad;
  }
}

}  // namespace
}  // namespace howdah::jsonrpc
