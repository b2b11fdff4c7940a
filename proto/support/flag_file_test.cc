#include "proto/support/flag_file.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::support {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(FlagFileTest, MembersAreFlags) {
  const auto flags = ParseFlagFile(
      R"({"port": 3000, "rate-limit": 2.5, "host": "::1", "read-only": true,
          "announce": false, "backend": null, "allowed-host": ["a", "b c"]})",
      "f.json");
  ASSERT_TRUE(flags.ok()) << flags.status();
  std::map<std::string, std::vector<std::string>> words;
  for (const FileFlag& flag : *flags) words[flag.name] = flag.words;
  EXPECT_THAT(
      words,
      ElementsAre(Pair("allowed-host",
                       ElementsAre("--allowed-host=a", "--allowed-host=b c")),
                  Pair("announce", IsEmpty()), Pair("backend", IsEmpty()),
                  Pair("host", ElementsAre("--host=::1")),
                  Pair("port", ElementsAre("--port=3000")),
                  Pair("rate-limit", ElementsAre("--rate-limit=2.5")),
                  Pair("read-only", ElementsAre("--read-only"))));
  EXPECT_THAT(*ParseFlagFile("{}", "f.json"), IsEmpty());
}

TEST(FlagFileTest, WhatIsNoConfigurationIsRefused) {
  for (const char* text : {"", "[]", "{", "7", "{\"a\": {}}", "{\"a\": [[1]]}",
                           "{\"a\": [null]}"}) {
    const auto flags = ParseFlagFile(text, "f.json");
    EXPECT_THAT(flags.status(), HasReason("BAD_CONFIG_FILE")) << text;
    EXPECT_THAT(std::string(flags.status().message()), HasSubstr("f.json"));
  }
  EXPECT_THAT(ReadFlagFile("/nowhere/f.json").status(),
              HasReason("BAD_CONFIG_FILE"));
  EXPECT_THAT(ReadFlagFile("/dev/zero").status(), HasReason("BAD_CONFIG_FILE"));
}

}  // namespace
}  // namespace howdah::support
