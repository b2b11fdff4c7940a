#include "backend/local/api/selectors.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/names.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

absl::Status Unparsable(absl::string_view text, absl::string_view why) {
  return BadRequest(absl::StrCat("unable to parse requirement: ", why,
                                 " in selector \"", text, "\""));
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '_' || c == '.' || c == '/';
}

// What Kubernetes says of a requirement that can be read, but not be met by any
// label; empty if one could.
std::string Misfit(absl::string_view key,
                   const std::vector<std::string>& values, bool numeric) {
  std::string why = CheckQualifiedName(key);
  if (!why.empty()) {
    return absl::StrCat("<nil>: Invalid value: \"", key, "\": ", why);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (int64_t number = 0; numeric && !absl::SimpleAtoi(values[i], &number)) {
      return absl::StrCat("values[", i, "]: Invalid value: \"", values[i],
                          "\": for 'Gt', 'Lt' operators, the value must be an "
                          "integer");
    }
    why = CheckLabelValue(values[i]);
    if (!why.empty()) {
      return absl::StrCat("values[", i, "][", key, "]: Invalid value: \"",
                          values[i], "\": ", why);
    }
  }
  return "";
}

// Terms between commas, of which `\\,` is none.
std::vector<std::string> Terms(absl::string_view text) {
  std::vector<std::string> terms(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      terms.emplace_back();
      continue;
    }
    terms.back() += text[i];
    if (text[i] == '\\' && i + 1 < text.size()) terms.back() += text[++i];
  }
  return terms;
}

absl::StatusOr<std::string> Unescaped(absl::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '=' || value[i] == ',') {
      return BadRequest(
          absl::StrCat("invalid field selector: unescaped character in value: ",
                       static_cast<int>(value[i])));
    }
    if (value[i] != '\\') {
      out += value[i];
      continue;
    }
    const absl::string_view escaped = value.substr(i + 1, 1);
    if (escaped.empty() || !absl::StrContains("\\,=", escaped)) {
      return BadRequest(absl::StrCat(
          "invalid field selector: invalid escape sequence: \\", escaped));
    }
    out += value[++i];
  }
  return out;
}

// Cuts a selector into names and operators.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  std::string Name() {
    SkipSpace();
    size_t start = at_;
    while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  bool Take(absl::string_view token) {
    SkipSpace();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  bool AtEnd() {
    SkipSpace();
    return at_ >= text_.size();
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  absl::string_view text_;
  size_t at_ = 0;
};

const Json* Labels(const Json& object) {
  auto metadata = object.find("metadata");
  if (metadata == object.end()) return nullptr;
  auto labels = metadata->find("labels");
  return labels == metadata->end() ? nullptr : &*labels;
}

// The text of the field with this dotted path; "" if it is missing.
std::string FieldText(const Json& object, absl::string_view path) {
  const Json* at = &object;
  for (absl::string_view key : absl::StrSplit(path, '.')) {
    if (!at->is_object()) return "";
    auto found = at->find(std::string(key));
    if (found == at->end()) return "";
    at = &*found;
  }
  if (at->is_string()) return at->get<std::string>();
  return at->is_structured() || at->is_null() ? "" : at->dump();
}

}  // namespace

absl::StatusOr<LabelSelector> LabelSelector::Parse(absl::string_view text) {
  LabelSelector selector;
  Scanner scanner(text);
  if (scanner.AtEnd()) return selector;
  do {
    Requirement one;
    bool negated = scanner.Take("!");
    one.key = scanner.Name();
    if (one.key.empty()) return Unparsable(text, "a label key is missing");
    if (negated) {
      one.op = Operator::kAbsent;
    } else if (scanner.Take("!=")) {
      one.op = Operator::kNotIn;
      one.values = {scanner.Name()};
    } else if (scanner.Take("==") || scanner.Take("=")) {
      one.op = Operator::kIn;
      one.values = {scanner.Name()};
    } else if (scanner.Take(">")) {
      one.op = Operator::kGreater;
      one.values = {scanner.Name()};
    } else if (scanner.Take("<")) {
      one.op = Operator::kLess;
      one.values = {scanner.Name()};
    } else if (bool none = scanner.Take("notin"); none || scanner.Take("in")) {
      one.op = none ? Operator::kNotIn : Operator::kIn;
      if (!scanner.Take("(")) return Unparsable(text, "found no '('");
      do {
        one.values.push_back(scanner.Name());
      } while (scanner.Take(","));
      if (!scanner.Take(")")) return Unparsable(text, "found no ')'");
    } else {
      one.op = Operator::kExists;
    }
    const bool numeric =
        one.op == Operator::kGreater || one.op == Operator::kLess;
    const std::string misfit = Misfit(one.key, one.values, numeric);
    if (!misfit.empty()) {
      return BadRequest(absl::StrCat("unable to parse requirement: ", misfit));
    }
    selector.requirements_.push_back(std::move(one));
  } while (scanner.Take(","));
  if (!scanner.AtEnd()) return Unparsable(text, "unexpected text at the end");
  return selector;
}

bool LabelSelector::Matches(const Json& object) const {
  const Json* labels = Labels(object);
  for (const Requirement& one : requirements_) {
    const Json* value = nullptr;
    if (labels != nullptr && labels->is_object()) {
      auto found = labels->find(one.key);
      if (found != labels->end() && found->is_string()) value = &*found;
    }
    std::string text = value == nullptr ? "" : value->get<std::string>();
    bool listed = value != nullptr &&
                  std::find(one.values.begin(), one.values.end(), text) !=
                      one.values.end();
    int64_t have = 0;
    int64_t limit = 0;
    bool numbers = value != nullptr && absl::SimpleAtoi(text, &have) &&
                   !one.values.empty() &&
                   absl::SimpleAtoi(one.values[0], &limit);
    bool ok = false;
    switch (one.op) {
      case Operator::kIn:
        ok = listed;
        break;
      case Operator::kNotIn:
        ok = !listed;
        break;
      case Operator::kExists:
        ok = value != nullptr;
        break;
      case Operator::kAbsent:
        ok = value == nullptr;
        break;
      case Operator::kGreater:
        ok = numbers && have > limit;
        break;
      case Operator::kLess:
        ok = numbers && have < limit;
        break;
    }
    if (!ok) return false;
  }
  return true;
}

absl::StatusOr<FieldSelector> FieldSelector::Parse(
    absl::string_view text, const std::vector<std::string>& supported) {
  FieldSelector selector;
  for (const std::string& whole : Terms(text)) {
    const absl::string_view term = whole;
    if (term.empty()) continue;
    size_t at = term.find('=');
    if (at == absl::string_view::npos) {
      return BadRequest(absl::StrCat("invalid selector: '", text,
                                     "'; can't understand '", term, "'"));
    }
    bool equal = at == 0 || term[at - 1] != '!';
    absl::string_view field = term.substr(0, equal ? at : at - 1);
    absl::string_view escaped = term.substr(at + 1);
    if (equal) absl::ConsumePrefix(&escaped, "=");
    ASSIGN_OR_RETURN(std::string value, Unescaped(escaped));
    if (field != "metadata.name" && field != "metadata.namespace" &&
        std::find(supported.begin(), supported.end(), field) ==
            supported.end()) {
      return BadRequest(absl::StrCat("field label not supported: ", field));
    }
    selector.requirements_.push_back(
        {std::string(field), equal, std::move(value)});
  }
  return selector;
}

bool FieldSelector::Matches(const Json& object) const {
  return std::all_of(
      requirements_.begin(), requirements_.end(), [&](const Requirement& one) {
        return (FieldText(object, one.field) == one.value) == one.equal;
      });
}

std::string FieldSelector::Name() const {
  for (const Requirement& one : requirements_) {
    if (one.field == "metadata.name" && one.equal) return one.value;
  }
  return "";
}

}  // namespace howdah::local
