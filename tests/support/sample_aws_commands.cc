#include "tests/support/sample_aws_commands.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_join.h"
#include "backend/aws/debian_index.h"
#include "backend/aws/shell_words.h"
#include "re2/re2.h"

namespace howdah::aws {
namespace {

std::string SampleValue(const Option& option) {
  if (!option.choices.empty()) return option.choices[0];
  if (RE2::FullMatch(option.type, "integer|long|float|double")) return "1";
  if (option.type == "list") return "[]";
  if (RE2::FullMatch(option.type, "structure|map")) return "{}";
  if (option.type == "blob") return "eA==";
  if (option.type == "timestamp") return "2020-01-01T00:00:00Z";
  return "x";
}

}  // namespace

bool IsDebians() { return std::getenv("HOWDAH_TEST_AWS_INDEX") == nullptr; }

const CommandIndex& Index() {
  if (IsDebians()) return DebianIndex();
  static const CommandIndex* const kIndex = [] {
    std::ifstream file(std::getenv("HOWDAH_TEST_AWS_INDEX"), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return TextIndex::Parse(text).value().release();
  }();
  return *kIndex;
}

void ForEachCommand(const std::function<void(const Command&)>& visit) {
  for (const std::string& service : Index().services()) {
    const auto commands = Index().Service(service).value();
    for (const Command& command : commands->all()) visit(command);
  }
}

std::string Line(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(QuoteWord(word));
  return absl::StrJoin(quoted, " ");
}

absl::StatusOr<ParsedCommand> Parse(const std::vector<std::string>& words) {
  return ParseCommand(Index(), {.command = Line(words)});
}

std::vector<std::string> Sample(const Option& option) {
  std::vector<std::string> words;
  if (!option.positional) words.push_back(option.name);
  if (option.values == OptionValues::kNone) return words;
  if (option.name == "--cli-input-json") return {option.name, "{}"};
  const int count = option.positional && option.max_values == 2 ? 2 : 1;
  for (int i = 0; i < count; ++i) words.push_back(SampleValue(option));
  return words;
}

std::vector<std::string> Minimal(const Command& command) {
  std::vector<std::string> words = {command.service};
  words.insert(words.end(), command.path.begin(), command.path.end());
  const bool copies = RE2::FullMatch(command.Name(), "s3 (cp|mv|sync)");
  for (const bool positional : {true, false}) {
    for (const Option& option : command.options) {
      if (!option.required || option.positional != positional) continue;
      for (std::string& word : Sample(option)) {
        words.push_back(copies && positional ? "s3://" + word
                                             : std::move(word));
      }
    }
  }
  return words;
}

bool NeedsAFile(const Command& command) {
  return std::any_of(
      command.options.begin(), command.options.end(), [](const Option& option) {
        return option.required &&
               (option.streams_file || option.handler == "LaunchKeyArgument");
      });
}

std::vector<std::string> Canonical(const ParsedCommand& parsed) {
  std::vector<std::string> words = parsed.argv;
  if (!parsed.input_json.empty()) {
    words.push_back("--cli-input-json");
    words.push_back(parsed.input_json);
  }
  return words;
}

}  // namespace howdah::aws
