#include "backend/aiven/secret_text.h"

#include <vector>

#include "re2/re2.h"

namespace howdah::aiven {
namespace {

struct Pattern {
  const RE2* expression;
  const char* replacement;
};

const std::vector<Pattern>& Patterns() {
  static const auto& patterns = *new std::vector<Pattern>{
      {new RE2(R"(AVNS_[A-Za-z0-9_-]{8,})"), "(hidden)"},
      {new RE2(R"(aivenv1_[A-Za-z0-9+/=_-]{8,})"), "(hidden)"},
      {new RE2(R"((?i)\b(aivenv1|bearer) +[A-Za-z0-9+/=._~-]{16,})"),
       R"(\1 (hidden))"},
      {new RE2(R"((?s)-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?)"
               R"((-----END [A-Z ]*PRIVATE KEY-----|$))"),
       "(hidden)"},
      {new RE2(R"(([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*):[^\s/@]+@)"),
       R"(\1:(hidden)@)"},
  };
  return patterns;
}

}  // namespace

std::string HideSecrets(absl::string_view text) {
  std::string shown(text);
  for (const Pattern& pattern : Patterns()) {
    RE2::GlobalReplace(&shown, *pattern.expression, pattern.replacement);
  }
  return shown;
}

}  // namespace howdah::aiven
