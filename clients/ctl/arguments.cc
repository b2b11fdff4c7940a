#include "clients/ctl/arguments.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/ctl/field_values.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_macros.h"

namespace howdah::ctl {
namespace {

absl::Status Wrong(const std::string& sentence) {
  return absl::InvalidArgumentError(sentence);
}

std::string DidYouMean(absl::string_view word,
                       const std::vector<std::string>& candidates) {
  const std::string nearest = support::NearestName(word, candidates);
  return nearest.empty() ? "" : absl::StrCat(" Did you mean ", nearest, "?");
}

class Parser {
 public:
  Parser(const std::vector<std::string>& words, const CommandList& commands,
         SecretSource& secrets)
      : words_(words), commands_(commands), secrets_(secrets) {}

  absl::StatusOr<Invocation> Parse(const support::EnvironmentOf& environment) {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word == "--" && !only_words_) {
        only_words_ = true;
      } else if (!only_words_ && word.size() > 1 && word.front() == '-') {
        RETURN_IF_ERROR(Flag(word));
      } else {
        RETURN_IF_ERROR(Word(word));
      }
    }
    ASSIGN_OR_RETURN(result_.options,
                     ReadGlobalOptions(Globals(), environment));
    const bool calls = !result_.options.help && result_.options.print.empty();
    if (result_.command != nullptr && calls) {
      RETURN_IF_ERROR(CheckPositionals());
      RETURN_IF_ERROR(CheckCombination());
      if (result_.options.output == Output::kWide) AskForDetail();
    }
    return std::move(result_);
  }

 private:
  absl::Status Word(const std::string& word) {
    if (result_.command != nullptr) return Positional(word);
    result_.words.push_back(word);
    if (result_.words.size() < 2) return absl::OkStatus();
    const std::string& resource = result_.words.front();
    result_.command = commands_.Find(resource, word);
    if (result_.command != nullptr) {
      result_.request =
          commands_.NewMessage(result_.command->method->input_type());
    }
    return absl::OkStatus();
  }

  absl::Status Positional(const std::string& word) {
    const auto positionals = result_.command->Positionals();
    if (positionals_seen_ >= positionals.size()) {
      return Wrong(absl::StrCat("\"", word, "\" is one argument too many."));
    }
    return Set(*positionals[positionals_seen_++], word);
  }

  absl::Status Flag(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    if (result_.command != nullptr) {
      ASSIGN_OR_RETURN(const bool known, CommandFlag(name, value));
      if (known) return absl::OkStatus();
    }
    for (const GlobalFlag& flag : GlobalFlags()) {
      if (name == flag.flag || name == flag.brief) {
        return Global(flag, value);
      }
    }
    return Wrong(absl::StrCat("There is no flag ", name, " here.",
                              DidYouMean(name, KnownFlags())));
  }

  // False if the command has no such flag.
  absl::StatusOr<bool> CommandFlag(const std::string& name,
                                   std::optional<std::string> value) {
    const Command& command = *result_.command;
    std::string flag = name;
    if (name == "-n") flag = "--namespace";
    if (name == "-A" || name == "--all-namespaces") {
      const Parameter* scope = command.FindField("namespace");
      if (scope == nullptr ||
          scope->facts.format() != mcp::v1::FORMAT_NAMESPACE_OR_ALL) {
        return false;
      }
      RETURN_IF_ERROR(Set(*scope, "*"));
      return true;
    }
    if (const Parameter* parameter = command.FindFlag(flag)) {
      RETURN_IF_ERROR(Given(*parameter, std::move(value)));
      return true;
    }
    absl::string_view rest = flag;
    if (absl::ConsumePrefix(&rest, "--no-")) {
      const Parameter* parameter = command.FindFlag(absl::StrCat("--", rest));
      if (parameter == nullptr || !parameter->is_switch()) return false;
      if (value) return Wrong(absl::StrCat(name, " takes no value."));
      RETURN_IF_ERROR(Set(*parameter, "false"));
      return true;
    }
    if (absl::ConsumeSuffix(&rest, "-file")) {
      const Parameter* parameter = command.FindFlag(rest);
      if (parameter == nullptr || !parameter->facts.secret()) return false;
      RETURN_IF_ERROR(TakeValue(name, value));
      ASSIGN_OR_RETURN(const std::string secret, secrets_.ReadFile(*value));
      RETURN_IF_ERROR(Set(*parameter, secret));
      return true;
    }
    return false;
  }

  absl::Status Given(const Parameter& parameter,
                     std::optional<std::string> value) {
    if (parameter.facts.secret()) {
      if (value) {
        return Wrong(absl::StrCat(
            "A secret on the command line can be read by others. Use ",
            parameter.flag, " alone to be asked for it, or ", parameter.flag,
            "-file FILE (\"-\" is the standard input)."));
      }
      ASSIGN_OR_RETURN(value, secrets_.Ask(FirstSentence(parameter.comment)));
    } else if (parameter.is_switch()) {
      if (!value) value = "true";
    } else {
      RETURN_IF_ERROR(TakeValue(parameter.flag, value));
    }
    return Set(parameter, *value);
  }

  absl::Status Set(const Parameter& parameter, const std::string& value) {
    if (!seen_.insert(parameter.flag).second &&
        !parameter.field->is_repeated()) {
      return Wrong(absl::StrCat(parameter.flag, " is given twice."));
    }
    if (result_.command->facts.waitable()) {
      if (parameter.field->name() == "wait") {
        result_.wait = value == "true";
        return absl::OkStatus();
      }
      if (parameter.field->name() == "timeout" &&
          !absl::SimpleAtoi(value, &result_.wait_seconds)) {
        return Wrong("--timeout needs a number of seconds, for example 120.");
      }
    }
    return SetFieldFromText(parameter, value, *result_.request);
  }

  absl::Status TakeValue(const std::string& flag,
                         std::optional<std::string>& value) {
    if (value) return absl::OkStatus();
    if (next_ >= words_.size()) {
      return Wrong(absl::StrCat(flag, " needs a value."));
    }
    value = words_[next_++];
    return absl::OkStatus();
  }

  // The last one counts, so that an alias of the shell can be overruled.
  absl::Status Global(const GlobalFlag& flag,
                      std::optional<std::string> value) {
    if (flag.takes_value) RETURN_IF_ERROR(TakeValue(flag.flag, value));
    globals_[flag.flag] = std::move(value);
    return absl::OkStatus();
  }

  std::vector<std::string> Globals() const {
    std::vector<std::string> words;
    for (const auto& [flag, value] : globals_) {
      // An empty value cannot stand behind "=".
      const bool joined = value && !value->empty();
      words.push_back(joined ? absl::StrCat(flag, "=", *value) : flag);
      if (value && value->empty()) words.emplace_back();
    }
    return words;
  }

  // Tables of every field need them in the answer.
  void AskForDetail() {
    google::protobuf::Message& request = *result_.request;
    const auto* level =
        request.GetDescriptor()->FindFieldByName("detail_level");
    if (level == nullptr || level->enum_type() == nullptr ||
        request.GetReflection()->HasField(request, level)) {
      return;
    }
    const auto* detailed =
        level->enum_type()->FindValueByName("DETAIL_LEVEL_DETAILED");
    if (detailed == nullptr) return;
    request.GetReflection()->SetEnum(&request, level, detailed);
  }

  absl::Status CheckPositionals() const {
    const auto positionals = result_.command->Positionals();
    std::vector<std::string> missing;
    for (const Parameter* parameter : positionals) {
      if (seen_.count(parameter->flag) == 0) {
        missing.push_back(parameter->placeholder);
      }
    }
    for (const Parameter& parameter : result_.command->parameters) {
      if (parameter.facts.required() && !parameter.positional &&
          seen_.count(parameter.flag) == 0) {
        missing.push_back(parameter.flag);
      }
    }
    if (missing.empty()) return absl::OkStatus();
    return Wrong(absl::StrCat("Missing: ", absl::StrJoin(missing, ", "), "."));
  }

  absl::Status CheckCombination() const {
    if (result_.options.watch && !result_.command->reads()) {
      return Wrong("--watch is for commands that only read.");
    }
    return absl::OkStatus();
  }

  std::vector<std::string> KnownFlags() const {
    std::vector<std::string> flags;
    if (result_.command != nullptr) {
      for (const Parameter& parameter : result_.command->parameters) {
        if (!parameter.facts.hidden()) flags.push_back(parameter.flag);
      }
    }
    for (const GlobalFlag& flag : GlobalFlags()) flags.push_back(flag.flag);
    return flags;
  }

  const std::vector<std::string>& words_;
  const CommandList& commands_;
  SecretSource& secrets_;
  Invocation result_;
  std::map<std::string, std::optional<std::string>> globals_;
  std::set<std::string> seen_;
  size_t next_ = 0;
  size_t positionals_seen_ = 0;
  bool only_words_ = false;
};

}  // namespace

absl::StatusOr<Invocation> ParseArguments(
    const std::vector<std::string>& words,
    const support::EnvironmentOf& environment, const CommandList& commands,
    SecretSource& secrets) {
  return Parser(words, commands, secrets).Parse(environment);
}

}  // namespace howdah::ctl
