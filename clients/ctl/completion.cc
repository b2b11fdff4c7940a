#include "clients/ctl/completion.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/ctl/global_options.h"
#include "proto/support/enum_names.h"

namespace howdah::ctl {
namespace {

// Both also complete `./howdah ctl …`, the launcher's way of calling it.
constexpr char kBash[] =
    R"(# bash completion; source <(howdahctl completion bash)
_howdahctl() {
  local program=("${COMP_WORDS[0]}") first=1
  if [[ ${COMP_WORDS[0]##*/} == howdah ]]; then
    [[ ${COMP_WORDS[1]} == ctl && COMP_CWORD -gt 1 ]] || return
    program+=(ctl) first=2
  fi
  mapfile -t COMPREPLY < <("${program[@]}" __complete \
    "${COMP_WORDS[@]:first:COMP_CWORD-first+1}" 2>/dev/null)
}
complete -o default -F _howdahctl howdahctl howdah
)";

constexpr char kZsh[] = R"(#compdef howdahctl howdah
# zsh completion; source <(howdahctl completion zsh)
_howdahctl() {
  local -a program candidates
  local first=2
  program=("${words[1]}")
  if [[ ${words[1]:t} == howdah ]]; then
    [[ ${words[2]} == ctl && CURRENT -gt 2 ]] || return
    program+=(ctl) first=3
  fi
  candidates=("${(@f)$("${program[@]}" __complete "${(@)words[first,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _howdahctl howdahctl howdah
)";

bool IsFlag(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

// The value that follows a flag: its choices; nothing if it takes none.
struct FlagValue {
  bool takes_value = false;
  std::vector<std::string> choices;
};

FlagValue ValueOf(const std::string& flag, const Command* command) {
  const Parameter* parameter =
      command == nullptr ? nullptr : command->FindFlag(flag);
  if (parameter != nullptr) {
    if (parameter->field->enum_type() != nullptr) {
      return {true, support::EnumNames(parameter->field->enum_type())};
    }
    return {!parameter->is_switch() && !parameter->facts.secret(), {}};
  }
  for (const GlobalFlag& global : GlobalFlags()) {
    if (flag == global.flag || (flag == global.brief && !flag.empty())) {
      return {global.takes_value, global.choices};
    }
  }
  return {flag == "-n", {}};
}

std::vector<std::string> Flags(const Command* command) {
  std::vector<std::string> flags;
  if (command != nullptr) {
    for (const Parameter& parameter : command->parameters) {
      if (parameter.facts.hidden() || parameter.positional) continue;
      flags.push_back(parameter.flag);
      if (parameter.facts.default_json() == "true") {
        flags.push_back(absl::StrCat("--no-", parameter.flag.substr(2)));
      }
    }
  }
  for (const GlobalFlag& flag : GlobalFlags()) flags.push_back(flag.flag);
  return flags;
}

std::vector<std::string> CommandWords(const std::vector<std::string>& names,
                                      const CommandList& commands) {
  std::vector<std::string> words;
  if (names.empty()) {
    for (const Resource& resource : commands.resources()) {
      words.push_back(resource.word);
    }
    words.emplace_back("rbac");
    words.emplace_back("completion");
  } else if (names.size() == 1 && names.front() == "completion") {
    words = {"bash", "zsh"};
  } else if (names.size() == 1) {
    const Resource* resource = commands.FindResource(names.front());
    if (resource == nullptr) return words;
    for (const Command& command : resource->commands) {
      words.push_back(command.verb);
    }
  }
  return words;
}

}  // namespace

std::string CompletionScript(absl::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  return "";
}

std::vector<std::string> Complete(const std::vector<std::string>& words,
                                  const CommandList& commands) {
  std::string last = words.empty() ? "" : words.back();
  // What the shell keeps before the candidate: "--output=" of "--output=j".
  std::string kept;
  std::vector<std::string> names;
  FlagValue pending;
  const Command* command = nullptr;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (pending.takes_value) {
      // Bash takes "--output=j" for three words.
      if (words[i] != "=") pending = {};
    } else if (IsFlag(words[i])) {
      pending = ValueOf(words[i], command);
    } else {
      names.push_back(words[i]);
      if (names.size() == 2) command = commands.Find(names[0], names[1]);
    }
  }
  if (pending.takes_value && last == "=") last.clear();
  if (const size_t equals = last.find('=');
      IsFlag(last) && equals != last.npos) {
    pending = ValueOf(last.substr(0, equals), command);
    if (!pending.takes_value) return {};
    kept = last.substr(0, equals + 1);
    last.erase(0, equals + 1);
  }
  const std::vector<std::string> all = pending.takes_value ? pending.choices
                                       : absl::StartsWith(last, "-")
                                           ? Flags(command)
                                           : CommandWords(names, commands);
  std::vector<std::string> candidates;
  for (const std::string& candidate : all) {
    if (absl::StartsWith(candidate, last)) {
      candidates.push_back(kept + candidate);
    }
  }
  return candidates;
}

}  // namespace howdah::ctl
