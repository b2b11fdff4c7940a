#include "proto/support/program_flags.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "proto/support/flag_file.h"
#include "proto/support/help_page.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "proto/support/version.h"

namespace howdah::support {
namespace {

namespace po = boost::program_options;

using Json = nlohmann::ordered_json;

constexpr std::size_t kPageWidth = 80;
// What Boost writes between the name of a value and its default.
constexpr char kDefaultMark[] = " (=";

absl::Status BadFlag(absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_FLAG",
                      kHowdahDomain)
      .Message(message)
      .Build();
}

bool IsSwitch(const po::option_description& option) {
  return option.semantic()->max_tokens() == 0;
}

bool IsList(const po::option_description& option) {
  return dynamic_cast<const po::typed_value<std::vector<std::string>>*>(
             option.semantic().get()) != nullptr;
}

std::optional<bool> ReadBool(absl::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

absl::Status NoBool(absl::string_view name, absl::string_view value) {
  return BadFlag(absl::StrCat(name, " is true or false, got \"", value,
                              "\"; see --help."));
}

// "http://user:secret@host/" => "http://[redacted]@host/".
std::string WithoutPassword(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const std::size_t begin = scheme + 3;
  const std::size_t end = text.find_first_of("/?#", begin);
  const std::size_t at = text.rfind('@', end);
  if (at == std::string::npos || at < begin) return text;
  return absl::StrCat(text.substr(0, begin), "[redacted]", text.substr(at));
}

template <typename T>
bool ShowAs(const boost::any& value, Json& shown) {
  const T* typed = boost::any_cast<T>(&value);
  if (typed != nullptr) shown = *typed;
  return typed != nullptr;
}

Json Show(const boost::any& value) {
  if (const auto* text = boost::any_cast<std::string>(&value)) {
    return WithoutPassword(*text);
  }
  if (const auto* texts = boost::any_cast<std::vector<std::string>>(&value)) {
    Json shown = Json::array();
    for (const std::string& text : *texts) {
      shown.push_back(WithoutPassword(text));
    }
    return shown;
  }
  Json shown;
  // Types that flags have.
  ShowAs<bool>(value, shown) || ShowAs<int>(value, shown) ||
      ShowAs<double>(value, shown) || ShowAs<std::size_t>(value, shown) ||
      ShowAs<std::uint16_t>(value, shown);
  return shown;
}

}  // namespace

ProgramFlags::ProgramFlags(std::string program, std::string prefix)
    : program_(std::move(program)), prefix_(std::move(prefix)) {}

po::options_description& ProgramFlags::Group(std::string title) {
  return groups_.emplace_back(std::move(title), po::options_description())
      .second;
}

void ProgramFlags::OnlyOnCommandLine(const Texts& flags) {
  only_on_command_line_.insert(flags.begin(), flags.end());
}

void ProgramFlags::AlsoVariable(const std::string& flag,
                                const std::string& variable) {
  other_variables_[flag] = variable;
}

void ProgramFlags::AddConfiguration(std::string introduction,
                                    std::string conclusion) {
  introduction_ = std::move(introduction);
  conclusion_ = std::move(conclusion);
  Group("Configuration")
      .add_options()("config", po::value<std::string>()->value_name("FILE"),
                     "a JSON object with the same names as these flags")(
          "env-file", po::value<Texts>()->value_name("FILE"),
          "set the variables of this .env file, unless the environment has "
          "them; may be repeated")(
          "print-config",
          "show what all of this adds up to, as such a file, and exit")(
          "help,h", "show this and exit")("version,V",
                                          "show the version and exit");
  OnlyOnCommandLine({"config", "env-file", "print-config", "help", "version"});
  for (const auto& [title, group] : groups_) all_.add(group);
}

std::string ProgramFlags::VariableOf(absl::string_view flag) const {
  return absl::StrCat(
      prefix_, absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

bool ProgramFlags::StandsOnlyOnCommandLine(const std::string& flag) const {
  return only_on_command_line_.contains(flag);
}

std::string ProgramFlags::Suggestion(absl::string_view wrong,
                                     absl::string_view dashes) const {
  Texts known;
  for (const auto& option : all_.options()) {
    known.push_back(option->long_name());
  }
  const std::string nearest = NearestName(wrong, known);
  return nearest.empty() ? ""
                         : absl::StrCat(" Did you mean ", dashes, nearest, "?");
}

// No abbreviations: a flag that is added later must not change what an old
// command line means.
absl::Status ProgramFlags::Take(const Texts& arguments,
                                absl::string_view source, Texts* words) {
  try {
    const auto parsed = po::command_line_parser(arguments)
                            .options(all_)
                            .style(po::command_line_style::unix_style &
                                   ~po::command_line_style::allow_guessing)
                            .run();
    for (const auto& option : parsed.options) {
      if (!option.string_key.empty()) {
        decided_.insert(option.string_key);
      } else if (words != nullptr) {
        words->insert(words->end(), option.value.begin(), option.value.end());
      } else {
        return BadFlag(absl::StrCat(source, "\"", option.value.front(),
                                    "\" is no flag; see --help."));
      }
    }
    po::store(parsed, values_);
  } catch (const po::unknown_option& error) {
    // Without a value, which may be a secret.
    const std::string given = error.get_option_name();
    const std::string flag = given.substr(0, given.find('='));
    return BadFlag(absl::StrCat(source, "There is no flag ", flag, ".",
                                Suggestion(absl::StripPrefix(flag, "--"), "--"),
                                " See --help."));
  } catch (const std::exception& error) {
    return BadFlag(absl::StrCat(source, error.what(), "; see --help."));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ProgramFlags::ReadSwitches(
    const Texts& arguments) {
  Texts read;
  for (auto argument = arguments.begin(); argument != arguments.end();
       ++argument) {
    if (*argument == "--") {
      read.insert(read.end(), argument, arguments.end());
      break;
    }
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*argument, absl::MaxSplits('=', 1));
    absl::string_view flag = parts.first;
    const bool valued = absl::StrContains(*argument, '=');
    const po::option_description* option =
        valued && absl::ConsumePrefix(&flag, "--")
            ? all_.find_nothrow(std::string(flag), /*approx=*/false)
            : nullptr;
    if (option == nullptr || !IsSwitch(*option)) {
      read.push_back(*argument);
      continue;
    }
    const std::optional<bool> on = ReadBool(parts.second);
    if (!on) return NoBool(parts.first, parts.second);
    if (*on) read.push_back(parts.first);
    decided_.insert(option->long_name());
  }
  return read;
}

absl::Status ProgramFlags::TakeEnvironment(const EnvironmentOf& environment) {
  Texts flags;
  for (const auto& option : all_.options()) {
    const std::string& name = option->long_name();
    if (StandsOnlyOnCommandLine(name) || decided_.contains(name)) continue;
    std::string variable = VariableOf(name);
    std::string value = environment(variable.c_str());
    if (const auto other = other_variables_.find(name);
        value.empty() && other != other_variables_.end()) {
      variable = other->second;
      value = environment(variable.c_str());
    }
    if (value.empty()) continue;
    decided_.insert(name);
    const std::string flag = absl::StrCat("--", name);
    Texts words;
    if (IsSwitch(*option)) {
      const std::optional<bool> on = ReadBool(value);
      if (!on) return NoBool(variable, value);
      if (*on) words.push_back(flag);
    } else if (IsList(*option)) {
      for (absl::string_view one :
           absl::StrSplit(value, absl::ByAnyChar(" ,"), absl::SkipEmpty())) {
        words.push_back(absl::StrCat(flag, "=", one));
      }
    } else {
      words.push_back(absl::StrCat(flag, "=", value));
    }
    RETURN_IF_ERROR(Take(words, absl::StrCat(variable, ": ")));
  }
  return absl::OkStatus();
}

absl::Status ProgramFlags::TakeFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<FileFlag> flags, ReadFlagFile(path));
  for (const FileFlag& flag : flags) {
    if (all_.find_nothrow(flag.name, /*approx=*/false) == nullptr) {
      return BadFlagFile(
          path, absl::StrCat("names \"", flag.name, "\", which is no flag of ",
                             program_, ".", Suggestion(flag.name, "")));
    }
    if (StandsOnlyOnCommandLine(flag.name)) {
      return BadFlagFile(path,
                         absl::StrCat("names \"", flag.name,
                                      "\", which belongs to the command line "
                                      "only."));
    }
    if (decided_.contains(flag.name)) continue;
    RETURN_IF_ERROR(Take(flag.words, absl::StrCat(path, ": ")));
  }
  return absl::OkStatus();
}

absl::Status ProgramFlags::Read(const Texts& arguments,
                                const EnvironmentOf& environment,
                                Texts* words) {
  ASSIGN_OR_RETURN(const Texts command_line, ReadSwitches(arguments));
  RETURN_IF_ERROR(Take(command_line, "", words));
  if (!Answer().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(TakeEnvironment(environment));
  if (const auto file = values_.find("config"); file != values_.end()) {
    RETURN_IF_ERROR(TakeFile(file->second.as<std::string>()));
  }
  try {
    po::notify(values_);
  } catch (const std::exception& error) {
    return BadFlag(absl::StrCat(error.what(), "; see --help."));
  }
  return absl::OkStatus();
}

std::string ProgramFlags::Answer() const {
  if (values_.count("help") > 0) return Help();
  if (values_.count("version") > 0) {
    return absl::StrCat(program_, " ", kVersion, "\n");
  }
  return "";
}

std::string ProgramFlags::Show(const std::set<std::string>& hidden) const {
  Json shown = Json::object();
  for (const auto& option : all_.options()) {
    const std::string& name = option->long_name();
    if (StandsOnlyOnCommandLine(name) || hidden.contains(name)) continue;
    const auto found = values_.find(name);
    if (found != values_.end()) {
      shown[name] = support::Show(found->second.value());
    }
  }
  return absl::StrCat(shown.dump(2, ' ', false, Json::error_handler_t::replace),
                      "\n");
}

std::vector<ProgramFlags::Term> ProgramFlags::TermsOf(
    const po::options_description& group) const {
  std::vector<Term> terms;
  for (const auto& option : group.options()) {
    Term term;
    term.flag = absl::StrCat("--", option->long_name());
    const std::string shown = option->canonical_display_name(
        po::command_line_style::allow_dash_for_short);
    if (shown != option->long_name()) term.brief = shown;
    term.takes_value = !IsSwitch(*option);
    term.text =
        absl::StrCat(term.brief, term.brief.empty() ? "" : ", ", term.flag);
    term.comment = option->description();
    if (term.takes_value) {
      // "N (=16)".
      const std::string value = option->format_parameter();
      const std::size_t mark = value.rfind(kDefaultMark);
      absl::StrAppend(&term.text, absl::StartsWith(value, "[") ? "" : " ",
                      value.substr(0, mark));
      if (mark != std::string::npos) {
        const std::size_t begin = mark + sizeof(kDefaultMark) - 1;
        absl::StrAppend(&term.comment, "; default: ",
                        value.substr(begin, value.size() - begin - 1));
      }
    }
    if (const auto other = other_variables_.find(option->long_name());
        other != other_variables_.end()) {
      absl::StrAppend(&term.comment, " (also ", other->second, ")");
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

std::string ProgramFlags::Help() const {
  std::vector<HelpPage::Terms> terms;
  std::size_t widest = 0;
  for (const auto& [title, group] : groups_) {
    HelpPage::Terms& list = terms.emplace_back();
    for (Term& term : TermsOf(group)) {
      list.emplace_back(std::move(term.text), std::move(term.comment));
    }
    widest = std::max(widest, HelpPage::Widest(list));
  }
  HelpPage page(kPageWidth);
  page.Line(introduction_);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    page.Heading(groups_[i].first);
    page.Definitions(terms[i], widest);
  }
  page.Line("");
  page.Paragraph(absl::StrCat(
      "Flags win over variables of the environment, which win over the file of "
      "--config. A variable is the flag in capitals after ",
      prefix_, ": ", VariableOf("some-flag"),
      " is --some-flag. docs/configuration.md tells more."));
  if (!conclusion_.empty()) {
    page.Line("");
    page.Line(conclusion_);
  }
  return page.Take();
}

}  // namespace howdah::support
