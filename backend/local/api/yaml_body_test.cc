#include "backend/local/api/yaml_body.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

YamlBody Parsed(const std::string& text) {
  absl::StatusOr<YamlBody> body = ParseYaml(text);
  EXPECT_OK(body.status());
  return body.ok() ? *body : YamlBody{};
}

Json Value(const std::string& text) { return Parsed("a: " + text).value["a"]; }

std::string Refusal(const std::string& text) {
  return std::string(ParseYaml(text).status().message());
}

TEST(YamlBodyTest, ScalarsAreWhatGoYamlMakesOfThem) {
  for (const char* text : {"true", "yes", "On", "y"}) {
    EXPECT_EQ(Value(text), true) << text;
  }
  for (const char* text : {"", "~", "null", "Null"}) {
    EXPECT_EQ(Value(text), nullptr) << text;
  }
  EXPECT_EQ(Value("'yes'"), "yes");
  EXPECT_EQ(Value("yEs"), "yEs");
  EXPECT_EQ(Value("!!str 1"), "1");
  EXPECT_EQ(Value("!!int '1'"), 1);
  EXPECT_EQ(Value("!!binary aGk="), "hi");
  EXPECT_EQ(Value("2026-01-02"), "2026-01-02");
  EXPECT_EQ(Value("1Gi"), "1Gi");
  EXPECT_EQ(Value("\n- "), Json::array({nullptr}));
}

TEST(YamlBodyTest, NumbersHaveManyForms) {
  EXPECT_EQ(Value("0x1F"), 31);
  EXPECT_EQ(Value("0777"), 511);
  EXPECT_EQ(Value("08"), 8);
  EXPECT_EQ(Value("-0b11"), -3);
  EXPECT_EQ(Value("1_000"), 1000);
  EXPECT_EQ(Value("1e3").dump(), "1000");
  EXPECT_EQ(Value("1.0").dump(), "1");
  EXPECT_EQ(Value("-.5"), -0.5);
  EXPECT_EQ(Value("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(Value("18446744073709551615").dump(), "1.8446744073709552e+19");
  EXPECT_EQ(Value("1.2.3"), "1.2.3");
}

TEST(YamlBodyTest, KeysAreTextAndToldWhenTheyComeTwice) {
  const YamlBody body = Parsed(
      "1: a\n1.5: b\nno: c\n"
      "x: {z: 1, z: 2}\n\"1\": d\n"
      "1: e\n");
  EXPECT_EQ(
      body.value,
      Json({{"1", "e"}, {"1.5", "b"}, {"false", "c"}, {"x", {{"z", 2}}}}));
  EXPECT_THAT(body.duplicates,
              ElementsAre("line 4: key \"z\" already set in map",
                          "line 6: key 1 already set in map"));
}

TEST(YamlBodyTest, AliasesAndMergesAreFollowed) {
  const YamlBody body =
      Parsed("a: &one {x: 1}\nb: *one\nc: {<<: [*one, {x: 2, z: 3}]}");
  EXPECT_EQ(body.value.at("b"), Json({{"x", 1}}));
  EXPECT_EQ(body.value.at("c"), Json({{"x", 1}, {"z", 3}}));
}

TEST(YamlBodyTest, OnlyTheFirstDocumentCounts) {
  const YamlBody body = Parsed("{\"a\": 1}\n---\nb: 2\n");
  EXPECT_EQ(body.value, Json({{"a", 1}}));
  EXPECT_TRUE(Parsed("").value.is_null());
}

TEST(YamlBodyTest, WhatJsonCannotSayIsRefused) {
  EXPECT_THAT(Refusal("a: ["), HasSubstr("yaml: line"));
  EXPECT_THAT(Refusal("a: .nan"), HasSubstr("unsupported value: NaN"));
  EXPECT_THAT(Refusal("~: 1"), HasSubstr("unsupported map key"));
  EXPECT_THAT(Refusal("[1]: 1"), HasSubstr("invalid map key"));
  EXPECT_THAT(Refusal("a: &a [*a]"), HasSubstr("contains itself"));
  EXPECT_THAT(Refusal("a: !!int x"), HasSubstr("cannot decode !!str `x`"));
  EXPECT_THAT(Refusal("<<: 1"), HasSubstr("map merge requires"));
  EXPECT_THAT(Refusal(std::string(100000, '[')), HasSubstr("yaml: line"));
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string name = "l" + std::to_string(level);
    absl::StrAppend(&bomb, name, ": &", name, " [");
    for (int i = 0; i < 10; ++i) {
      absl::StrAppend(&bomb, i == 0 ? "" : ", ", "*l", level - 1);
    }
    bomb += "]\n";
  }
  EXPECT_THAT(Refusal(bomb), HasSubstr("excessive aliasing"));
}

TEST(YamlBodyTest, WhatIsWrittenReadsTheSame) {
  const Json value = {
      {"texts", {"plain", "yes",        "1",
                 "0x1",   "null",       "",
                 "a: b",  "# no",       "two\nlines\n",
                 "tab\t", "\"quoted\"", "'",
                 "- a",   "2026-01-01", "1:30",
                 "ä",     "\x01",       " spaced ",
                 "<<",    "=",          "*a",
                 "&a",    "%",          "@",
                 "`",     "!x",         "[",
                 "{"}},
      {"numbers", {1, -1, 1.5, 1e30, true, false, nullptr}},
      {"empty", {{"list", Json::array()}, {"map", Json::object()}}},
      {"1", {{{"deep", {{"er", {{"x", 1}}}}}, {"y", {1, {2, {3}}}}}}}};
  const std::string text = ToYaml(value);
  const YamlBody body = Parsed(text);
  EXPECT_EQ(body.value, value) << text;
}

}  // namespace
}  // namespace howdah::local
