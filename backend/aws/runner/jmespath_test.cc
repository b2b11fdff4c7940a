#include "backend/aws/runner/jmespath.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::aws::runner {
namespace {

using ::howdah::testing::HasReason;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kDocument[] = R"({
  "a": {"b": {"c": 1}, "d e": "x"},
  "list": [0, 1, 2, 3, 4, 5],
  "names": ["b", "a", "c"],
  "nested": [[1, 2], [3, [4]], 5],
  "people": [{"name": "ann", "age": 30, "tags": ["x"]},
             {"name": "bob", "age": 20, "tags": ["x", "y"]},
             {"name": "cat", "age": 30}],
  "map": {"k1": {"v": 1}, "k2": {"v": 2}, "k3": 3},
  "empty": [], "no": false, "nothing": null, "text": "äb"
})";

// The result as JSON, or the sentence that refuses.
std::string Of(const std::string& expression) {
  const auto query = JmesPath::Parse(expression);
  if (!query.ok()) return std::string(query.status().message());
  const auto result = query->Search(json::parse(kDocument));
  return result.ok() ? result->dump() : std::string(result.status().message());
}

TEST(JmesPathTest, FindsByNameIndexAndSlice) {
  EXPECT_EQ(Of("a.b.c"), "1");
  EXPECT_EQ(Of("a.\"d e\""), "\"x\"");
  EXPECT_EQ(Of("a.b.zz"), "null");
  EXPECT_EQ(Of("list[0]"), "0");
  EXPECT_EQ(Of("list[-1]"), "5");
  EXPECT_EQ(Of("list[99]"), "null");
  EXPECT_EQ(Of("list[1:3]"), "[1,2]");
  EXPECT_EQ(Of("list[::2]"), "[0,2,4]");
  EXPECT_EQ(Of("list[::-1]"), "[5,4,3,2,1,0]");
  EXPECT_EQ(Of("list[-2:]"), "[4,5]");
  EXPECT_EQ(Of("list[10:-20:-9223372036854775807]"), "[5]");
  EXPECT_EQ(Of("@.list | [0]"), "0");
}

TEST(JmesPathTest, ProjectsFiltersAndFlattens) {
  EXPECT_EQ(Of("people[*].name"), R"(["ann","bob","cat"])");
  EXPECT_EQ(Of("people[].tags[]"), R"(["x","x","y"])");
  EXPECT_EQ(Of("people[*].tags[0]"), R"(["x","x"])");
  EXPECT_EQ(Of("nested[]"), "[1,2,3,[4],5]");
  EXPECT_EQ(Of("nested[][]"), "[1,2,3,4,5]");
  EXPECT_EQ(Of("map.*.v"), "[1,2]");
  EXPECT_EQ(Of("people[?age == `30`].name"), R"(["ann","cat"])");
  EXPECT_EQ(Of("people[?age > `20` && name != 'cat'].name | [0]"), R"("ann")");
  EXPECT_EQ(Of("people[?!tags].name"), R"(["cat"])");
  EXPECT_EQ(Of("people[?contains(tags || `[]`, 'y')].name"), R"(["bob"])");
  EXPECT_EQ(Of("people[0:2].name"), R"(["ann","bob"])");
  EXPECT_EQ(Of("zz[*].name"), "null");
}

TEST(JmesPathTest, MakesListsAndObjects) {
  EXPECT_EQ(Of("people[*].[name, age]"),
            R"([["ann",30],["bob",20],["cat",30]])");
  EXPECT_EQ(Of("people[0].{n: name, \"a b\": age}"), R"({"a b":30,"n":"ann"})");
  EXPECT_EQ(Of("[a.b.c, text]"), R"([1,"äb"])");
  EXPECT_EQ(Of("nothing.[a]"), "null");
  EXPECT_EQ(Of("no || text"), "\"äb\"");
  EXPECT_EQ(Of("text && no"), "false");
  EXPECT_EQ(Of("!empty"), "true");
  EXPECT_EQ(Of("(no || text) == 'äb'"), "true");
  EXPECT_EQ(Of("`{\"a\": 1}`.a"), "1");
  EXPECT_EQ(Of("'it\\'s'"), "\"it's\"");
}

TEST(JmesPathTest, HasTheFunctionsOfTheSpecification) {
  EXPECT_EQ(Of("abs(`-1.5`)"), "1.5");
  EXPECT_EQ(Of("avg(list)"), "2.5");
  EXPECT_EQ(Of("avg(empty)"), "null");
  EXPECT_EQ(Of("ceil(`1.2`)"), "2");
  EXPECT_EQ(Of("floor(`1.8`)"), "1");
  EXPECT_EQ(Of("contains(text, 'b')"), "true");
  EXPECT_EQ(Of("ends_with(text, 'b')"), "true");
  EXPECT_EQ(Of("starts_with(text, 'b')"), "false");
  EXPECT_EQ(Of("join('-', names)"), "\"b-a-c\"");
  EXPECT_EQ(Of("keys(map)"), R"(["k1","k2","k3"])");
  EXPECT_EQ(Of("values(a.b)"), "[1]");
  EXPECT_EQ(Of("length(text)"), "2");
  EXPECT_EQ(Of("length(map)"), "3");
  EXPECT_EQ(Of("max(list)"), "5");
  EXPECT_EQ(Of("min(names)"), "\"a\"");
  EXPECT_EQ(Of("merge(a.b, `{\"z\": 2}`)"), R"({"c":1,"z":2})");
  EXPECT_EQ(Of("not_null(nothing, zz, text)"), "\"äb\"");
  EXPECT_EQ(Of("reverse(names)"), R"(["c","a","b"])");
  EXPECT_EQ(Of("reverse(text)"), "\"bä\"");
  EXPECT_EQ(Of("sort(names)"), R"(["a","b","c"])");
  EXPECT_EQ(Of("sum(list)"), "15");
  EXPECT_EQ(Of("to_array(text)"), R"(["äb"])");
  EXPECT_EQ(Of("to_number('1.5')"), "1.5");
  EXPECT_EQ(Of("to_number('x')"), "null");
  EXPECT_EQ(Of("to_string(a.b)"), R"("{\"c\":1}")");
  EXPECT_EQ(Of("type(nothing)"), "\"null\"");
  EXPECT_EQ(Of("sort_by(people, &age)[*].name"), R"(["bob","ann","cat"])");
  EXPECT_EQ(Of("max_by(people, &age).name"), R"("ann")");
  EXPECT_EQ(Of("min_by(people, &age).name"), R"("bob")");
  EXPECT_EQ(Of("map(&name, people)"), R"(["ann","bob","cat"])");
}

TEST(JmesPathTest, RefusesWhatIsNoExpressionAndSaysWhere) {
  for (const char* wrong :
       {"",        "a.",     "a..b",  "[",   "a[",    "a[0", "foo(",
        "a b",     "a = b",  "a[?b",  "{a}", "{a: b", "'x",  "\"x",
        "a.1",     "a[1 2]", "[::0]", "a,b", "&a",    "#",   "a[*",
        "foo(a,)", ".a",     "a | ",  "-"}) {
    EXPECT_THAT(JmesPath::Parse(wrong).ok()
                    ? JmesPath::Parse(wrong)->Search(json::object()).status()
                    : JmesPath::Parse(wrong).status(),
                HasReason("QUERY_INVALID"))
        << wrong;
  }
  EXPECT_THAT(Of("a = b"), HasSubstr("character 3"));
  EXPECT_THAT(Of("nope(a)"), HasSubstr("no function nope()"));
  EXPECT_THAT(Of("abs('x')"), HasSubstr("takes a number, not string"));
  EXPECT_THAT(Of("abs()"), HasSubstr("takes 1 arguments, not 0"));
  EXPECT_THAT(Of("sort_by(people, &tags)"), HasSubstr("only numbers or only"));
}

TEST(JmesPathTest, WorkAndResultsHaveAnEnd) {
  std::string doubling = "[@,@]";
  for (int i = 0; i < 40; ++i) doubling += "|[@,@]";
  EXPECT_THAT(Of(doubling), HasSubstr("too large"));
  EXPECT_THAT(Of(std::string(5000, 'a')), HasSubstr("longer than 4096"));
  EXPECT_THAT(Of(std::string(200, '(') + "a" + std::string(200, ')')),
              HasSubstr("nested deeper than 64"));
  EXPECT_THAT(Of(std::string(4000, '!') + "a"), HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace howdah::aws::runner
