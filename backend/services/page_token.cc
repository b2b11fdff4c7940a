#include "backend/services/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/names.h"

namespace howdah::services {
namespace {

// Says that the key belongs to these arguments; it need not be secret, since a
// token grants nothing. The number is that of the order of lists: 1 was by
// namespace and name.
std::string Binding(absl::string_view after, absl::string_view arguments) {
  return cnpg::Digest(absl::StrCat("page2", absl::string_view("\0", 1), after,
                                   absl::string_view("\0", 1), arguments))
      .substr(0, 8);
}

}  // namespace

std::string MakePageToken(absl::string_view after,
                          absl::string_view arguments) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(Binding(after, arguments), after));
}

absl::StatusOr<std::string> ReadPageToken(absl::string_view token,
                                          absl::string_view arguments) {
  if (token.empty()) return "";
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < 8) {
    return cnpg::InvalidPageToken();
  }
  std::string after = bytes.substr(8);
  if (bytes.substr(0, 8) != Binding(after, arguments)) {
    return cnpg::InvalidPageToken();
  }
  return after;
}

}  // namespace howdah::services
