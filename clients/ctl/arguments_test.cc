#include "clients/ctl/arguments.h"

#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_split.h"
#include "clients/ctl/command.h"
#include "clients/ctl/completion.h"
#include "clients/ctl/fake_terminal.h"
#include "clients/ctl/help.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::ctl {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

const CommandList& Commands() {
  static const auto* const kCommands =
      new CommandList(CommandList::FromContract());
  return *kCommands;
}

class ArgumentsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Invocation> Parse(absl::string_view line) {
    return ParseArguments(
        absl::StrSplit(line, ' '),
        [this](const char* name) { return environment_[name]; }, Commands(),
        terminal_);
  }

  // The request of a command line that parses, as text.
  std::string Request(absl::string_view line) {
    auto invocation = Parse(line);
    EXPECT_OK(invocation);
    if (!invocation.ok() || invocation->request == nullptr) return "";
    return invocation->request->ShortDebugString();
  }

  void ExpectRefused(absl::string_view line, absl::string_view why) {
    EXPECT_THAT(Parse(line), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr(std::string(why))))
        << line;
  }

  FakeTerminal terminal_;
  std::map<std::string, std::string> environment_;
};

TEST_F(ArgumentsTest, NamesStandWithoutFlagsInFieldOrder) {
  EXPECT_EQ(Request("roles create demo app_user --createdb"),
            "cluster_name: \"demo\" role_name: \"app_user\" createdb: true");
}

TEST_F(ArgumentsTest, AFlagOfAListMayBeGivenMoreThanOnce) {
  EXPECT_EQ(Request("fleets query-services --tier business --tier premium "
                    "--region a --region b"),
            "tier: TIER_FILTER_BUSINESS tier: TIER_FILTER_PREMIUM "
            "region: \"a\" region: \"b\"");
}

TEST_F(ArgumentsTest, FlagsMayStandAnywhereAndWithEquals) {
  EXPECT_EQ(Request("clusters scale --instances=3 -n prod demo"),
            "namespace: \"prod\" name: \"demo\" instances: 3");
}

TEST_F(ArgumentsTest, AResourceMayBeNamedInTheSingular) {
  EXPECT_EQ(Request("cluster get demo"), "name: \"demo\"");
}

TEST_F(ArgumentsTest, SwitchesCanBeTurnedOff) {
  EXPECT_EQ(Request("roles update demo app --no-login --superuser=false"),
            "cluster_name: \"demo\" role_name: \"app\" login: false "
            "superuser: false");
}

TEST_F(ArgumentsTest, ChoicesAreInTheShortForm) {
  EXPECT_EQ(Request("clusters list -A --detail-level detailed"),
            "namespace: \"*\" detail_level: DETAIL_LEVEL_DETAILED");
  ExpectRefused("clusters list --detail-level full", "concise, detailed");
}

TEST_F(ArgumentsTest, WideTablesAskForTheDetail) {
  EXPECT_EQ(Request("clusters list -o wide"),
            "detail_level: DETAIL_LEVEL_DETAILED");
  EXPECT_EQ(Request("clusters list -o wide --detail-level concise"),
            "detail_level: DETAIL_LEVEL_CONCISE");
  EXPECT_EQ(Request("operations get abc -o wide"), "name: \"abc\"");
}

TEST_F(ArgumentsTest, WaitingIsDoneHereNotInTheBackend) {
  auto invocation = Parse("clusters create demo --wait --timeout 120");
  ASSERT_OK(invocation);
  EXPECT_TRUE(invocation->wait);
  EXPECT_EQ(invocation->wait_seconds, 120);
  EXPECT_THAT(invocation->request->ShortDebugString(),
              Not(HasSubstr("wait: true")));
}

TEST_F(ArgumentsTest, AfterTwoDashesNothingIsAFlag) {
  EXPECT_EQ(Request("databases delete demo -- --odd"),
            "cluster_name: \"demo\" database_name: \"--odd\"");
}

TEST_F(ArgumentsTest, SecretsAreAskedForOrReadNeverGiven) {
  terminal_.secret = "hush";
  EXPECT_THAT(Request("roles update demo app --password"),
              HasSubstr("password: \"hush\""));
  EXPECT_THAT(Request("roles update demo app --password-file -"),
              HasSubstr("password: \"hush\""));
  ExpectRefused("roles update demo app --password=hush", "--password-file");
}

TEST_F(ArgumentsTest, WrongCommandLinesSayWhatIsExpected) {
  ExpectRefused("clusters get", "Missing: NAME");
  ExpectRefused("clusters scale demo", "Missing: --instances");
  ExpectRefused("clusters get a b", "one argument too many");
  ExpectRefused("clusters create a --instances three", "whole number");
  ExpectRefused("clusters create a --instances", "needs a value");
  ExpectRefused("clusters create a --storge-size 1Gi", "--storage-size?");
  ExpectRefused("clusters create a --instances 1 --instances 2", "twice");
  ExpectRefused("clusters create a --watch", "only read");
  ExpectRefused("clusters list -o xml", "table, wide, json or yaml");
}

TEST_F(ArgumentsTest, GlobalFlagsWorkBeforeTheCommand) {
  auto invocation =
      Parse("--address unix:/run/howdah.sock -o json clusters list");
  ASSERT_OK(invocation);
  EXPECT_EQ(invocation->options.address, "unix:/run/howdah.sock");
  EXPECT_EQ(invocation->options.output, Output::kJson);
}

TEST_F(ArgumentsTest, GlobalFlagsStandInTheEnvironmentAndAFileToo) {
  const std::string path = ::testing::TempDir() + "/howdahctl.json";
  std::ofstream(path)
      << R"({"output": "yaml", "interval": 5, "address": "f:1"})";
  environment_ = {{"HOWDAH_ADDRESS", "e:1"}, {"HOWDAH_YES", "true"}};
  auto invocation =
      Parse("clusters list -o json --config " + path + " -o wide");
  ASSERT_OK(invocation);
  EXPECT_EQ(invocation->options.output, Output::kWide);
  EXPECT_EQ(invocation->options.address, "e:1");
  EXPECT_EQ(invocation->options.interval, absl::Seconds(5));
  // Agreeing to a loss is said each time.
  EXPECT_FALSE(invocation->options.yes);

  std::ofstream(path) << R"({"yes": true})";
  ExpectRefused("clusters list --config " + path, "command line only");
  std::ofstream(path) << R"({"adress": "f:1"})";
  ExpectRefused("clusters list --config " + path, "Did you mean address?");
}

TEST_F(ArgumentsTest, TheConfigurationIsPrintedWithoutACall) {
  for (const char* line : {"--print-config --interval 7",
                           "clusters get --print-config --interval=7"}) {
    auto invocation = Parse(line);
    ASSERT_OK(invocation);
    EXPECT_THAT(invocation->options.print, HasSubstr("\"interval\": 7"));
    EXPECT_THAT(invocation->options.print, Not(HasSubstr("\"yes\"")));
  }
}

TEST(CommandListTest, EveryRpcIsACommandWithANameOfItsOwn) {
  for (const Resource& resource : Commands().resources()) {
    EXPECT_FALSE(resource.comment.empty()) << resource.word;
    for (const Command& command : resource.commands) {
      EXPECT_EQ(Commands().Find(resource.word, command.verb), &command)
          << command.path();
      for (const GlobalFlag& flag : GlobalFlags()) {
        EXPECT_EQ(command.FindFlag(flag.flag), nullptr)
            << command.path() << " hides " << flag.flag;
      }
    }
  }
}

TEST(CommandListTest, PostgresqlComesFirstAndWhatServesOthersLast) {
  std::vector<std::string> words;
  for (const Resource& resource : Commands().resources()) {
    words.push_back(resource.word);
  }
  ASSERT_GE(words.size(), 6u);
  EXPECT_THAT(std::vector(words.begin(), words.begin() + 3),
              ElementsAre("clusters", "databases", "roles"));
  EXPECT_THAT(std::vector(words.end() - 3, words.end()),
              UnorderedElementsAre("access", "changes", "operations"));
}

TEST(HelpTest, TellsArgumentsFlagsDefaultsAndBounds) {
  const Command& create = *Commands().Find("clusters", "create");
  const std::string help = HelpForCommand(create, Commands(), {}, 80);
  EXPECT_THAT(help, HasSubstr("howdahctl clusters create NAME [FLAGS]"));
  EXPECT_THAT(help, HasSubstr("--instances NUMBER"));
  EXPECT_THAT(help, HasSubstr("(default: 3; 1 to 10)"));
  EXPECT_THAT(help, Not(HasSubstr("request-id"))) << "a hidden field";
  EXPECT_THAT(help, Not(HasSubstr("get_cluster_status"))) << "a tool's name";
  for (absl::string_view line : absl::StrSplit(help, '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(HelpTest, DestructiveCommandsAreConfirmedByYes) {
  const Command& remove = *Commands().Find("clusters", "delete");
  const std::string help = HelpForCommand(remove, Commands(), {}, 80);
  EXPECT_THAT(help, HasSubstr("Needs --yes"));
  EXPECT_THAT(help, HasSubstr("-y, --yes"));
  EXPECT_THAT(help, Not(HasSubstr("confirm")));
}

TEST(CompletionTest, CompletesWordsFlagsAndChoices) {
  EXPECT_THAT(Complete({"cl"}, Commands()), ElementsAre("clusters"));
  EXPECT_THAT(Complete({"clusters", "s"}, Commands()), ElementsAre("scale"));
  EXPECT_THAT(Complete({"-o", "json", "roles", ""}, Commands()),
              Contains("update"));
  EXPECT_THAT(Complete({"clusters", "create", "--inst"}, Commands()),
              ElementsAre("--instances"));
  EXPECT_THAT(Complete({"clusters", "list", "--detail-level", ""}, Commands()),
              ElementsAre("concise", "detailed"));
  // As zsh and as bash split it.
  EXPECT_THAT(Complete({"clusters", "list", "--output=j"}, Commands()),
              ElementsAre("--output=json"));
  EXPECT_THAT(Complete({"clusters", "list", "--output", "=", "j"}, Commands()),
              ElementsAre("json"));
  EXPECT_THAT(Complete({"clusters", "list", "-o", "j"}, Commands()),
              ElementsAre("json"));
}

}  // namespace
}  // namespace howdah::ctl
