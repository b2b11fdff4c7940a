#include "backend/kubernetes/warnings.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "backend/kubernetes/text.h"

namespace howdah::kubernetes {
namespace {

// Takes one `code agent "text"` from the front, and reads on behind the next
// quoted string if there is a date. Returns false at the end or at nonsense.
bool TakeWarning(absl::string_view& rest, absl::string_view& code,
                 std::string& text) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  const size_t space = rest.find(' ');
  const size_t quote = rest.find('"');
  if (space == absl::string_view::npos || quote == absl::string_view::npos ||
      space > quote) {
    return false;
  }
  code = rest.substr(0, space);
  text.clear();
  size_t i = quote + 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    text.push_back(rest[i]);
  }
  if (i == rest.size()) return false;
  rest.remove_prefix(i + 1);
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (absl::StartsWith(rest, "\"")) {
    const size_t end = rest.find('"', 1);
    rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
    rest = absl::StripLeadingAsciiWhitespace(rest);
  }
  if (absl::StartsWith(rest, ",")) rest.remove_prefix(1);
  return true;
}

}  // namespace

std::vector<std::string> ReadWarnings(const net::HttpResponse& response) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : response.headers) {
    if (name != "warning") continue;
    absl::string_view rest = value;
    absl::string_view code;
    std::string text;
    while (TakeWarning(rest, code, text)) {
      text = BoundedText(text);
      if (code == "299" && !text.empty() &&
          std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
        warnings.push_back(text);
      }
    }
  }
  return warnings;
}

}  // namespace howdah::kubernetes
