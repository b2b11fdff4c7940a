#include "clients/ctl/naming.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace howdah::ctl {
namespace {

// "ClusterService" => "cluster", "OperationsService" => "operation".
std::string Noun(absl::string_view service) {
  absl::ConsumeSuffix(&service, "Service");
  absl::ConsumeSuffix(&service, "s");
  return KebabCase(service);
}

}  // namespace

std::string KebabCase(absl::string_view name) {
  std::string words;
  for (const char c : name) {
    if (absl::ascii_isupper(c) && !words.empty() && words.back() != '-') {
      words += '-';
    }
    words += c == '_' ? '-' : absl::ascii_tolower(c);
  }
  return words;
}

std::string ResourceWord(absl::string_view service) {
  return absl::StrCat(Noun(service), "s");
}

std::string VerbWord(absl::string_view method, absl::string_view service) {
  const std::string words = absl::StrCat("-", KebabCase(method), "-");
  const std::string noun = Noun(service);
  const std::string verb =
      absl::StrReplaceAll(words, {{absl::StrCat("-", noun, "s-"), "-"},
                                  {absl::StrCat("-", noun, "-"), "-"}});
  absl::string_view trimmed = verb;
  absl::ConsumePrefix(&trimmed, "-");
  absl::ConsumeSuffix(&trimmed, "-");
  return std::string(trimmed);
}

std::string FlagWord(absl::string_view field) {
  return absl::StrCat("--", KebabCase(field));
}

std::string PlaceholderWord(absl::string_view field) {
  return absl::AsciiStrToUpper(field);
}

}  // namespace howdah::ctl
