#include "backend/aiven/secret_text.h"

#include "re2/re2.h"

namespace howdah::aiven {
namespace {

struct Pattern {
  const RE2 expression;
  const char* const replacement;
};

const Pattern* Patterns(size_t& count) {
  static const Pattern* const patterns = new Pattern[]{
      {RE2(R"(AVNS_[A-Za-z0-9_-]{8,})"), "(hidden)"},
      {RE2(R"(aivenv1_[A-Za-z0-9+/=_-]{8,})"), "(hidden)"},
      {RE2(R"((?i)\b(aivenv1|bearer) +[A-Za-z0-9+/=._~-]{16,})"),
       R"(\1 (hidden))"},
      {RE2(R"((?s)-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?)"
           R"((-----END [A-Z ]*PRIVATE KEY-----|$))"),
       "(hidden)"},
      {RE2(R"(([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*):[^\s/@]+@)"),
       R"(\1:(hidden)@)"},
  };
  count = 5;
  return patterns;
}

}  // namespace

std::string HideSecrets(absl::string_view text) {
  std::string shown(text);
  size_t count = 0;
  const Pattern* const patterns = Patterns(count);
  for (size_t i = 0; i < count; ++i) {
    RE2::GlobalReplace(&shown, patterns[i].expression, patterns[i].replacement);
  }
  return shown;
}

}  // namespace howdah::aiven
