#include "proto/support/flag_sources.h"

#include <boost/program_options.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::support {
namespace {

namespace po = boost::program_options;

using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Of a program that has one flag of each kind.
struct Flags {
  std::string name;
  int workers = 0;
  bool read_only = false;
  bool announce = false;
  std::vector<std::string> listen;
  po::variables_map values;
  po::options_description described;

  Flags() {
    described.add_options()("name", po::value(&name)->default_value("", ""))(
        "workers", po::value(&workers)->default_value(16))(
        "read-only", po::bool_switch(&read_only))(
        "announce", po::bool_switch(&announce))("listen", po::value(&listen))(
        "config", po::value<std::string>())("help", "shows help");
  }

  absl::Status Read(const std::vector<std::string>& arguments,
                    std::map<std::string, std::string> variables = {}) {
    return ReadFlags(
        arguments, described,
        [variables](const char* variable) {
          const auto found = variables.find(variable);
          return found == variables.end() ? "" : found->second;
        },
        values);
  }
};

std::string FileWith(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/flags.json";
  std::ofstream(path) << text;
  return path;
}

TEST(ReadFlagsTest, TheCommandLineWinsThenTheEnvironmentThenTheFile) {
  const std::string file =
      FileWith(R"({"workers": 1, "name": "file", "listen": ["c"]})");
  Flags flags;
  ASSERT_OK(flags.Read({"--config", file, "--workers=3"},
                       {{"HOWDAH_WORKERS", "2"}, {"HOWDAH_NAME", "variable"}}));
  EXPECT_EQ(flags.workers, 3);
  EXPECT_EQ(flags.name, "variable");
  EXPECT_THAT(flags.listen, ElementsAre("c"));
}

TEST(ReadFlagsTest, VariablesAreSwitchesAndLists) {
  Flags flags;
  ASSERT_OK(flags.Read({}, {{"HOWDAH_READ_ONLY", "true"},
                            {"HOWDAH_LISTEN", "a:1, unix:/b"},
                            {"HOWDAH_OF_ANOTHER_PROGRAM", "x"},
                            {"HOWDAH_NAME", ""}}));
  EXPECT_TRUE(flags.read_only);
  EXPECT_THAT(flags.listen, ElementsAre("a:1", "unix:/b"));
  EXPECT_EQ(flags.name, "");

  Flags off;
  ASSERT_OK(off.Read({}, {{"HOWDAH_READ_ONLY", "false"}}));
  EXPECT_FALSE(off.read_only);
}

TEST(ReadFlagsTest, WhatIsWrongIsNamedWithItsVariable) {
  Flags flags;
  EXPECT_THAT(flags.Read({}, {{"HOWDAH_WORKERS", "many"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("HOWDAH_WORKERS")));
  EXPECT_THAT(flags.Read({}, {{"HOWDAH_READ_ONLY", "maybe"}}),
              HasReason("BAD_FLAG"));
  EXPECT_THAT(Flags().Read({"--work", "1"}), HasReason("BAD_FLAG"));
  EXPECT_THAT(Flags().Read({"stray"}), HasReason("BAD_FLAG"));
}

TEST(ReadFlagsTest, WhatBelongsToACommandLineStaysThere) {
  Flags flags;
  ASSERT_OK(flags.Read(
      {}, {{"HOWDAH_CONFIG", "/no/such/file"}, {"HOWDAH_ANNOUNCE", "true"}}));
  EXPECT_FALSE(flags.announce);
}

TEST(ShowFlagsTest, WhatIsShownIsAFileThatSaysTheSame) {
  Flags flags;
  ASSERT_OK(flags.Read({"--workers=3", "--read-only", "--listen=a",
                        "--listen=b", "--name", "q\"x"}));
  const std::string shown = ShowFlags(flags.described, flags.values);
  Flags again;
  ASSERT_OK(again.Read({"--config", FileWith(shown)}));
  EXPECT_EQ(again.workers, 3);
  EXPECT_TRUE(again.read_only);
  EXPECT_THAT(again.listen, ElementsAre("a", "b"));
  EXPECT_EQ(again.name, "q\"x");
  EXPECT_EQ(ShowFlags(again.described, again.values), shown);
  EXPECT_FALSE(nlohmann::json::parse(
                   ShowFlags(again.described, again.values, {"workers"}))
                   .contains("workers"));
}

}  // namespace
}  // namespace howdah::support
