// Asks the AWS CLI itself how it understands the arguments that we
// rebuilt: the same operation, the same values, no global option touched.
// Nothing is called (argv_plugin.py).
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"
#include "tests/support/sample_aws_commands.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

namespace fs = std::filesystem;
using howdah::testing::IsOk;
using nlohmann::json;

// The services that are used most, and those that add most of their own; all
// would take minutes.
constexpr char kServices[] =
    "autoscaling|cloudformation|cloudfront|cloudwatch|dynamodb|ec2|ecs|iam|iot|"
    "kms|lambda|logs|rds|route53|s3api|sagemaker|secretsmanager|sns|sqs|ssm|"
    "sts";
constexpr int kEvery = 4;

// Texts that argparse could take for something else.
constexpr const char* kTexts[] = {"x", "--endpoint-url", "-x y", "--debug=1",
                                  "",  "it's \"x\"",     "-5",   "a=b,c@d"};

bool IsPlain(const Option& option) {
  return !option.member.empty() &&
         RE2::FullMatch(option.handler,
                        "CLIArgument|ListArgument|BooleanArgument");
}

// The command with all that can be given at once.
std::vector<std::string> Maximal(const Command& command, int seed) {
  std::vector<std::string> words = Minimal(command);
  std::vector<std::string> members;
  for (const Option& option : command.options) {
    if (option.required || !IsPlain(option) || option.streams_file ||
        std::count(members.begin(), members.end(), option.member) > 0) {
      continue;
    }
    members.push_back(option.member);
    if (option.type == "string" && option.choices.empty() &&
        option.values == OptionValues::kOne) {
      words.push_back(
          absl::StrCat(option.name, "=", kTexts[seed++ % std::size(kTexts)]));
      continue;
    }
    for (std::string& word : Sample(option)) words.push_back(std::move(word));
  }
  return words;
}

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// What the CLI answers to each set of arguments. HOWDAH_TEST_AWS_CLI and
// HOWDAH_TEST_AWS_PYTHONPATH name another than Debian's, of version 1.
std::vector<json> AskCli(const std::vector<std::vector<std::string>>& all) {
  std::string name = absl::StrCat(::testing::TempDir(), "/argv-XXXXXX");
  const fs::path folder = mkdtemp(name.data());
  fs::copy("backend/aws/argv_plugin.py", folder / "howdah_argv.py");
  std::ofstream config(folder / "config");
  config << "[plugins]\nhowdah = howdah_argv\n";
  if (IsDebians()) {
    config << "cli_legacy_plugin_path = " << folder.string() << "\n";
  }
  config.close();
  std::ofstream file(folder / "argv");
  for (const auto& argv : all) file << json(argv).dump() << "\n";
  file.close();
  const std::string line = absl::StrCat(
      "env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=", folder.string(),
      " PYTHONPATH=", folder.string(), ":",
      Variable("HOWDAH_TEST_AWS_PYTHONPATH", ""),
      " AWS_CONFIG_FILE=", folder.string(),
      "/config HOWDAH_AWS_ARGV=", folder.string(),
      "/argv HOWDAH_AWS_ARGV_OUT=", folder.string(), "/out ",
      Variable("HOWDAH_TEST_AWS_CLI", "/usr/bin/aws"), " s3");
  EXPECT_EQ(std::system(line.c_str()), 0);
  std::vector<json> answers;
  std::ifstream out(folder / "out");
  for (std::string answer; std::getline(out, answer);) {
    answers.push_back(json::parse(answer));
  }
  fs::remove_all(folder);
  return answers;
}

void ExpectUnderstood(const ParsedCommand& parsed, const json& answer) {
  const Command& command = *parsed.command;
  SCOPED_TRACE(Line(Canonical(parsed)));
  ASSERT_FALSE(answer.contains("error")) << answer;
  const std::string operation = answer["operation"];
  EXPECT_TRUE(
      RE2::FullMatch(operation, absl::StrCat(".*\\.", command.path.back())))
      << operation;
  const json globals = {{"profile", nullptr},      {"region", nullptr},
                        {"endpoint_url", nullptr}, {"debug", false},
                        {"query", nullptr},        {"verify_ssl", nullptr},
                        {"sign_request", true},    {"ca_bundle", nullptr},
                        {"output", nullptr},       {"read_timeout", 60}};
  EXPECT_EQ(answer["globals"], globals);
  for (const Argument& argument : parsed.arguments) {
    const Option& option = *argument.option;
    if (!IsPlain(option)) continue;
    ASSERT_TRUE(answer["members"].contains(option.member)) << option.name;
    if (option.type == "string") {
      EXPECT_EQ(answer["members"][option.member], argument.values[0]);
    }
  }
}

TEST(Cli, UnderstandsRebuiltArgumentsAsWeDo) {
  std::vector<ParsedCommand> commands;
  std::vector<std::vector<std::string>> argv;
  int count = 0;
  ForEachCommand([&](const Command& command) {
    if (!RE2::FullMatch(command.service, kServices) ||
        command.IsCustomization() || NeedsAFile(command) ||
        ++count % kEvery != 0) {
      return;
    }
    const auto parsed = Parse(Maximal(command, count));
    ASSERT_THAT(parsed, IsOk()) << Line(Maximal(command, count));
    argv.push_back(Canonical(*parsed));
    commands.push_back(*parsed);
  });
  const std::vector<json> answers = AskCli(argv);
  ASSERT_EQ(answers.size(), commands.size());
  EXPECT_GT(answers.size(), 500u);
  for (size_t i = 0; i < answers.size(); ++i) {
    ExpectUnderstood(commands[i], answers[i]);
  }
}

// What we refuse would have been taken: the check above can fail.
TEST(Cli, TakesBeginningsOfItsGlobalOptions) {
  const std::vector<json> answers =
      AskCli({{"ec2", "describe-vpcs", "--end", "http://evil"},
              {"ec2", "describe-vpcs", "--reg=evil"},
              {"ec2", "describe-vpcs", "--max-items", "5", "--deb"}});
  ASSERT_EQ(answers.size(), 3u);
  ASSERT_TRUE(answers[0].contains("globals")) << answers[0];
  EXPECT_EQ(answers[0]["globals"]["endpoint_url"], "http://evil");
  ASSERT_TRUE(answers[1].contains("globals")) << answers[1];
  EXPECT_EQ(answers[1]["globals"]["region"], "evil");
  ASSERT_TRUE(answers[2].contains("globals")) << answers[2];
  EXPECT_EQ(answers[2]["globals"]["debug"], true);
}

}  // namespace
}  // namespace howdah::aws
