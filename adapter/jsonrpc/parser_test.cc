#include "adapter/jsonrpc/parser.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::jsonrpc {
namespace {

using ::testing::HasSubstr;

TEST(ParserTest, RequestKeepsIdAndParamsAsTheyWereWritten) {
  const std::string text =
      " {\"jsonrpc\":\"2.0\", \"id\" : \"a\\u0031\" ,\n\"method\":"
      "\"tools\\/call\",\"params\": {\"x\" : [1, {\"y\":\"}\\\"]\"}] } } ";
  Parser parser;
  Parsed parsed = parser.Parse(text);
  ASSERT_EQ(parsed.messages.size(), 1u);
  const Message& message = parsed.messages[0];
  EXPECT_EQ(message.kind, MessageKind::kRequest);
  EXPECT_EQ(message.id, "\"a\\u0031\"");
  EXPECT_EQ(message.method, "tools/call");
  EXPECT_EQ(message.params, "{\"x\" : [1, {\"y\":\"}\\\"]\"}] }");
}

TEST(ParserTest, EveryTruncationIsRefusedAndStaysInBounds) {
  const std::string text =
      R"({"jsonrpc":"2.0","id":12,"method":"m","params":{"k":["v\n",-1.5e3,)"
      R"(true,null,{}]}})";
  Parser parser;
  for (std::size_t length = 0; length < text.size(); ++length) {
    // A fresh heap string, so that a sanitizer sees any overrun.
    std::string part(text.data(), length);
    Parsed parsed = parser.Parse(part);
    ASSERT_EQ(parsed.messages.size(), 1u) << part;
    EXPECT_EQ(parsed.messages[0].kind, MessageKind::kInvalid) << part;
    EXPECT_EQ(parsed.messages[0].fault.code, kParseError) << part;
    EXPECT_TRUE(parsed.messages[0].id.empty()) << part;
  }
  EXPECT_EQ(parser.Parse(text).messages[0].kind, MessageKind::kRequest);
}

struct Case {
  std::string text;
  int code;
  std::string id;
  std::string says;
};

TEST(ParserTest, RefusalsHaveTheirCodeTheIdAndAReason) {
  const std::vector<Case> cases = {
      {"", kParseError, "", "not valid JSON"},
      {"hello", kParseError, "", "not valid JSON"},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xff\"}", kParseError, "",
       "UTF-8"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m"} x)", kParseError, "", "JSON"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m"}{})", kParseError, "", "JSON"},
      {R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})", kParseError, "", ""},
      {R"({"jsonrpc":"2.0","id":1,"method":"\q"})", kParseError, "", ""},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\nb\"}", kParseError, "",
       ""},
      {R"({"jsonrpc":"2.0","id":01,"method":"m"})", kParseError, "", ""},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":nulll}})",
       kParseError, "", ""},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,}})",
       kParseError, "", ""},
      {"1", kInvalidRequest, "", "JSON object"},
      {"1,2", kParseError, "", "not valid JSON"},
      {"\"x\"", kInvalidRequest, "", "JSON object"},
      {"null", kInvalidRequest, "", "JSON object"},
      {"[]", kInvalidRequest, "", "at least one"},
      {"{}", kInvalidRequest, "", "jsonrpc"},
      {R"({"id":5,"method":"m"})", kInvalidRequest, "5", "jsonrpc"},
      {R"({"jsonrpc":2.0,"id":5,"method":"m"})", kInvalidRequest, "5", "2.0"},
      {R"({"jsonrpc":"2.0","id":null,"method":"m"})", kInvalidRequest, "",
       "id must"},
      {R"({"jsonrpc":"2.0","id":{},"method":"m"})", kInvalidRequest, "",
       "id must"},
      {R"({"jsonrpc":"2.0","id":true,"method":"m"})", kInvalidRequest, "",
       "id must"},
      {R"({"jsonrpc":"2.0","id":"q","method":7})", kInvalidRequest, "\"q\"",
       "method must"},
      {R"({"jsonrpc":"2.0","id":"q"})", kInvalidRequest, "\"q\"",
       "method is missing"},
      {R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", kInvalidRequest,
       "1", "method is missing"},
      {R"({"jsonrpc":"2.0","id":3,"method":"m","params":4})", kInvalidRequest,
       "3", "params must"},
      {R"({"jsonrpc":"2.0","id":4,"method":"m","params":{"a":1,"\u0061":2}})",
       kInvalidRequest, "4", "\"a\" stands twice"},
      {R"({"jsonrpc":"2.0","id":4,"id":5,"method":"m"})", kInvalidRequest, "",
       "\"id\" stands twice"},
  };
  Parser parser;
  for (const Case& c : cases) {
    Parsed parsed = parser.Parse(c.text);
    ASSERT_EQ(parsed.messages.size(), 1u) << c.text;
    const Message& message = parsed.messages[0];
    EXPECT_EQ(message.kind, MessageKind::kInvalid) << c.text;
    EXPECT_EQ(message.fault.code, c.code) << c.text << message.fault.message;
    EXPECT_EQ(message.id, c.id) << c.text;
    EXPECT_THAT(message.fault.message, HasSubstr(c.says)) << c.text;
  }
}

std::string Nested(int levels) {
  // The message is one level, params another.
  return absl::StrCat(R"({"jsonrpc":"2.0","id":9,"method":"m","params":)",
                      std::string(levels - 1, '['),
                      std::string(levels - 1, ']'), "}");
}

TEST(ParserTest, NestingIsLimitedAndTheIdStillKnown) {
  Parser parser;
  EXPECT_EQ(parser.Parse(Nested(64)).messages[0].kind, MessageKind::kRequest);
  const std::string deep = Nested(65);
  Parsed parsed = parser.Parse(deep);
  EXPECT_EQ(parsed.messages[0].kind, MessageKind::kInvalid);
  EXPECT_EQ(parsed.messages[0].fault.code, kInvalidRequest);
  EXPECT_EQ(parsed.messages[0].id, "9");
  EXPECT_THAT(parsed.messages[0].fault.message, HasSubstr("64 levels"));
  EXPECT_EQ(parser.Parse(Nested(100000)).messages[0].kind,
            MessageKind::kInvalid);
}

TEST(ParserTest, ManyKeysAreCompared) {
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{)";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&text, "\"k", i, "\":0,");
  Parser parser;
  EXPECT_EQ(parser.Parse(text + R"("last":0}})").messages[0].kind,
            MessageKind::kRequest);
  EXPECT_EQ(parser.Parse(text + R"("k3":0}})").messages[0].kind,
            MessageKind::kInvalid);
  EXPECT_EQ(parser.Parse(text + R"("k499":0}})").messages[0].kind,
            MessageKind::kInvalid);
}

TEST(ParserTest, LongNumbersPass) {
  const std::string text =
      R"({"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"m",)"
      R"("params":{"a":1e999,"b":-0.0001E-77}})";
  Parser parser;
  Parsed parsed = parser.Parse(text);
  EXPECT_EQ(parsed.messages[0].kind, MessageKind::kRequest);
  EXPECT_EQ(parsed.messages[0].id, "123456789012345678901234567890");
}

TEST(ParserTest, ABatchKeepsItsOrderAndItsBadMembers) {
  Parser parser;
  const std::string text =
      R"([{"jsonrpc":"2.0","id":1,"method":"a"}, 7 ,)"
      R"({"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":2,"result":3}])";
  Parsed parsed = parser.Parse(text);
  EXPECT_TRUE(parsed.batch);
  ASSERT_EQ(parsed.messages.size(), 4u);
  EXPECT_EQ(parsed.messages[0].kind, MessageKind::kRequest);
  EXPECT_EQ(parsed.messages[1].kind, MessageKind::kInvalid);
  EXPECT_EQ(parsed.messages[2].kind, MessageKind::kNotification);
  EXPECT_EQ(parsed.messages[3].kind, MessageKind::kResponse);
  EXPECT_EQ(parsed.messages[3].result, "3");
}

TEST(ParserTest, ABatchIsLimited) {
  std::string text = "[0";
  for (std::size_t i = 1; i < Parser::kMaxBatch; ++i) text += ",0";
  Parser parser;
  EXPECT_EQ(parser.Parse(text + "]").messages.size(), Parser::kMaxBatch);
  Parsed parsed = parser.Parse(text + ",0]");
  ASSERT_EQ(parsed.messages.size(), 1u);
  EXPECT_THAT(parsed.messages[0].fault.message, HasSubstr("at most 100"));
}

TEST(ParserTest, ALongTextLeavesTheParserUsable) {
  Parser parser;
  const std::string text =
      absl::StrCat(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":")",
                   std::string(3 * 1024 * 1024, 'x'), R"("}})");
  EXPECT_EQ(parser.Parse(text).messages[0].kind, MessageKind::kRequest);
  EXPECT_EQ(parser.Parse("{").messages[0].fault.code, kParseError);
}

}  // namespace
}  // namespace howdah::jsonrpc
