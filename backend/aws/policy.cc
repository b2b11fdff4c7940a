#include "backend/aws/policy.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aws/errors.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_macros.h"
#include "yaml-cpp/yaml.h"

namespace howdah::aws {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 20;
constexpr size_t kMaxRules = 1000;

// `*` stands for any characters, as in file names but with no others special.
bool Matches(absl::string_view pattern, absl::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = absl::string_view::npos;
  size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesAny(const std::vector<std::string>& patterns,
                absl::string_view text) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                         [&](const std::string& pattern) {
                                           return Matches(pattern, text);
                                         });
}

// The flags that a rule can name.
constexpr std::pair<absl::string_view, CommandFlags> kFlags[] = {
    {"RETURNS_SECRET", kReturnsSecret}, {"RETURNS_DATA", kReturnsData},
    {"LOCAL_FILE", kLocalFile},         {"EXECUTES_CODE", kExecutesCode},
    {"NEVER_ENDS", kNeverEnds},         {"COSTS", kCosts},
    {"SIDE_EFFECT", kSideEffect},       {"SENSITIVE_FIELDS", kSensitiveFields},
};
constexpr std::pair<absl::string_view, CommandClass> kClasses[] = {
    {"READ", CommandClass::kRead},
    {"WRITE", CommandClass::kWrite},
    {"DESTRUCTIVE", CommandClass::kDestructive},
    {"EXECUTE", CommandClass::kExecute},
};
constexpr std::pair<absl::string_view, RuleEffect> kEffects[] = {
    {"allow", RuleEffect::kAllow},
    {"confirm", RuleEffect::kConfirm},
    {"deny", RuleEffect::kDeny},
};

// Reads a file strictly: every key is known and there once, every value of the
// kind that belongs there. Throws nothing but what yaml-cpp throws.
// Threads: not safe; used once.
class FileReader {
 public:
  explicit FileReader(absl::string_view path) : path_(path) {}

  struct Content {
    std::vector<std::string> profiles;
    std::vector<std::string> regions;
    std::vector<CallerRule> callers;
    RuleEffect otherwise = RuleEffect::kAllow;
    std::vector<PolicyRule> rules;
  };

  absl::StatusOr<Content> Read(const YAML::Node& root) {
    RETURN_IF_ERROR(CheckKeys(root, {"version", "profiles", "regions",
                                     "callers", "otherwise", "rules"}));
    const YAML::Node version = root["version"];
    if (!version || !version.IsScalar() || version.Scalar() != "1") {
      return Wrong(version ? version : root, "\"version: 1\" is needed");
    }
    Content content;
    ASSIGN_OR_RETURN(content.profiles, Patterns(root["profiles"]));
    ASSIGN_OR_RETURN(content.regions, Patterns(root["regions"]));
    ASSIGN_OR_RETURN(content.callers, Callers(root["callers"]));
    if (const YAML::Node otherwise = root["otherwise"]) {
      ASSIGN_OR_RETURN(content.otherwise, One(otherwise, kEffects));
    }
    const YAML::Node rules = root["rules"];
    if (!rules) return content;
    if (!rules.IsSequence()) return Wrong(rules, "rules are a list");
    if (rules.size() > kMaxRules) return Wrong(rules, "these are too many");
    for (const YAML::Node& node : rules) {
      ASSIGN_OR_RETURN(PolicyRule rule, Rule(node));
      for (const PolicyRule& other : content.rules) {
        if (other.name == rule.name) {
          return Wrong(node, absl::StrCat("a rule before is named \"",
                                          rule.name, "\" too"));
        }
      }
      content.rules.push_back(std::move(rule));
    }
    return content;
  }

  absl::Status Wrong(const YAML::Mark& mark, absl::string_view problem) const {
    return PolicyInvalid(
        absl::StrCat(path_, ":", mark.line + 1, ":", mark.column + 1), problem);
  }

 private:
  absl::Status Wrong(const YAML::Node& node, absl::string_view problem) const {
    return Wrong(node.Mark(), problem);
  }

  absl::StatusOr<std::vector<CallerRule>> Callers(const YAML::Node& node) {
    std::vector<CallerRule> callers;
    if (!node) return callers;
    // An empty list would be a file that limits nobody, though it says so.
    if (!node.IsSequence() || node.size() == 0) {
      return Wrong(node, "this has to be a list of at least one caller");
    }
    if (node.size() > kMaxRules) return Wrong(node, "these are too many");
    for (const YAML::Node& one : node) {
      RETURN_IF_ERROR(
          CheckKeys(one, {"names", "groups", "profiles", "regions"}));
      if (!one["names"] && !one["groups"]) {
        return Wrong(one, "callers have names or groups");
      }
      CallerRule caller;
      ASSIGN_OR_RETURN(caller.names, Patterns(one["names"]));
      ASSIGN_OR_RETURN(caller.groups, Patterns(one["groups"]));
      ASSIGN_OR_RETURN(caller.profiles, Patterns(one["profiles"]));
      ASSIGN_OR_RETURN(caller.regions, Patterns(one["regions"]));
      callers.push_back(std::move(caller));
    }
    return callers;
  }

  absl::StatusOr<PolicyRule> Rule(const YAML::Node& node) {
    RETURN_IF_ERROR(
        CheckKeys(node, {"name", "effect", "services", "commands", "classes",
                         "flags", "profiles", "regions", "reveal"}));
    PolicyRule rule;
    const YAML::Node name = node["name"];
    if (!name || !name.IsScalar() || name.Scalar().empty()) {
      return Wrong(name ? name : node, "a rule needs a name");
    }
    rule.name = name.Scalar();
    if (!node["effect"]) return Wrong(node, "a rule needs an effect");
    ASSIGN_OR_RETURN(rule.effect, One(node["effect"], kEffects));
    ASSIGN_OR_RETURN(rule.services, Patterns(node["services"]));
    ASSIGN_OR_RETURN(rule.commands, Patterns(node["commands"]));
    ASSIGN_OR_RETURN(rule.profiles, Patterns(node["profiles"]));
    ASSIGN_OR_RETURN(rule.regions, Patterns(node["regions"]));
    ASSIGN_OR_RETURN(rule.classes, Several(node["classes"], kClasses));
    ASSIGN_OR_RETURN(const std::vector<CommandFlags> flags,
                     Several(node["flags"], kFlags));
    for (const CommandFlags flag : flags) rule.flags |= flag;
    RETURN_IF_ERROR(Reveal(node["reveal"], rule));
    return rule;
  }

  absl::Status Reveal(const YAML::Node& node, PolicyRule& rule) const {
    constexpr std::pair<absl::string_view, CommandFlags> kReveals[] = {
        {"secrets", kReturnsSecret}, {"data", kReturnsData}};
    ASSIGN_OR_RETURN(const std::vector<CommandFlags> reveals,
                     Several(node, kReveals));
    for (const CommandFlags flag : reveals) {
      rule.reveal_secrets |= flag == kReturnsSecret;
      rule.reveal_data |= flag == kReturnsData;
    }
    if (!reveals.empty() && rule.effect == RuleEffect::kDeny) {
      return Wrong(node, "a rule that denies cannot reveal");
    }
    return absl::OkStatus();
  }

  absl::Status CheckKeys(const YAML::Node& node,
                         const std::vector<std::string>& known) const {
    if (!node.IsMap()) return Wrong(node, "this is not a mapping of keys");
    std::vector<std::string> seen;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return Wrong(member.first, "not a key");
      const std::string& key = member.first.Scalar();
      if (std::count(known.begin(), known.end(), key) == 0) {
        const std::string nearest = support::NearestName(key, known);
        return Wrong(
            member.first,
            absl::StrCat(
                "unknown key \"", key, "\"",
                nearest.empty()
                    ? absl::StrCat("; known are ", absl::StrJoin(known, ", "))
                    : absl::StrCat("; did you mean \"", nearest, "\"?")));
      }
      if (std::count(seen.begin(), seen.end(), key) > 0) {
        return Wrong(member.first,
                     absl::StrCat("\"", key, "\" is there twice"));
      }
      seen.push_back(key);
    }
    return absl::OkStatus();
  }

  // Absent: empty. There, but empty: refused, since it would match everything.
  absl::StatusOr<std::vector<YAML::Node>> Elements(
      const YAML::Node& node) const {
    std::vector<YAML::Node> elements;
    if (!node) return elements;
    if (!node.IsSequence() || node.size() == 0) {
      return Wrong(node, "this has to be a list of at least one value");
    }
    for (const YAML::Node& element : node) {
      if (!element.IsScalar() || element.Scalar().empty()) {
        return Wrong(element, "this has to be a text");
      }
      elements.push_back(element);
    }
    return elements;
  }

  absl::StatusOr<std::vector<std::string>> Patterns(
      const YAML::Node& node) const {
    ASSIGN_OR_RETURN(const std::vector<YAML::Node> elements, Elements(node));
    std::vector<std::string> patterns;
    for (const YAML::Node& element : elements) {
      const std::string& pattern = element.Scalar();
      const bool clean =
          std::all_of(pattern.begin(), pattern.end(), [](char c) {
            return absl::ascii_isprint(c) && c != '?' && c != '[' && c != '|';
          });
      if (!clean) {
        return Wrong(element, "a pattern has names and \"*\", nothing else");
      }
      patterns.push_back(pattern);
    }
    return patterns;
  }

  template <typename Value, size_t kCount>
  absl::StatusOr<Value> One(
      const YAML::Node& node,
      const std::pair<absl::string_view, Value> (&known)[kCount]) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : known) {
      if (node.IsScalar() && node.Scalar() == name) return value;
      names.emplace_back(name);
    }
    return Wrong(node, absl::StrCat("this has to be one of ",
                                    absl::StrJoin(names, ", ")));
  }

  template <typename Value, size_t kCount>
  absl::StatusOr<std::vector<Value>> Several(
      const YAML::Node& node,
      const std::pair<absl::string_view, Value> (&known)[kCount]) const {
    ASSIGN_OR_RETURN(const std::vector<YAML::Node> elements, Elements(node));
    std::vector<Value> values;
    for (const YAML::Node& element : elements) {
      ASSIGN_OR_RETURN(const Value value, One(element, known));
      values.push_back(value);
    }
    return values;
  }

  const std::string path_;
};

std::string ProfileName(absl::string_view profile) {
  return profile.empty() ? "default" : std::string(profile);
}

absl::string_view WhatItIs(const Classification& what) {
  switch (what.command_class) {
    case CommandClass::kDestructive:
      return "it is destructive";
    case CommandClass::kExecute:
      return "it runs something";
    default:
      return "it is a write";
  }
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(absl::string_view text,
                                     absl::string_view path) {
  FileReader reader(path);
  if (text.size() > kMaxFileBytes) {
    return PolicyInvalid(path, "the file is larger than 1 MiB");
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() != 1) {
      return PolicyInvalid(absl::StrCat(path, ":1:1"),
                           "the file has to be one YAML document");
    }
    ASSIGN_OR_RETURN(FileReader::Content content, reader.Read(documents[0]));
    Policy policy;
    policy.profiles_ = std::move(content.profiles);
    policy.regions_ = std::move(content.regions);
    policy.callers_ = std::move(content.callers);
    policy.otherwise_ = content.otherwise;
    policy.rules_ = std::move(content.rules);
    return policy;
  } catch (const YAML::Exception& problem) {
    return reader.Wrong(problem.mark, problem.msg);
  }
}

absl::StatusOr<Policy> Policy::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return PolicyInvalid(path, "the file cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return Parse(text, path);
}

const CallerRule* Policy::RuleOf(const Caller& caller) const {
  const auto names = [&](const CallerRule& rule) {
    if (!rule.names.empty() && MatchesAny(rule.names, caller.name)) return true;
    return !rule.groups.empty() &&
           std::any_of(caller.groups.begin(), caller.groups.end(),
                       [&](const std::string& group) {
                         return MatchesAny(rule.groups, group);
                       });
  };
  const auto found = std::find_if(callers_.begin(), callers_.end(), names);
  return found == callers_.end() ? nullptr : &*found;
}

bool Policy::AllowsProfile(const Caller& caller,
                           absl::string_view profile) const {
  const std::string name = ProfileName(profile);
  if (!MatchesAny(profiles_, name)) return false;
  if (callers_.empty()) return true;
  const CallerRule* rule = RuleOf(caller);
  return rule != nullptr && MatchesAny(rule->profiles, name);
}

bool Policy::AllowsRegion(const Caller& caller,
                          absl::string_view region) const {
  if (!MatchesAny(regions_, region)) return false;
  if (callers_.empty()) return true;
  const CallerRule* rule = RuleOf(caller);
  return rule != nullptr && MatchesAny(rule->regions, region);
}

const PolicyRule* Policy::FirstMatch(const Command& command,
                                     const Classification& what,
                                     const Target& target) const {
  for (const PolicyRule& rule : rules_) {
    const auto& classes = rule.classes;
    if (MatchesAny(rule.services, command.service) &&
        MatchesAny(rule.commands, command.Name()) &&
        (classes.empty() ||
         std::count(classes.begin(), classes.end(), what.command_class) > 0) &&
        (rule.flags == 0 || what.Has(rule.flags)) &&
        MatchesAny(rule.profiles, ProfileName(target.profile)) &&
        MatchesAny(rule.regions, target.region)) {
      return &rule;
    }
  }
  return nullptr;
}

absl::Status Policy::CheckTarget(const ParsedCommand& parsed,
                                 const Target& target) const {
  if (!AllowsProfile(target.caller, target.profile)) {
    return ProfileNotAllowed(ProfileName(target.profile));
  }
  if (!AllowsRegion(target.caller, target.region)) {
    return RegionNotAllowed(target.region);
  }
  // Some commands also call the region that they copy from.
  for (const Argument& argument : parsed.arguments) {
    if (argument.option->name == "--source-region" &&
        !AllowsRegion(target.caller, absl::StrJoin(argument.values, ""))) {
      return RegionNotAllowed(absl::StrJoin(argument.values, ""));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Decision> Policy::Decide(Tool tool, const ParsedCommand& parsed,
                                        const Classification& what,
                                        const Target& target) const {
  const std::string name = parsed.command->Name();
  if (what.command_class == CommandClass::kForbidden) {
    return CommandForbidden(name, what.reason);
  }
  if (tool == Tool::kRead && what.command_class != CommandClass::kRead) {
    return NotARead(name, absl::StrCat(WhatItIs(what), ": ", what.reason));
  }
  RETURN_IF_ERROR(CheckTarget(parsed, target));
  const PolicyRule* rule = FirstMatch(*parsed.command, what, target);
  const RuleEffect effect = rule == nullptr ? otherwise_ : rule->effect;
  if (effect == RuleEffect::kDeny) {
    return PolicyDenied(name, rule == nullptr ? "otherwise" : rule->name);
  }
  if (what.Has(kReturnsSecret) && (rule == nullptr || !rule->reveal_secrets)) {
    return SecretsNotAllowed(name, what.reason);
  }
  if (what.Has(kReturnsData) && (rule == nullptr || !rule->reveal_data)) {
    return DataNotAllowed(name, what.reason);
  }
  Decision decision;
  if (rule != nullptr) decision.rule = rule->name;
  decision.needs_confirmation =
      effect == RuleEffect::kConfirm ||
      what.command_class == CommandClass::kDestructive ||
      what.command_class == CommandClass::kExecute;
  return decision;
}

}  // namespace howdah::aws
