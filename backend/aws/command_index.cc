#include "backend/aws/command_index.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "proto/support/status_macros.h"
#include "simdjson.h"

namespace howdah::aws {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

absl::Status Malformed(absl::string_view problem) {
  return absl::InternalError(
      absl::StrCat("the AWS CLI's command index is malformed: ", problem));
}

std::string Text(const object& from, const char* key) {
  std::string_view text;
  if (from[key].get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

bool IsTrue(const object& from, const char* key) {
  bool value = false;
  return from[key].get(value) == simdjson::SUCCESS && value;
}

std::vector<std::string> Texts(const object& from, const char* key) {
  std::vector<std::string> texts;
  array values;
  if (from[key].get(values) != simdjson::SUCCESS) return texts;
  for (const element value : values) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

Option ReadOption(const object& from) {
  Option option;
  option.name = Text(from, "name");
  option.member = Text(from, "member");
  option.type = Text(from, "type");
  option.handler = Text(from, "class");
  option.choices = Texts(from, "choices");
  option.positional = IsTrue(from, "positional");
  option.required = IsTrue(from, "required");
  option.streams_file = IsTrue(from, "stream");
  option.sensitive = IsTrue(from, "sensitive");
  option.is_client_token = IsTrue(from, "token");
  const std::string nargs = Text(from, "nargs");
  if (IsTrue(from, "flag")) {
    option.values = OptionValues::kNone;
    option.max_values = 0;
  } else if (nargs == "?") {
    option.values = OptionValues::kOptional;
  } else if (nargs == "*" || nargs == "+") {
    option.values = OptionValues::kMany;
    option.max_values = INT32_MAX;
  } else if (absl::SimpleAtoi(nargs, &option.max_values) &&
             option.max_values > 1) {
    option.values = OptionValues::kMany;
  }
  return option;
}

absl::StatusOr<Command> ReadCommand(simdjson::dom::parser& parser,
                                    absl::string_view line) {
  object from;
  if (parser.parse(line.data(), line.size()).get(from) != simdjson::SUCCESS) {
    return Malformed("a line is not an object");
  }
  Command command;
  command.service = Text(from, "service");
  command.path = Texts(from, "path");
  command.api_service = Text(from, "api");
  command.operation = Text(from, "operation");
  command.http_method = Text(from, "http");
  command.protocol = Text(from, "protocol");
  command.handler = Text(from, "class");
  command.is_waiter = IsTrue(from, "waiter");
  command.has_idempotency_token = IsTrue(from, "token");
  command.has_readonly_trait = IsTrue(from, "readonly");
  command.is_paginated = IsTrue(from, "paginated");
  command.streams_output = IsTrue(from, "streams_output");
  command.streams_events = IsTrue(from, "streams_events");
  command.sensitive_output = Texts(from, "sensitive");
  if (command.service.empty() || command.handler.empty()) {
    return Malformed("a command has no name");
  }
  array options;
  if (from["options"].get(options) != simdjson::SUCCESS) {
    return Malformed("a command has no options");
  }
  for (const element value : options) {
    object option;
    if (value.get(option) != simdjson::SUCCESS) {
      return Malformed("an option is not an object");
    }
    command.options.push_back(ReadOption(option));
    if (command.options.back().name.empty()) {
      return Malformed("an option has no name");
    }
  }
  return command;
}

bool StartsWithPath(const std::vector<std::string>& path,
                    const std::vector<std::string>& start) {
  return path.size() > start.size() &&
         std::equal(start.begin(), start.end(), path.begin());
}

}  // namespace

bool Option::IsNumeric() const {
  return type == "integer" || type == "long" || type == "float" ||
         type == "double";
}

bool Option::IsStructured() const {
  return type == "structure" || type == "list" || type == "map";
}

std::string Command::Name() const {
  return path.empty() ? service
                      : absl::StrCat(service, " ", absl::StrJoin(path, " "));
}

const Option* Command::FindOption(absl::string_view name) const {
  for (const Option& option : options) {
    if (option.name == name && !option.positional) return &option;
  }
  return nullptr;
}

const Option* Command::FindMember(absl::string_view member) const {
  for (const Option& option : options) {
    if (!member.empty() && option.member == member) return &option;
  }
  return nullptr;
}

const Option* Command::ClientTokenOption() const {
  const auto found =
      std::find_if(options.begin(), options.end(), [](const Option& option) {
        return option.is_client_token && !option.member.empty();
      });
  return found == options.end() ? nullptr : &*found;
}

absl::StatusOr<std::shared_ptr<const ServiceCommands>> ServiceCommands::Parse(
    absl::string_view lines) {
  auto result = std::make_shared<ServiceCommands>();
  simdjson::dom::parser parser;
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    if (line.empty()) continue;
    ASSIGN_OR_RETURN(Command command, ReadCommand(parser, line));
    result->commands_.push_back(std::move(command));
  }
  std::sort(result->commands_.begin(), result->commands_.end(),
            [](const Command& a, const Command& b) { return a.path < b.path; });
  return result;
}

const Command* ServiceCommands::Find(
    const std::vector<std::string>& path) const {
  const auto found = std::lower_bound(
      commands_.begin(), commands_.end(), path,
      [](const Command& command, const std::vector<std::string>& wanted) {
        return command.path < wanted;
      });
  return found != commands_.end() && found->path == path ? &*found : nullptr;
}

bool ServiceCommands::HasGroup(const std::vector<std::string>& path) const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [&](const Command& command) {
                       return StartsWithPath(command.path, path);
                     });
}

std::vector<std::string> ServiceCommands::WordsAfter(
    const std::vector<std::string>& path) const {
  std::vector<std::string> words;
  for (const Command& command : commands_) {
    if (!StartsWithPath(command.path, path)) continue;
    const std::string& word = command.path[path.size()];
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return words;
}

bool CommandIndex::FetchesUrls() const {
  return !absl::StartsWith(cli_version(), "aws-cli/2.");
}

absl::StatusOr<IndexHead> ParseIndexHead(absl::string_view line) {
  simdjson::dom::parser parser;
  object from;
  if (parser.parse(line.data(), line.size()).get(from) != simdjson::SUCCESS) {
    return Malformed("its first line is not an object");
  }
  IndexHead head{.cli_version = Text(from, "cli"),
                 .services = Texts(from, "services")};
  if (!absl::StartsWith(head.cli_version, "aws-cli/") ||
      head.services.empty()) {
    return Malformed("its first line names no version or no services");
  }
  std::sort(head.services.begin(), head.services.end());
  return head;
}

absl::StatusOr<std::unique_ptr<TextIndex>> TextIndex::Parse(
    absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  ASSIGN_OR_RETURN(IndexHead head, ParseIndexHead(parts.first));
  auto index = std::make_unique<TextIndex>();
  index->cli_version_ = std::move(head.cli_version);
  index->services_ = std::move(head.services);
  // The lines of one service stand together; each begins with its name.
  absl::string_view rest = parts.second;
  while (!rest.empty()) {
    constexpr absl::string_view kStart = "{\"service\":\"";
    const size_t name_end = rest.find('"', kStart.size());
    if (!absl::StartsWith(rest, kStart) ||
        name_end == absl::string_view::npos) {
      return Malformed("a line does not begin with its service");
    }
    const absl::string_view start = rest.substr(0, name_end + 1);
    size_t end = 0;
    while (absl::StartsWith(rest.substr(end), start)) {
      const size_t line_end = rest.find('\n', end);
      end = line_end == absl::string_view::npos ? rest.size() : line_end + 1;
    }
    ASSIGN_OR_RETURN(auto commands,
                     ServiceCommands::Parse(rest.substr(0, end)));
    index->commands_[std::string(start.substr(
        kStart.size(), name_end - kStart.size()))] = std::move(commands);
    rest.remove_prefix(end);
  }
  return index;
}

absl::StatusOr<std::shared_ptr<const ServiceCommands>> TextIndex::Service(
    absl::string_view name) const {
  const auto found = commands_.find(name);
  if (found == commands_.end()) {
    return absl::NotFoundError(absl::StrCat("no service ", name));
  }
  return found->second;
}

}  // namespace howdah::aws
