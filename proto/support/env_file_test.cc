#include "proto/support/env_file.h"

#include <stdlib.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::support {
namespace {

using howdah::testing::HasReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(EnvFileTest, ReadsWhatAllReadersAgreeOn) {
  const auto variables = ParseEnvFile(
      "\xEF\xBB\xBF# comment\r\n"
      "\n"
      "PLAIN=a b # comment\r\n"
      "HASH=a#b\n"
      "  export LITERAL='a $b \"c\" \\n'  # comment\n"
      "QUOTED=\"a\\n\\t\\\\\\\"\\$b\"\n"
      "EMPTY=\n"
      "EQUALS=a=b==\n"
      "SPACED=  x  ",
      "f");
  ASSERT_OK(variables);
  EXPECT_THAT(*variables,
              ElementsAre(Pair("PLAIN", "a b"), Pair("HASH", "a#b"),
                          Pair("LITERAL", "a $b \"c\" \\n"),
                          Pair("QUOTED", "a\n\t\\\"$b"), Pair("EMPTY", ""),
                          Pair("EQUALS", "a=b=="), Pair("SPACED", "x")));
}

TEST(EnvFileTest, RefusesTheRestWithTheLineAndWithoutTheValue) {
  for (const char* line :
       {"SECRET", "=SECRET", "1A=SECRET", "A B=SECRET", "A =SECRET",
        "A-B=SECRET", "A='SECRET", "A=\"SECRET", "A=\"SECRET\\", "A='SECRET' x",
        "A=\"SECRET\"x", "A=$SECRET", "A=${SECRET}", "A=\"$SECRET\"",
        "A=`SECRET`", "A=\"\\xSECRET\"", "A=SECRET'", "A=SEC\\RET",
        "GOOD=SECRET"}) {
    const auto variables =
        ParseEnvFile(std::string("GOOD=1\n") + line + "\nB=2\n", "my.env");
    EXPECT_THAT(variables.status(), HasReason("BAD_ENV_FILE")) << line;
    EXPECT_THAT(std::string(variables.status().message()),
                HasSubstr("Line 2 of my.env"));
    EXPECT_THAT(std::string(variables.status().message()),
                Not(HasSubstr("SECRET")));
  }
}

TEST(EnvFileTest, WhatIsSetStays) {
  const std::string path = ::testing::TempDir() + "/load.env";
  std::ofstream(path) << "ENV_FILE_TEST_SET=file\nENV_FILE_TEST_NEW='x y'\n";
  ::setenv("ENV_FILE_TEST_SET", "before", 1);
  EXPECT_OK(LoadEnvFiles({"--read-only", "--env-file", path}));
  EXPECT_STREQ(::getenv("ENV_FILE_TEST_SET"), "before");
  EXPECT_STREQ(::getenv("ENV_FILE_TEST_NEW"), "x y");
}

TEST(EnvFileTest, AFileThatCannotBeReadIsRefused) {
  EXPECT_THAT(LoadEnvFiles({"--env-file=/nowhere/.env"}),
              HasReason("BAD_ENV_FILE"));
  EXPECT_OK(LoadEnvFiles({"--", "--env-file=/nowhere/.env"}));
}

}  // namespace
}  // namespace howdah::support
