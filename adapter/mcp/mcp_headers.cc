#include "adapter/mcp/mcp_headers.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::mcp {

std::optional<std::string> HeaderValue(absl::string_view header) {
  constexpr absl::string_view kOpen = "=?base64?";
  constexpr absl::string_view kClose = "?=";
  header = absl::StripAsciiWhitespace(header);
  if (!absl::StartsWith(header, kOpen) || !absl::EndsWith(header, kClose) ||
      header.size() < kOpen.size() + kClose.size()) {
    return std::string(header);
  }
  header.remove_prefix(kOpen.size());
  header.remove_suffix(kClose.size());
  std::string decoded;
  // Abseil forgives missing padding and blanks; the standard does not.
  if (!absl::Base64Unescape(header, &decoded) ||
      absl::Base64Escape(decoded) != header) {
    return std::nullopt;
  }
  return decoded;
}

jsonrpc::Error HeaderMismatch(absl::string_view header,
                              absl::string_view expected) {
  return {kHeaderMismatch,
          absl::StrCat("The header ", header, " must be \"",
                       expected.substr(0, 256), "\", as the body says."),
          {}};
}

}  // namespace howdah::mcp
