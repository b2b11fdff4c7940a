#include "adapter/mcp/challenge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace howdah::mcp {
namespace {

constexpr std::size_t kLongestText = 300;

// As a quoted string of a header: nothing in it ends it, or the header.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, kLongestText)) {
    if (c == '"' || c == '\\') {
      quoted += '\'';
    } else {
      quoted += absl::ascii_isprint(c) ? c : ' ';
    }
  }
  return quoted + "\"";
}

}  // namespace

std::string AuthorizationServer::NameOf(absl::string_view scope) const {
  for (const auto& [contract_name, name] : scope_names) {
    if (contract_name == scope) return name;
  }
  return std::string(scope);
}

Challenge::Challenge(std::string metadata_url,
                     const AuthorizationServer& server)
    : metadata_url_(std::move(metadata_url)), server_(server) {
  std::vector<std::string> least = server.required_scopes;
  if (!server.scope_names.empty()) least.push_back(server.NameOf(kReadScope));
  least_scopes_ = absl::StrJoin(least, " ");
}

std::string Challenge::NeedsToken() const {
  std::string header =
      absl::StrCat("Bearer resource_metadata=", Quoted(metadata_url_));
  if (!least_scopes_.empty()) {
    absl::StrAppend(&header, ", scope=", Quoted(least_scopes_));
  }
  return header;
}

std::string Challenge::InvalidToken(absl::string_view why) const {
  return WithError("invalid_token", why, least_scopes_);
}

std::string Challenge::NeedsScopes(
    const std::vector<std::string>& scopes) const {
  std::vector<std::string> names = server_.required_scopes;
  for (const std::string& scope : scopes) {
    std::string name = server_.NameOf(scope);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return NeedsScopesNamed(absl::StrJoin(names, " "));
}

std::string Challenge::NeedsScopesNamed(absl::string_view scopes) const {
  return WithError("insufficient_scope", "The token lacks scopes.", scopes);
}

std::string Challenge::WithError(absl::string_view error, absl::string_view why,
                                 absl::string_view scopes) const {
  std::string header = absl::StrCat(
      "Bearer error=", Quoted(error), ", error_description=", Quoted(why),
      ", resource_metadata=", Quoted(metadata_url_));
  if (!scopes.empty()) absl::StrAppend(&header, ", scope=", Quoted(scopes));
  return header;
}

}  // namespace howdah::mcp
