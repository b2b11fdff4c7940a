#include "backend/local/api/page_token.h"

#include "absl/strings/escaping.h"
#include "backend/local/api/api_error.h"
#include "backend/local/object_store.h"

namespace howdah::local {
namespace {

constexpr absl::Duration kLife = absl::Minutes(5);

}  // namespace

std::string EncodePageToken(const PageToken& token) {
  Json fields = {{"v", "meta.k8s.io/v1"},
                 {"rv", token.version},
                 {"ns", token.namespace_name},
                 {"name", token.name},
                 {"at", absl::ToUnixSeconds(token.issued)}};
  return absl::WebSafeBase64Escape(fields.dump());
}

absl::StatusOr<PageToken> DecodePageToken(absl::string_view text,
                                          absl::Time now) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(text, &decoded)) {
    return BadRequest("continue key is not valid: invalid base64");
  }
  Json fields = Json::parse(decoded, nullptr, false);
  if (!fields.is_object() || !fields.contains("rv") ||
      !fields["rv"].is_number_unsigned() || !fields.contains("at") ||
      !fields["at"].is_number_integer() || !fields.contains("name") ||
      !fields["name"].is_string() || !fields.contains("ns") ||
      !fields["ns"].is_string()) {
    return BadRequest("continue key is not valid: not a token of this server");
  }
  PageToken token{fields["rv"].get<uint64_t>(), fields["ns"].get<std::string>(),
                  fields["name"].get<std::string>(),
                  absl::FromUnixSeconds(fields["at"].get<int64_t>())};
  if (now - token.issued > kLife) {
    return Expired(
        "The provided continue parameter is too old to display a consistent "
        "list result. You can start a new list without the continue "
        "parameter.");
  }
  return token;
}

}  // namespace howdah::local
