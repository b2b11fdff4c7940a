#include "backend/aws/command_line.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aws/canonical_arguments.h"
#include "backend/aws/errors.h"
#include "backend/aws/global_options.h"
#include "backend/aws/json_value.h"
#include "backend/aws/local_files.h"
#include "backend/aws/shell_words.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_macros.h"
#include "re2/re2.h"

namespace howdah::aws {
namespace {

using nlohmann::json;

constexpr size_t kMaxQueryBytes = 4096;

bool IsOptionWord(absl::string_view word) {
  return absl::StartsWith(word, "--");
}

bool IsNumber(absl::string_view text) {
  double number;
  return !text.empty() && absl::SimpleAtod(text, &number);
}

// What argparse takes for a negative number.
const RE2& NegativeNumber() {
  static const RE2* const kNumber = new RE2("-\\d+|-\\d*\\.\\d+");
  return *kNumber;
}

// Reads the words of one command. Threads: not safe; used once.
class Reader {
 public:
  Reader(const CommandIndex& index, std::vector<std::string> words)
      : index_(index), words_(std::move(words)) {}

  absl::StatusOr<ParsedCommand> Read(const CommandRequest& request);

 private:
  bool AtEnd() const { return next_ >= words_.size(); }
  const std::string& Peek() const { return words_[next_]; }

  absl::Status ReadPath();
  absl::Status ReadArguments();
  absl::Status ReadOption();
  absl::Status ReadGlobal(const GlobalOption& option,
                          const std::optional<std::string>& joined);
  absl::Status TakeGlobal(absl::string_view name, const std::string& value);
  absl::Status ReadValues(Argument& argument,
                          const std::optional<std::string>& joined);
  absl::Status ReadPositional();
  absl::Status ReadInputJson(const std::string& text);
  absl::Status AddArgument(Argument argument);

  absl::Status CheckValues(Argument& argument);
  absl::Status CheckValue(const Option& option, const std::string& value);
  void AddClientToken(const std::string& token);
  absl::Status CheckMembersOnce() const;
  absl::Status CheckRequired() const;

  absl::Status Unknown(absl::string_view word) const;
  absl::Status Invalid(absl::string_view problem) const {
    return CommandInvalid(parsed_.command->Name(), problem);
  }

  const CommandIndex& index_;
  const std::vector<std::string> words_;
  size_t next_ = 0;
  std::vector<std::string> path_;
  std::vector<std::string> globals_;       // names, to find what is there twice
  std::vector<std::string> kept_globals_;  // for argv
  bool has_input_json_ = false;
  ParsedCommand parsed_;
};

absl::StatusOr<ParsedCommand> Reader::Read(const CommandRequest& request) {
  if (!words_.empty() && words_[0] == "aws") ++next_;
  RETURN_IF_ERROR(ReadPath());
  RETURN_IF_ERROR(ReadArguments());
  RETURN_IF_ERROR(TakeS3Paths(parsed_));
  AddClientToken(request.client_token);
  RETURN_IF_ERROR(CheckMembersOnce());
  RETURN_IF_ERROR(CheckRequired());
  for (const auto& [field, given, name] :
       {std::tuple{&parsed_.profile, &request.profile, "--profile"},
        std::tuple{&parsed_.region, &request.region, "--region"}}) {
    if (field->empty()) *field = *given;
    if (!given->empty() && *field != *given) {
      return OptionRefused(name, absl::StrCat("the call itself names \"",
                                              *given, "\"; give it once."));
    }
  }
  RETURN_IF_ERROR(
      SetCanonicalArguments(index_.FetchesUrls(), kept_globals_, parsed_));
  return std::move(parsed_);
}

absl::Status Reader::ReadPath() {
  std::string service;
  while (!AtEnd()) {
    if (IsOptionWord(Peek())) {
      const std::string name = Peek().substr(0, Peek().find('='));
      if (FindGlobalOption(name) == nullptr) break;
      RETURN_IF_ERROR(ReadOption());
      continue;
    }
    if (service.empty()) {
      service = words_[next_++];
      if (!std::binary_search(index_.services().begin(),
                              index_.services().end(), service)) {
        return CommandUnknown(service, "service",
                              support::NearestName(service, index_.services()));
      }
      ASSIGN_OR_RETURN(parsed_.service, index_.Service(service));
      continue;
    }
    std::vector<std::string> longer = path_;
    longer.push_back(Peek());
    const bool is_more = parsed_.service->Find(longer) != nullptr ||
                         parsed_.service->HasGroup(longer);
    if (!is_more) break;
    path_ = std::move(longer);
    ++next_;
  }
  if (service.empty()) {
    return CommandUnknown("", "service", "s3api list-buckets");
  }
  parsed_.command = parsed_.service->Find(path_);
  if (parsed_.command != nullptr) return absl::OkStatus();
  return Unknown(AtEnd() ? "" : Peek());
}

absl::Status Reader::Unknown(absl::string_view word) const {
  const std::string start =
      absl::StrJoin(words_.begin(), words_.begin() + next_, " ");
  if (word == "help") {
    return OptionRefused("help",
                         "it opens a pager; explain_aws_command tells about a "
                         "command.");
  }
  const std::vector<std::string> known = parsed_.service->WordsAfter(path_);
  if (word.empty() || IsOptionWord(word)) {
    const size_t shown = std::min<size_t>(known.size(), 8);
    return CommandUnknown(
        start, "complete command",
        absl::StrCat(start, " ",
                     absl::StrJoin(known.begin(), known.begin() + shown, "|")));
  }
  return CommandUnknown(absl::StrCat(start, " ", word), "command",
                        support::NearestName(word, known));
}

absl::Status Reader::ReadArguments() {
  while (!AtEnd()) {
    if (Peek() == "--") {
      return Invalid("\"--\" is not needed and not taken.");
    }
    if (IsOptionWord(Peek())) {
      RETURN_IF_ERROR(ReadOption());
    } else {
      RETURN_IF_ERROR(ReadPositional());
    }
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadOption() {
  const std::string word = words_[next_++];
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  std::optional<std::string> joined;
  if (equals != std::string::npos) joined = word.substr(equals + 1);
  // The CLI's own order, except that a hidden option can still be a member.
  const Option* option =
      parsed_.command == nullptr ? nullptr : parsed_.command->FindOption(name);
  if (option == nullptr) {
    if (const GlobalOption* global = FindGlobalOption(name)) {
      return ReadGlobal(*global, joined);
    }
    std::vector<std::string> known;
    for (const Option& one : parsed_.command->options) {
      if (!one.positional) known.push_back(one.name);
    }
    const std::string nearest = support::NearestName(name, known);
    return Invalid(absl::StrCat(
        "it has no option ", name,
        nearest.empty() ? "." : absl::StrCat("; did you mean ", nearest, "?"),
        " Names of options are taken exactly."));
  }
  Argument argument{.option = option};
  RETURN_IF_ERROR(ReadValues(argument, joined));
  return AddArgument(std::move(argument));
}

absl::Status Reader::ReadGlobal(const GlobalOption& option,
                                const std::optional<std::string>& joined) {
  const std::string name(option.name);
  if (!option.refusal.empty()) return OptionRefused(name, option.refusal);
  if (std::count(globals_.begin(), globals_.end(), name) > 0) {
    return OptionRefused(name, "it is there twice.");
  }
  globals_.push_back(name);
  if (!option.takes_value) {
    if (joined.has_value()) return OptionRefused(name, "it takes no value.");
    if (name == "--no-paginate") kept_globals_.push_back(name);
    return absl::OkStatus();
  }
  if (joined.has_value()) return TakeGlobal(name, *joined);
  if (AtEnd() || absl::StartsWith(Peek(), "-")) {
    return OptionRefused(name, "its value is missing.");
  }
  return TakeGlobal(name, words_[next_++]);
}

absl::Status Reader::TakeGlobal(absl::string_view name,
                                const std::string& value) {
  if (value.empty()) return OptionRefused(name, "its value is empty.");
  if (name == "--profile") {
    parsed_.profile = value;
  } else if (name == "--region") {
    parsed_.region = value;
  } else if (name == "--query") {
    if (value.size() > kMaxQueryBytes) {
      return OptionRefused(
          name, absl::StrCat("it is longer than ", kMaxQueryBytes, " bytes."));
    }
    parsed_.query = value;
  } else if (name == "--output") {
    if (value != "json") {
      return OptionRefused(name,
                           "results are always structured, as JSON; leave it "
                           "out and choose fields with --query.");
    }
  } else if (name == "--cli-binary-format") {
    if (value != "base64" && value != "raw-in-base64-out") {
      return OptionRefused(name, "it is base64 or raw-in-base64-out.");
    }
    if (index_.FetchesUrls()) {
      return OptionRefused(name, "the installed AWS CLI is of version 1.");
    }
    kept_globals_.push_back(absl::StrCat(name, "=", value));
  }
  // --color changes nothing here.
  return absl::OkStatus();
}

absl::Status Reader::ReadValues(Argument& argument,
                                const std::optional<std::string>& joined) {
  const Option& option = *argument.option;
  if (joined.has_value()) {
    if (option.values == OptionValues::kNone) {
      return Invalid(absl::StrCat(option.name, " takes no value."));
    }
    argument.values.push_back(*joined);
    return absl::OkStatus();
  }
  const auto is_value = [&] {
    if (AtEnd() || IsOptionWord(Peek())) return false;
    // A word that begins with "-" is a value only where it cannot be mistaken.
    return !absl::StartsWith(Peek(), "-") || Peek() == "-" ||
           RE2::FullMatch(Peek(), NegativeNumber()) ||
           option.values == OptionValues::kOne;
  };
  const size_t most = option.values == OptionValues::kMany
                          ? static_cast<size_t>(option.max_values)
                      : option.values == OptionValues::kNone ? 0
                                                             : 1;
  while (argument.values.size() < most && is_value()) {
    argument.values.push_back(words_[next_++]);
  }
  const bool may_be_empty = option.values == OptionValues::kNone ||
                            option.values == OptionValues::kOptional;
  if (argument.values.empty() && !may_be_empty) {
    return Invalid(absl::StrCat("the value of ", option.name,
                                " is missing (one that begins with \"--\" is "
                                "written ",
                                option.name, "=VALUE)."));
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadPositional() {
  const std::string& word = words_[next_++];
  if (word == "help") return Unknown(word);
  if (absl::StartsWith(word, "-") && word != "-") {
    return Invalid(absl::StrCat("\"", word, "\" is no option and no value."));
  }
  for (const Option& option : parsed_.command->options) {
    if (!option.positional) continue;
    for (Argument& argument : parsed_.arguments) {
      if (argument.option == &option &&
          argument.values.size() <
              static_cast<size_t>(std::max(option.max_values, 1))) {
        argument.values.push_back(word);
        return CheckValues(argument);
      }
    }
    if (parsed_.Find(option.name) == nullptr) {
      return AddArgument({.option = &option, .values = {word}});
    }
  }
  return Invalid(absl::StrCat("\"", word,
                              "\" belongs to no option; values with blanks "
                              "are put in quotes."));
}

absl::Status Reader::AddArgument(Argument argument) {
  const Option& option = *argument.option;
  if (parsed_.Find(option.name) != nullptr) {
    return Invalid(absl::StrCat(option.name, " is there twice."));
  }
  if (option.name == "--cli-input-yaml") {
    return OptionRefused(option.name, "use --cli-input-json.");
  }
  if (option.name == "--cli-input-json") {
    return ReadInputJson(argument.values[0]);
  }
  if (option.name == "--generate-cli-skeleton") parsed_.only_skeleton = true;
  RETURN_IF_ERROR(CheckValues(argument));
  parsed_.arguments.push_back(std::move(argument));
  return absl::OkStatus();
}

absl::Status Reader::ReadInputJson(const std::string& text) {
  constexpr absl::string_view kName = "--cli-input-json";
  if (has_input_json_) return Invalid(absl::StrCat(kName, " is there twice."));
  has_input_json_ = true;
  if (IsFileReference(text)) {
    return LocalFileRefused(kName, "put the JSON itself there.");
  }
  std::optional<json> input = ParseJsonValue(text);
  if (!input.has_value() || !input->is_object()) {
    return Invalid(absl::StrCat(kName, " is not a JSON object."));
  }
  for (const auto& [member, value] : input->items()) {
    if (parsed_.command->FindMember(member) == nullptr) {
      return Invalid(absl::StrCat(kName, " has the member \"", member,
                                  "\", which the operation does not have."));
    }
  }
  parsed_.input = *std::move(input);
  return absl::OkStatus();
}

absl::Status Reader::CheckValues(Argument& argument) {
  for (const std::string& value : argument.values) {
    RETURN_IF_ERROR(CheckValue(*argument.option, value));
  }
  return TakeFiles(argument, parsed_);
}

absl::Status Reader::CheckValue(const Option& option,
                                const std::string& value) {
  if (IsFileReference(value)) {
    return LocalFileRefused(option.name,
                            "file:// and fileb:// are not taken; put the "
                            "content itself there.");
  }
  const bool is_shorthand = option.IsStructured() && !IsJsonText(value);
  if (is_shorthand && absl::StrContains(value, "@=")) {
    return LocalFileRefused(option.name,
                            "\"@=\" loads files; write the value as JSON if "
                            "you mean the characters.");
  }
  if (!option.choices.empty() &&
      std::count(option.choices.begin(), option.choices.end(), value) == 0) {
    return Invalid(absl::StrCat(option.name, " is one of ",
                                absl::StrJoin(option.choices, ", "), "."));
  }
  if (option.IsNumeric() && !IsNumber(value)) {
    return Invalid(absl::StrCat(option.name, " is a number."));
  }
  return absl::OkStatus();
}

void Reader::AddClientToken(const std::string& token) {
  if (token.empty() || parsed_.only_skeleton) return;
  const Option* option = parsed_.command->ClientTokenOption();
  if (option == nullptr || parsed_.SetsMember(option->member)) return;
  parsed_.arguments.push_back({.option = option, .values = {token}});
}

absl::Status Reader::CheckMembersOnce() const {
  std::vector<std::string> members;
  for (const auto& [member, value] : parsed_.input.items()) {
    members.push_back(member);
  }
  for (const Argument& argument : parsed_.arguments) {
    const std::string& member = argument.option->member;
    if (member.empty()) continue;
    if (std::count(members.begin(), members.end(), member) > 0) {
      return Invalid(
          absl::StrCat(argument.option->name, " sets what is set already."));
    }
    members.push_back(member);
  }
  return absl::OkStatus();
}

absl::Status Reader::CheckRequired() const {
  if (parsed_.only_skeleton) return absl::OkStatus();
  std::vector<std::string> missing;
  for (const Option& option : parsed_.command->options) {
    if (!option.required || parsed_.Find(option.name) != nullptr) continue;
    if (!option.member.empty() && parsed_.input.contains(option.member)) {
      continue;
    }
    missing.push_back(option.name);
  }
  if (missing.empty()) return absl::OkStatus();
  return Invalid(absl::StrCat("it needs ", absl::StrJoin(missing, ", "), "."));
}

}  // namespace

absl::StatusOr<ParsedCommand> ParseCommand(const CommandIndex& index,
                                           const CommandRequest& request) {
  ASSIGN_OR_RETURN(std::vector<std::string> words, SplitWords(request.command));
  return Reader(index, std::move(words)).Read(request);
}

}  // namespace howdah::aws
