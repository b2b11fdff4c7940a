// Walks every command of an AWS CLI through parser, classifier and policy.
//
// The CLI is Debian's; HOWDAH_TEST_AWS_INDEX=FILE takes the index of another,
// as tests/peers/test_aws_cli.py does. The golden file is about Debian's alone.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "backend/aws/classifier.h"
#include "backend/aws/command_index.h"
#include "backend/aws/command_line.h"
#include "backend/aws/curated_commands.h"
#include "backend/aws/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/status_details.h"
#include "re2/re2.h"
#include "tests/support/sample_aws_commands.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

using howdah::testing::IsOk;
using support::ErrorReason;

TEST(EveryCommand, IsParsedAndItsArgumentsParseToThemselves) {
  int count = 0;
  int need_files = 0;
  ForEachCommand([&](const Command& command) {
    ++count;
    const auto parsed = Parse(Minimal(command));
    if (NeedsAFile(command)) {
      ++need_files;
      EXPECT_EQ(ErrorReason(parsed.status()), "LOCAL_FILE_REFUSED")
          << command.Name();
      return;
    }
    ASSERT_THAT(parsed, IsOk()) << Line(Minimal(command));
    EXPECT_EQ(parsed->command->Name(), command.Name());
    const auto again = Parse(Canonical(*parsed));
    ASSERT_THAT(again, IsOk()) << Line(Canonical(*parsed));
    EXPECT_EQ(again->argv, parsed->argv);
    EXPECT_EQ(again->input_json, parsed->input_json);
    const Classification what = Classify(*parsed);
    EXPECT_EQ(Classify(*again).command_class, what.command_class);
    EXPECT_EQ(Classify(*again).flags, what.flags);
  });
  RecordProperty("commands", count);
  EXPECT_GT(count, 13000);
  EXPECT_LT(need_files, 25);
}

TEST(EveryCommand, TakesEachOptionExactlyOrRefusesItForAReason) {
  const std::set<std::string> refusals = {"LOCAL_FILE_REFUSED",
                                          "OPTION_REFUSED"};
  int options = 0;
  ForEachCommand([&](const Command& command) {
    if (NeedsAFile(command)) return;
    const std::vector<std::string> minimal = Minimal(command);
    for (const Option& option : command.options) {
      ++options;
      std::vector<std::string> words = minimal;
      const std::vector<std::string> sample = Sample(option);
      if (!option.required) {
        words.insert(words.end(), sample.begin(), sample.end());
      }
      const auto parsed = Parse(words);
      if (parsed.ok()) {
        const auto again = Parse(Canonical(*parsed));
        ASSERT_THAT(again, IsOk()) << Line(Canonical(*parsed));
        EXPECT_EQ(again->argv, parsed->argv) << Line(words);
        EXPECT_EQ(again->input_json, parsed->input_json) << Line(words);
      } else {
        EXPECT_TRUE(refusals.count(ErrorReason(parsed.status())) > 0 ||
                    // --dryrun's other half, s3's paths and the like
                    ErrorReason(parsed.status()) == "COMMAND_INVALID")
            << Line(words) << parsed.status();
      }
      if (option.positional) continue;
      // A part of the name is another option, a global one, or none.
      const std::string part = option.name.substr(0, option.name.size() - 1);
      if (command.FindOption(part) == nullptr && part != "--region") {
        words = minimal;
        words.push_back(part);
        if (sample.size() > 1) words.push_back(sample[1]);
        EXPECT_FALSE(Parse(words).ok()) << Line(words);
      }
    }
  });
  RecordProperty("options", options);
  EXPECT_GT(options, 80000);
}

TEST(EveryCommand, ReadsNoFileAndFetchesNothing) {
  int count = 0;
  ForEachCommand([&](const Command& command) {
    if (NeedsAFile(command)) return;
    for (const Option& option : command.options) {
      if (option.values == OptionValues::kNone || option.positional) continue;
      const char* const value =
          ++count % 2 == 0 ? "file:///etc/passwd" : "fileb:///etc/passwd";
      std::vector<std::string> words = Minimal(command);
      if (option.required) {
        const auto at = std::find(words.begin(), words.end(), option.name);
        ASSERT_NE(at, words.end());
        *(at + 1) = value;
      } else {
        words.push_back(option.name);
        words.push_back(value);
      }
      const auto local = Parse(words);
      ASSERT_FALSE(local.ok()) << Line(words);
      EXPECT_TRUE(ErrorReason(local.status()) == "LOCAL_FILE_REFUSED" ||
                  ErrorReason(local.status()) == "OPTION_REFUSED")
          << local.status();
      // A URL is passed on as it is by version 2; version 1 must not see it.
      if (!Index().FetchesUrls() || option.required) continue;
      words.back() = "http://127.0.0.1:1/";
      const auto parsed = Parse(words);
      if (!parsed.ok()) continue;
      EXPECT_EQ(absl::StrJoin(parsed->argv, " ").find("http://"),
                std::string::npos)
          << Line(words);
    }
  });
}

// The rules that make a read one, asked of the whole table.
TEST(EveryCommand, IsAReadOnlyIfThatIsProven) {
  const std::set<std::string> proofs = {"read-verb", "curated", "waiter"};
  ForEachCommand([&](const Command& command) {
    const Classification what = ClassifyCommand(command);
    EXPECT_FALSE(what.rule.empty()) << command.Name();
    EXPECT_FALSE(what.reason.empty()) << command.Name();
    if (what.command_class != CommandClass::kRead) return;
    EXPECT_EQ(proofs.count(what.rule), 1u) << command.Name() << what.rule;
    if (what.rule == "curated") return;
    EXPECT_TRUE(RE2::FullMatch(command.http_method, "GET|HEAD|POST"))
        << command.Name();
    EXPECT_FALSE(command.has_idempotency_token && !command.is_waiter)
        << command.Name();
    EXPECT_FALSE(command.IsCustomization()) << command.Name();
    EXPECT_FALSE(what.Has(kExecutesCode | kSideEffect)) << command.Name();
    EXPECT_TRUE(RE2::PartialMatch(
        command.operation,
        "^(BatchGet|BatchDescribe|Get|List|Describe|Head|Lookup|Search|Read)"))
        << command.Name();
    // A read takes no content, and leaves no file but the one it is asked for.
    for (const Option& option : command.options) {
      EXPECT_FALSE(option.streams_file) << command.Name() << option.name;
    }
    EXPECT_EQ(what.Has(kLocalFile),
              command.streams_output && !command.is_waiter)
        << command.Name();
  });
}

TEST(EveryCommand, TheReadToolRunsOnlyHarmlessReads) {
  const Policy policy;
  int reads = 0;
  int writes = 0;
  ForEachCommand([&](const Command& command) {
    const auto parsed = Parse(Minimal(command));
    if (!parsed.ok()) return;
    const Classification what = Classify(*parsed);
    const auto read = policy.Decide(Tool::kRead, *parsed, what, {});
    const auto write = policy.Decide(Tool::kWrite, *parsed, what, {});
    if (read.ok()) {
      ++reads;
      EXPECT_EQ(what.command_class, CommandClass::kRead) << command.Name();
      EXPECT_FALSE(what.Has(kReturnsSecret | kReturnsData)) << command.Name();
      EXPECT_THAT(write, IsOk());
    } else {
      ++writes;
      EXPECT_FALSE(ErrorReason(read.status()).empty());
    }
    if (write.ok()) {
      const bool may_harm = what.command_class == CommandClass::kDestructive ||
                            what.command_class == CommandClass::kExecute;
      EXPECT_EQ(write->needs_confirmation, may_harm) << command.Name();
    }
  });
  RecordProperty("reads", reads);
  EXPECT_GT(reads, 5000);
  EXPECT_GT(writes, 7000);
}

TEST(Curated, EachEntryHasAReasonAndStandsOnce) {
  std::set<absl::string_view> names;
  for (const CuratedCommand& entry : CuratedCommands()) {
    EXPECT_FALSE(entry.reason.empty()) << entry.name;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
  }
}

// FNV-1a: no secret, only a sign that something changed.
std::uint32_t Hash(const std::string& text) {
  std::uint32_t hash = 2166136261u;
  for (const unsigned char c : text) hash = (hash ^ c) * 16777619u;
  return hash;
}

// A line of a service: how many of which class, and a hash of all; below it
// what is not as its verb says.
std::string Summary(const ServiceCommands& service) {
  std::map<CommandClass, int> counts;
  std::string all;
  std::string special;
  for (const Command& command : service.all()) {
    const Classification what = ClassifyCommand(command);
    ++counts[what.command_class];
    const std::string flags = absl::StrJoin(
        FlagNames(what.flags & ~(kSensitiveFields | kWaits)), " ");
    const std::string row =
        absl::StrCat("  ", absl::StrJoin(command.path, " "), ": ",
                     ClassName(what.command_class), flags.empty() ? "" : " ",
                     flags, " (", what.rule, ")\n");
    absl::StrAppend(&all, row, absl::StrJoin(FlagNames(what.flags), " "));
    const bool plain =
        flags.empty() && RE2::FullMatch(what.rule,
                                        "read-verb|unknown-is-write|waiter|"
                                        "http-method|destructive-verb|"
                                        "idempotency-token");
    if (!plain) special += row;
  }
  std::string line = service.all().front().service;
  for (const auto& [command_class, count] : counts) {
    absl::StrAppend(&line, " ", ClassName(command_class), "=", count);
  }
  return absl::StrCat(line, " ", absl::Hex(Hash(all), absl::kZeroPad8), "\n",
                      special);
}

TEST(Golden, ClassesAreAsReviewed) {
  if (!IsDebians()) GTEST_SKIP() << "the golden file is about Debian's AWS CLI";
  const char* update = std::getenv("UPDATE_GOLDEN");
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  const std::filesystem::path path =
      std::filesystem::path(
          update != nullptr && workspace != nullptr ? workspace : ".") /
      "backend/aws/golden/classes.txt";
  std::string seen = absl::StrCat(Index().cli_version(), "\n");
  for (const std::string& name : Index().services()) {
    seen += Summary(**Index().Service(name));
  }
  if (update != nullptr) {
    std::ofstream(path) << seen;
    return;
  }
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(golden, seen)
      << "If this is meant: UPDATE_GOLDEN=1 bazel run "
         "//backend/aws:every_command_test -- --gtest_filter=Golden.*";
}

}  // namespace
}  // namespace howdah::aws
