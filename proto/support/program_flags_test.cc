#include "proto/support/program_flags.h"

#include <boost/program_options.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::support {
namespace {

namespace po = boost::program_options;

using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Of a program that has one flag of each kind.
struct Program {
  std::string name, issuer, url;
  int workers = 0;
  bool read_only = false;
  bool announce = false;
  std::vector<std::string> listen;
  ProgramFlags flags;

  explicit Program(const std::string& prefix = "HOWDAH_")
      : flags("howdah-test", prefix) {
    flags.Group("What it does")
        .add_options()(
            "name", po::value(&name)->value_name("NAME")->default_value("", ""),
            "how it is called")(
            "workers", po::value(&workers)->value_name("N")->default_value(16),
            "how many work at once, as long as there is "
            "enough to do for all of them")(
            "read-only", po::bool_switch(&read_only), "look, do not touch")(
            "listen", po::value(&listen)->value_name("ADDR"), "where")(
            "issuer", po::value(&issuer)->value_name("URL"), "whose tokens")(
            "url", po::value(&url)->value_name("URL"), "of others");
    flags.Group("How it starts")
        .add_options()("announce", po::bool_switch(&announce),
                       "say when ready");
    flags.OnlyOnCommandLine({"announce"});
    flags.AlsoVariable("issuer", "OIDC_ISSUER");
    flags.AddConfiguration("howdah-test: for tests.\n  two  spaces stay", "");
  }

  absl::Status Read(const std::vector<std::string>& arguments,
                    std::map<std::string, std::string> variables = {}) {
    return flags.Read(arguments, [variables](const char* variable) {
      const auto found = variables.find(variable);
      return found == variables.end() ? "" : found->second;
    });
  }
};

std::string FileWith(const std::string& text) {
  std::string path = ::testing::TempDir() + "/flags.json";
  std::ofstream(path) << text;
  return path;
}

TEST(ProgramFlagsTest, TheCommandLineWinsThenTheEnvironmentThenTheFile) {
  const std::string file = FileWith(
      R"({"workers": 1, "name": "file", "listen": ["c"], "issuer": "file"})");
  Program program;
  ASSERT_OK(program.Read({"--config", file, "--workers=3"},
                         {{"HOWDAH_WORKERS", "2"},
                          {"HOWDAH_NAME", "variable"},
                          {"OIDC_ISSUER", "another name"}}));
  EXPECT_EQ(program.workers, 3);
  EXPECT_EQ(program.name, "variable");
  EXPECT_EQ(program.issuer, "another name");
  EXPECT_THAT(program.listen, ElementsAre("c"));
  EXPECT_FALSE(program.flags.Given("url"));
  EXPECT_TRUE(program.flags.Given("name"));
}

TEST(ProgramFlagsTest, AListReplacesThatOfThePlaceBelow) {
  Program program;
  ASSERT_OK(program.Read({"--listen=a", "--listen=b", "--config",
                          FileWith(R"({"listen": ["c"]})")},
                         {{"HOWDAH_LISTEN", "d"}}));
  EXPECT_THAT(program.listen, ElementsAre("a", "b"));
}

TEST(ProgramFlagsTest, ASwitchCanBeTakenBack) {
  const std::string file = FileWith(R"({"read-only": true})");
  Program on;
  ASSERT_OK(on.Read({"--config", file}));
  EXPECT_TRUE(on.read_only);
  Program variable;
  ASSERT_OK(variable.Read({"--config", file}, {{"HOWDAH_READ_ONLY", "false"}}));
  EXPECT_FALSE(variable.read_only);
  Program flag;
  ASSERT_OK(flag.Read({"--read-only=false"}, {{"HOWDAH_READ_ONLY", "true"}}));
  EXPECT_FALSE(flag.read_only);
  EXPECT_THAT(Program().Read({"--read-only=maybe"}), HasReason("BAD_FLAG"));
}

TEST(ProgramFlagsTest, VariablesAreSwitchesAndLists) {
  Program program;
  ASSERT_OK(program.Read({}, {{"HOWDAH_READ_ONLY", "true"},
                              {"HOWDAH_LISTEN", "a:1, unix:/b"},
                              {"HOWDAH_OF_ANOTHER_PROGRAM", "x"},
                              {"HOWDAH_NAME", ""}}));
  EXPECT_TRUE(program.read_only);
  EXPECT_THAT(program.listen, ElementsAre("a:1", "unix:/b"));
  EXPECT_EQ(program.name, "");

  Program other("HOWDAH_TEST_");
  ASSERT_OK(
      other.Read({}, {{"HOWDAH_WORKERS", "2"}, {"HOWDAH_TEST_WORKERS", "3"}}));
  EXPECT_EQ(other.workers, 3);
}

TEST(ProgramFlagsTest, WhatIsWrongIsNamedWithItsPlace) {
  Program program;
  EXPECT_THAT(program.Read({}, {{"HOWDAH_WORKERS", "many"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("HOWDAH_WORKERS")));
  EXPECT_THAT(Program().Read({}, {{"HOWDAH_READ_ONLY", "maybe"}}),
              HasReason("BAD_FLAG"));
  EXPECT_THAT(Program().Read({"stray"}), HasReason("BAD_FLAG"));
  // Abbreviations are not guessed.
  EXPECT_THAT(Program().Read({"--work", "1"}), HasReason("BAD_FLAG"));
  const std::string file = FileWith(R"({"workers": "many"})");
  EXPECT_THAT(Program().Read({"--config", file}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(file)));
}

TEST(ProgramFlagsTest, AnUnknownNameFindsTheNearestAndKeepsItsValue) {
  EXPECT_THAT(Program().Read({"--wrokers=hush"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--wrokers."),
                             HasSubstr("Did you mean --workers?"),
                             Not(HasSubstr("hush")))));
  EXPECT_THAT(Program().Read({"--config", FileWith(R"({"readonly": "hush"})")}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"readonly\""),
                             HasSubstr("Did you mean read-only?"),
                             Not(HasSubstr("hush")))));
}

TEST(ProgramFlagsTest, WhatBelongsToACommandLineStaysThere) {
  Program program;
  ASSERT_OK(program.Read(
      {}, {{"HOWDAH_CONFIG", "/no/such/file"}, {"HOWDAH_ANNOUNCE", "true"}}));
  EXPECT_FALSE(program.announce);
  for (const char* text : {R"({"announce": true})", R"({"config": "x"})"}) {
    EXPECT_THAT(Program().Read({"--config", FileWith(text)}),
                HasReason("BAD_CONFIG_FILE"));
  }
}

TEST(ProgramFlagsTest, WhatIsShownIsAFileThatSaysTheSame) {
  Program program;
  ASSERT_OK(program.Read({"--workers=3", "--read-only", "--listen=a",
                          "--listen=b", "--name", "q\"x", "--announce"}));
  const std::string shown = program.flags.Show();
  Program again;
  ASSERT_OK(again.Read({"--config", FileWith(shown)}));
  EXPECT_EQ(again.workers, 3);
  EXPECT_TRUE(again.read_only);
  EXPECT_THAT(again.listen, ElementsAre("a", "b"));
  EXPECT_EQ(again.name, "q\"x");
  EXPECT_EQ(again.flags.Show(), shown);
  EXPECT_FALSE(
      nlohmann::json::parse(again.flags.Show({"workers"})).contains("workers"));
}

TEST(ProgramFlagsTest, PasswordsInUrlsAreNotShown) {
  Program program;
  ASSERT_OK(program.Read({"--url", "https://me:hush@host:1/a@b", "--listen",
                          "http://me:hush@host", "--issuer", "http://h/a@b"}));
  const std::string shown = program.flags.Show();
  EXPECT_THAT(shown, Not(HasSubstr("hush")));
  EXPECT_THAT(shown, HasSubstr("https://[redacted]@host:1/a@b"));
  EXPECT_THAT(shown, HasSubstr("http://h/a@b"));
  EXPECT_EQ(program.url, "https://me:hush@host:1/a@b");
}

TEST(ProgramFlagsTest, HelpFitsATerminalAndComesBeforeErrorsElsewhere) {
  Program program;
  ASSERT_OK(program.Read({"--help"}, {{"HOWDAH_WORKERS", "many"}}));
  const std::string help = program.flags.Answer();
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_THAT(help, HasSubstr("\n  two  spaces stay\n"));
  EXPECT_THAT(help, HasSubstr("\nWhat it does\n  --name NAME"));
  EXPECT_THAT(help, HasSubstr("; default: 16"));
  EXPECT_THAT(help, HasSubstr("  --issuer URL     whose tokens (also "
                              "OIDC_ISSUER)\n"));
  EXPECT_THAT(help, HasSubstr("  -h, --help "));

  Program version;
  ASSERT_OK(version.Read({"--version"}));
  EXPECT_EQ(version.flags.Answer(), "howdah-test 0.1.0\n");
}

}  // namespace
}  // namespace howdah::support
