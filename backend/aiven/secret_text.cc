#include "backend/aiven/secret_text.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "re2/re2.h"

namespace howdah::aiven {
namespace {

// "bearer " or "aivenv1 ", in any case, or what ends like them.
bool HasScheme(absl::string_view text) {
  for (size_t blank = text.find(' ', 1); blank != text.npos;
       blank = text.find(' ', blank + 1)) {
    const char before = text[blank - 1];
    if (before == 'r' || before == 'R' || before == '1') return true;
  }
  return false;
}

template <const char* sign>
bool Has(absl::string_view text) {
  return absl::StrContains(text, sign);
}

constexpr char kPassword[] = "AVNS_";
constexpr char kToken[] = "aivenv1_";
constexpr char kKey[] = "-----BEGIN";
constexpr char kUrl[] = "://";

struct Pattern {
  // Cheap: whether the expression can match at all. Most texts are settings,
  // thousands in one answer, in which none does.
  bool (*may_match)(absl::string_view);
  const RE2* expression;
  const char* replacement;
};

const std::vector<Pattern>& Patterns() {
  static const auto& patterns = *new std::vector<Pattern>{
      {&Has<kPassword>, new RE2(R"(AVNS_[A-Za-z0-9_-]{8,})"), "(hidden)"},
      {&Has<kToken>, new RE2(R"(aivenv1_[A-Za-z0-9+/=_-]{8,})"), "(hidden)"},
      {&HasScheme,
       new RE2(R"((?i)\b(aivenv1|bearer) +[A-Za-z0-9+/=._~-]{16,})"),
       R"(\1 (hidden))"},
      {&Has<kKey>,
       new RE2(R"((?s)-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?)"
               R"((-----END [A-Z ]*PRIVATE KEY-----|$))"),
       "(hidden)"},
      {&Has<kUrl>,
       new RE2(R"(([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*):[^\s/@]+@)"),
       R"(\1:(hidden)@)"},
  };
  return patterns;
}

}  // namespace

std::string HideSecrets(std::string text) {
  for (const Pattern& pattern : Patterns()) {
    if (!pattern.may_match(text)) continue;
    RE2::GlobalReplace(&text, *pattern.expression, pattern.replacement);
  }
  return text;
}

}  // namespace howdah::aiven
