#include "backend/local/api/names.h"

#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace howdah::local {
namespace {

bool LowerOrDigit(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

// Lower case letters, digits and '-'; letters and digits at the ends.
bool IsLabel(absl::string_view name) {
  if (name.empty() || !LowerOrDigit(name.front()) ||
      !LowerOrDigit(name.back())) {
    return false;
  }
  for (char c : name) {
    if (!LowerOrDigit(c) && c != '-') return false;
  }
  return true;
}

bool IsQualifiedPart(absl::string_view name) {
  if (name.empty() || !absl::ascii_isalnum(name.front()) ||
      !absl::ascii_isalnum(name.back())) {
    return false;
  }
  for (char c : name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string CheckDns1123Subdomain(absl::string_view name) {
  bool good = name.size() <= 253;
  if (!good) return "must be no more than 253 characters";
  for (absl::string_view part : absl::StrSplit(name, '.')) {
    good = good && IsLabel(part);
  }
  if (good) return "";
  return "a lowercase RFC 1123 subdomain must consist of lower case "
         "alphanumeric characters, '-' or '.', and must start and end with an "
         "alphanumeric character (e.g. 'example.com', regex used for "
         "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*"
         "[a-z0-9])?)*')";
}

std::string CheckDns1123Label(absl::string_view name) {
  if (name.size() > 63) return "must be no more than 63 bytes";
  if (IsLabel(name)) return "";
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric "
         "characters or '-', and must start and end with an alphanumeric "
         "character (e.g. 'my-name',  or '123-abc', regex used for validation "
         "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
}

std::string CheckDns1035Label(absl::string_view name) {
  if (name.size() <= 63 && IsLabel(name) && absl::ascii_islower(name.front())) {
    return "";
  }
  return "a DNS-1035 label must consist of lower case alphanumeric characters "
         "or '-', start with an alphabetic character, and end with an "
         "alphanumeric character";
}

std::string CheckQualifiedName(absl::string_view name) {
  std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(name, absl::MaxSplits('/', 1));
  bool prefixed = absl::StrContains(name, "/");
  absl::string_view last = prefixed ? parts.second : parts.first;
  if (prefixed && !CheckDns1123Subdomain(parts.first).empty()) {
    return "prefix part " + CheckDns1123Subdomain(parts.first);
  }
  if (last.size() > 63) return "name part must be no more than 63 bytes";
  if (IsQualifiedPart(last)) return "";
  return "name part must consist of alphanumeric characters, '-', '_' or '.', "
         "and must start and end with an alphanumeric character (e.g. "
         "'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
         "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
}

std::string CheckLabelValue(absl::string_view value) {
  if (value.size() > 63) return "must be no more than 63 bytes";
  if (value.empty() || IsQualifiedPart(value)) return "";
  return "a valid label must be an empty string or consist of alphanumeric "
         "characters, '-', '_' or '.', and must start and end with an "
         "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
         "regex used for validation is "
         "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

}  // namespace howdah::local
