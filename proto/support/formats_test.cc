#include "proto/support/formats.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "re2/re2.h"

namespace howdah::support {
namespace {

struct Case {
  mcp::v1::Format format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const std::vector<Case>& Cases() {
  static const auto* const kCases = new std::vector<Case>{
      {mcp::v1::FORMAT_CLUSTER_NAME,
       {"a", "orders-db", "a1", std::string(50, 'a')},
       {"", "1a", "-a", "a-", "A", "a_b", "a.b", std::string(51, 'a')}},
      {mcp::v1::FORMAT_NAMESPACE,
       {"default", "1a", std::string(63, 'a')},
       {"", "*", "-a", "a-", "Ä", "a.b", std::string(64, 'a')}},
      {mcp::v1::FORMAT_NAMESPACE_OR_ALL, {"*", "default"}, {"", "**", "a-"}},
      {mcp::v1::FORMAT_POSTGRES_IDENTIFIER,
       {"app_user", "Äpfel", "with space", "a-b", "\"quoted\"",
        std::string(63, 'a')},
       {"", std::string("a\0b", 3), "a\nb", "\x7f", std::string(64, 'a')}},
      {mcp::v1::FORMAT_QUANTITY,
       {"10Gi", "1", "0.5Gi", ".5G", "1.", "+1Ti", "100M", "1e3", "1E-3", "2E",
        "500m", "1Ki"},
       {"", "0", "0Gi", "0.0", "-1Gi", "Gi", ".", "10GB", "10 Gi", "1e", "10gi",
        "1.2.3"}},
      {mcp::v1::FORMAT_OBJECT_NAME,
       {"standard", "a.b", "1", std::string(253, 'a')},
       {"", ".", "a..b", "a.", "A", std::string(254, 'a')}},
      {mcp::v1::FORMAT_POSTGRES_VERSION,
       {"16", "16.4", "9.6", "17.12"},
       {"", "0", "016", "16.", "16.4.1", "v16", "latest", "160"}},
      {mcp::v1::FORMAT_REQUEST_ID,
       {"3f2c8e0a-6c1f-4f0e-9a53-0d7b2a8f5c11", "a", "A_b.c-1"},
       {"", "a b", "ä", std::string(65, 'a')}},
      {mcp::v1::FORMAT_AIVEN_NAME,
       {"orders-pg", "Team_1", "1", std::string(64, 'a')},
       {"", ".", "..", "a/b", "a.b", "a b", "a%2fb", "a\nb", "ä",
        std::string("a\0b", 3), std::string(65, 'a')}},
  };
  return *kCases;
}

TEST(FormatsTest, MatchersFollowTheGrammar) {
  for (const Case& test : Cases()) {
    const FormatFactsEntry& facts = FormatFacts(test.format);
    for (const std::string& value : test.good) {
      EXPECT_TRUE(facts.matches(value)) << test.format << " " << value;
    }
    for (const std::string& value : test.bad) {
      EXPECT_FALSE(facts.matches(value)) << test.format << " " << value;
    }
  }
}

TEST(FormatsTest, EveryFormatHasAValidExampleAndAnExpectation) {
  for (int i = mcp::v1::Format_MIN; i <= mcp::v1::Format_MAX; ++i) {
    const auto format = static_cast<mcp::v1::Format>(i);
    const FormatFactsEntry& facts = FormatFacts(format);
    EXPECT_TRUE(facts.matches(facts.example)) << i;
    EXPECT_FALSE(facts.expected.empty()) << i;
    EXPECT_EQ(facts.schema_pattern.empty(), i == 0) << i;
  }
}

TEST(FormatsTest, SchemaPatternsRefuseNoValidValue) {
  for (const Case& test : Cases()) {
    const FormatFactsEntry& facts = FormatFacts(test.format);
    // JSON Schema writes characters as ECMAScript does, RE2 in its own way.
    std::string text{facts.schema_pattern};
    RE2::GlobalReplace(&text, R"(\\u([0-9a-f]{4}))", R"(\\x{\1})");
    const RE2 pattern(text);
    for (const std::string& value : test.good) {
      EXPECT_TRUE(RE2::PartialMatch(value, pattern))
          << test.format << " " << value;
    }
  }
}

TEST(FormatsTest, Utf8IsCheckedStrictly) {
  EXPECT_TRUE(IsUtf8("a\xC3\x84\xE2\x82\xAC\xF0\x9F\x90\x98"));
  EXPECT_FALSE(IsUtf8("\xC3"));
  EXPECT_FALSE(IsUtf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsUtf8("\x80"));
}

}  // namespace
}  // namespace howdah::support
