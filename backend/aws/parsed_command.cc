#include "backend/aws/parsed_command.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "backend/aws/json_value.h"

namespace howdah::aws {
namespace {

using nlohmann::json;

constexpr absl::string_view kRedacted = "[redacted]";

}  // namespace

const Argument* ParsedCommand::Find(absl::string_view option) const {
  for (const Argument& argument : arguments) {
    if (argument.option->name == option) return &argument;
  }
  return nullptr;
}

bool ParsedCommand::SetsMember(absl::string_view member) const {
  return input.contains(std::string(member)) ||
         std::any_of(arguments.begin(), arguments.end(),
                     [&](const Argument& argument) {
                       return argument.option->member == member;
                     });
}

std::string ParsedCommand::MemberText(absl::string_view member) const {
  const auto found = input.find(std::string(member));
  if (found != input.end()) {
    return found->is_string() ? found->get<std::string>() : DumpJson(*found);
  }
  for (const Argument& argument : arguments) {
    if (argument.option->member == member) {
      return absl::StrJoin(argument.values, " ");
    }
  }
  return "";
}

bool ParsedCommand::IsOn(absl::string_view member) const {
  const auto found = input.find(std::string(member));
  if (found != input.end()) {
    // What is not plainly off counts as on.
    return !(found->is_boolean() && !found->get<bool>()) && !found->is_null();
  }
  for (const Argument& argument : arguments) {
    if (argument.option->member == member) {
      return !absl::StartsWith(argument.option->name, "--no-");
    }
  }
  return false;
}

std::vector<std::string> ParsedCommand::DisplayArguments() const {
  std::vector<std::string> words = {command->service};
  words.insert(words.end(), command->path.begin(), command->path.end());
  for (const bool positional : {true, false}) {
    for (const Argument& argument : arguments) {
      const Option& option = *argument.option;
      if (option.positional != positional) continue;
      if (!positional) words.push_back(option.name);
      for (const std::string& value : argument.values) {
        words.push_back(option.sensitive ? std::string(kRedacted) : value);
      }
    }
  }
  if (!input.empty()) {
    json shown = input;
    for (auto& [member, value] : shown.items()) {
      const Option* option = command->FindMember(member);
      if (option == nullptr || option->sensitive) {
        value = std::string(kRedacted);
      }
    }
    words.push_back("--cli-input-json");
    words.push_back(DumpJson(shown));
  }
  return words;
}

}  // namespace howdah::aws
