#include "adapter/prompts/runbook.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/rendering/clean_text.h"
#include "proto/support/enum_names.h"
#include "proto/support/formats.h"
#include "proto/support/status_macros.h"

namespace howdah::prompts {
namespace {

constexpr char kEndOfHead[] = "\n---\n";
constexpr size_t kLongestValue = 500;

absl::Status Careless(const Runbook& runbook, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("runbook ", runbook.name, ": ", what));
}

// One line "key: value" of an argument; false if it is none.
bool SetOfArgument(absl::string_view key, absl::string_view value,
                   RunbookArgument& argument) {
  if (key == "description") {
    argument.description = std::string(value);
  } else if (key == "names") {
    argument.names = std::string(value);
  } else if (key == "required") {
    argument.required = value == "true";
  } else if (key == "format") {
    const std::optional<int> format =
        support::EnumNumber(howdah::mcp::v1::Format_descriptor(), value);
    if (!format) return false;
    argument.format = static_cast<howdah::mcp::v1::Format>(*format);
  } else {
    return false;
  }
  return true;
}

bool SetOfRunbook(absl::string_view key, absl::string_view value,
                  Runbook& runbook) {
  if (key == "argument") {
    runbook.arguments.emplace_back().name = std::string(value);
  } else if (key == "name") {
    runbook.name = std::string(value);
  } else if (key == "title") {
    runbook.title = std::string(value);
  } else if (key == "description") {
    runbook.description = std::string(value);
  } else if (key == "toolset") {
    runbook.toolset = std::string(value);
  } else if (key == "changes") {
    runbook.changes = value == "true";
  } else {
    return false;
  }
  return true;
}

absl::Status ParseHead(absl::string_view head, Runbook& runbook) {
  for (const absl::string_view line : absl::StrSplit(head, '\n')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    const bool of_argument = absl::StartsWith(line, "  ");
    const absl::string_view key = absl::StripAsciiWhitespace(pair.first);
    if (of_argument && runbook.arguments.empty()) {
      return Careless(runbook, "a fact of an argument before any argument");
    }
    const bool known =
        of_argument ? SetOfArgument(key, pair.second, runbook.arguments.back())
                    : SetOfRunbook(key, pair.second, runbook);
    if (!known) return Careless(runbook, absl::StrCat("line \"", line, "\""));
  }
  return absl::OkStatus();
}

const RunbookArgument* FindArgument(const Runbook& runbook,
                                    absl::string_view name) {
  for (const RunbookArgument& argument : runbook.arguments) {
    if (argument.name == name) return &argument;
  }
  return nullptr;
}

// Appends the line with values put in; nothing if one of them is missing.
bool FillLine(absl::string_view line, const RunbookValues& values,
              std::string& out) {
  std::string filled;
  for (size_t open = line.find("{{"); open != line.npos;
       open = line.find("{{")) {
    const size_t close = line.find("}}", open);
    if (close == line.npos) break;
    const auto value =
        values.find(std::string(line.substr(open + 2, close - open - 2)));
    if (value == values.end() || value->second.empty()) return false;
    absl::StrAppend(&filled, line.substr(0, open));
    rendering::AppendOneLine(value->second, kLongestValue, filled);
    line.remove_prefix(close + 2);
  }
  absl::StrAppend(&out, filled, line);
  return true;
}

}  // namespace

absl::StatusOr<Runbook> ParseRunbook(absl::string_view file) {
  Runbook runbook;
  const size_t end = file.find(kEndOfHead);
  if (end == file.npos) return Careless(runbook, "no line \"---\"");
  RETURN_IF_ERROR(ParseHead(file.substr(0, end), runbook));
  runbook.text = std::string(
      absl::StripAsciiWhitespace(file.substr(end + sizeof(kEndOfHead) - 1)));
  if (runbook.name.empty() || runbook.title.empty() ||
      runbook.description.empty() || runbook.text.empty()) {
    return Careless(runbook, "name, title, description or text is missing");
  }
  for (absl::string_view rest = runbook.text;;) {
    const size_t open = rest.find("{{");
    if (open == rest.npos) return runbook;
    rest.remove_prefix(open + 2);
    const absl::string_view name = rest.substr(0, rest.find("}}"));
    if (FindArgument(runbook, name) == nullptr) {
      return Careless(
          runbook, absl::StrCat("{{", name.substr(0, 40), "}} is no argument"));
    }
  }
}

absl::Status CheckValues(const Runbook& runbook, const RunbookValues& values) {
  std::vector<std::string> wrong;
  for (const auto& [name, value] : values) {
    const RunbookArgument* argument = FindArgument(runbook, name);
    if (argument == nullptr) {
      wrong.push_back(absl::StrCat(name, " is no argument of this prompt"));
      continue;
    }
    if (value.empty() && !argument->required) continue;
    const support::FormatFactsEntry& format =
        support::FormatFacts(argument->format);
    if (value.size() > kLongestValue || !support::IsUtf8(value)) {
      wrong.push_back(absl::StrCat(name, " must be text of at most ",
                                   kLongestValue, " bytes"));
    } else if (!format.matches(value)) {
      wrong.push_back(absl::StrCat(name, ": expected ", format.expected,
                                   ", for example \"", format.example, "\""));
    }
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("params.arguments: ", absl::StrJoin(wrong, "; "), "."));
}

std::string FillIn(const Runbook& runbook, const RunbookValues& values) {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(runbook.text, '\n')) {
    std::string filled;
    if (FillLine(line, values, filled)) absl::StrAppend(&text, filled, "\n");
  }
  return text;
}

}  // namespace howdah::prompts
