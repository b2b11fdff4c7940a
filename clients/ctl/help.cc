#include "clients/ctl/help.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/ctl/global_options.h"
#include "clients/ctl/naming.h"
#include "proto/support/enum_names.h"
#include "proto/support/help_page.h"

namespace howdah::ctl {
namespace {

using support::HelpPage;

constexpr size_t kWidest = 96;
constexpr size_t kNarrowest = 60;
constexpr size_t kUsual = 80;

HelpPage PageFor(const Style& style, size_t width) {
  return HelpPage(width == 0 ? kUsual : std::clamp(width, kNarrowest, kWidest),
                  style.bold, style.reset);
}

std::string Unquoted(absl::string_view json) {
  if (json.size() >= 2 && json.front() == '"') {
    json = json.substr(1, json.size() - 2);
  }
  return std::string(json);
}

std::string FlagTerm(const Parameter& parameter) {
  if (parameter.facts.secret()) return parameter.flag;
  if (parameter.is_switch()) {
    // What is on by default is there to be switched off.
    return parameter.facts.default_json() == "true"
               ? absl::StrCat("--no-", parameter.flag.substr(2))
               : parameter.flag;
  }
  if (parameter.takes_number()) return absl::StrCat(parameter.flag, " NUMBER");
  if (parameter.field->enum_type() != nullptr) {
    return absl::StrCat(
        parameter.flag, " ",
        absl::StrJoin(support::EnumNames(parameter.field->enum_type()), "|"));
  }
  switch (parameter.facts.format()) {
    case mcp::v1::FORMAT_QUANTITY:
      return absl::StrCat(parameter.flag, " SIZE");
    case mcp::v1::FORMAT_POSTGRES_VERSION:
      return absl::StrCat(parameter.flag, " VERSION");
    default:
      return absl::StrCat(parameter.flag, " ",
                          parameter.facts.identifier() ||
                                  absl::StrContains(parameter.flag, "name")
                              ? "NAME"
                              : "TEXT");
  }
}

std::string FlagText(const Parameter& parameter, const Command& command) {
  std::string text = command.InWordsOfFlags(parameter.comment);
  std::vector<std::string> notes;
  const mcp::v1::Field& facts = parameter.facts;
  if (parameter.is_switch()) {
    if (facts.default_json() == "true") {
      text = absl::StrCat("Not: ", text);
    } else if (facts.default_json().empty()) {
      notes.push_back(
          absl::StrCat("--no-", parameter.flag.substr(2), " for the opposite"));
    }
  } else if (!facts.default_json().empty()) {
    notes.push_back(absl::StrCat("default: ", Unquoted(facts.default_json())));
  }
  if (facts.has_minimum() && facts.has_maximum()) {
    notes.push_back(absl::StrCat(facts.minimum(), " to ", facts.maximum()));
  }
  if (facts.required()) notes.push_back("required");
  if (facts.secret()) {
    notes.push_back(absl::StrCat("asked for on the terminal; or ",
                                 parameter.flag, "-file FILE"));
  }
  if (parameter.field->is_repeated()) notes.push_back("may be repeated");
  if (!notes.empty()) {
    absl::StrAppend(&text, " (", absl::StrJoin(notes, "; "), ")");
  }
  return text;
}

void AppendGlobalFlags(const Command* command, HelpPage& page) {
  HelpPage::Terms pairs;
  for (const GlobalFlag& flag : GlobalFlags()) {
    if (command != nullptr && !command->reads() &&
        (flag.flag == "--watch" || flag.flag == "--interval")) {
      continue;
    }
    if (command != nullptr && !command->facts.destructive() &&
        flag.flag == "--yes") {
      continue;
    }
    pairs.emplace_back(flag.term, flag.comment);
  }
  page.Heading("Flags of every command");
  page.Definitions(pairs);
}

}  // namespace

std::string UsageLine(const Command& command) {
  std::string line =
      absl::StrCat("howdahctl ", command.resource, " ", command.verb);
  for (const Parameter* parameter : command.Positionals()) {
    absl::StrAppend(&line, " ", parameter->placeholder);
  }
  for (const Parameter& parameter : command.parameters) {
    if (parameter.facts.required() && !parameter.positional) {
      absl::StrAppend(&line, " ", FlagTerm(parameter));
    }
  }
  return absl::StrCat(line, " [FLAGS]");
}

std::string HelpForAll(const CommandList& commands, const Style& style,
                       size_t width) {
  HelpPage page = PageFor(style, width);
  page.Paragraph(
      "howdahctl runs databases through a Howdah backend: PostgreSQL clusters "
      "on "
      "Kubernetes, services at Aiven, and AWS.");
  page.Heading("Usage");
  page.Line("  howdahctl RESOURCE COMMAND [ARGUMENTS] [FLAGS]");
  const HelpPage::Terms others = {
      {"rbac", "Gives a ServiceAccount the rights that the backend needs"},
      {"completion bash|zsh", "Prints a script that completes commands"}};
  size_t widest = HelpPage::Widest(others);
  for (const Resource& resource : commands.resources()) {
    for (const Command& command : resource.commands) {
      widest = std::max(
          widest, HelpPage::Widest(
                      {{absl::StrCat(resource.word, " ", command.verb), ""}}));
    }
  }
  for (const Resource& resource : commands.resources()) {
    const std::string about = Brief(resource.comment);
    page.Heading(about.substr(0, about.find(", ")));
    HelpPage::Terms pairs;
    for (const Command& command : resource.commands) {
      pairs.emplace_back(absl::StrCat(resource.word, " ", command.verb),
                         Brief(command.comment));
    }
    page.Definitions(pairs, widest);
  }
  page.Heading("Others");
  page.Definitions(others, widest);
  AppendGlobalFlags(nullptr, page);
  page.Heading("Examples");
  page.Line("  howdahctl clusters create demo --instances 3 --wait");
  page.Line("  howdahctl clusters list -A");
  page.Line("  howdahctl clusters get demo --watch");
  page.Line("");
  page.Paragraph(
      "\"howdahctl RESOURCE COMMAND --help\" tells more. Flags win over "
      "variables of the environment, such as HOWDAH_ADDRESS for --address, "
      "which "
      "win over the file of --config.");
  return page.Take();
}

std::string HelpForResource(const Resource& resource, const Style& style,
                            size_t width) {
  HelpPage page = PageFor(style, width);
  page.Paragraph(resource.comment);
  page.Heading("Commands");
  HelpPage::Terms pairs;
  for (const Command& command : resource.commands) {
    pairs.emplace_back(command.verb, Brief(command.comment));
  }
  page.Definitions(pairs);
  page.Line("");
  page.Line(absl::StrCat("\"howdahctl ", resource.word,
                         " COMMAND --help\" tells more."));
  return page.Take();
}

std::string HelpForCommand(const Command& command, const CommandList& commands,
                           const Style& style, size_t width) {
  HelpPage page = PageFor(style, width);
  page.Paragraph(
      commands.InWordsOfCommands(command.InWordsOfFlags(command.comment)));
  page.Heading("Usage");
  page.Line(absl::StrCat("  ", UsageLine(command)));
  HelpPage::Terms arguments, flags;
  for (const Parameter& parameter : command.parameters) {
    if (parameter.facts.hidden()) continue;
    if (parameter.positional) {
      arguments.emplace_back(parameter.placeholder,
                             FlagText(parameter, command));
    } else if (parameter.field->name() != command.facts.confirmation_field()) {
      std::string term = FlagTerm(parameter);
      if (parameter.flag == "--namespace") term = absl::StrCat("-n, ", term);
      flags.emplace_back(term, FlagText(parameter, command));
      if (parameter.facts.format() == mcp::v1::FORMAT_NAMESPACE_OR_ALL) {
        flags.emplace_back("-A, --all-namespaces", "Look in all namespaces.");
      }
    }
  }
  // "required" says nothing of what cannot be left out anyway.
  for (auto& [term, text] : arguments) {
    text = absl::StrReplaceAll(text, {{" (required)", ""}});
  }
  if (!arguments.empty()) {
    page.Heading("Arguments");
    page.Definitions(arguments);
  }
  if (!flags.empty()) {
    page.Heading("Flags");
    page.Definitions(flags);
  }
  AppendGlobalFlags(&command, page);
  return page.Take();
}

}  // namespace howdah::ctl
