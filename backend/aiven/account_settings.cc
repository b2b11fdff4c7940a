#include "backend/aiven/account_settings.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "proto/support/formats.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"
#include "re2/re2.h"

namespace howdah::aiven {
namespace {

constexpr char kDefaultAccount[] = "default";

absl::Status Bad(absl::string_view variable, absl::string_view what) {
  return support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                               "BAD_AIVEN_SETTING", support::kHowdahDomain)
      .Message(absl::StrCat(variable, " ", what))
      .With("variable", variable)
      .Build();
}

// With the version that the API's paths begin with. A token must not go over
// the network in the clear.
absl::StatusOr<std::string> CheckBaseUrl(absl::string_view variable,
                                         absl::string_view url) {
  url = absl::StripSuffix(url, "/");
  static const RE2* const kHttps =
      new RE2(R"(https://[^\s/?#@]+(/[A-Za-z0-9._~/-]*)?)");
  static const RE2* const kLoopback = new RE2(
      R"(http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[A-Za-z0-9._~/-]*)?)");
  const re2::StringPiece piece(url.data(), url.size());
  if (!RE2::FullMatch(piece, *kHttps) && !RE2::FullMatch(piece, *kLoopback)) {
    return Bad(variable,
               "is an https:// URL without user and query, or http:// on this "
               "machine.");
  }
  return absl::EndsWith(url, "/v1") ? std::string(url)
                                    : absl::StrCat(url, "/v1");
}

// Nothing if the account has no token.
absl::StatusOr<std::optional<AccountSettings>> ReadOne(
    const support::EnvironmentOf& environment, const std::string& name,
    const std::string& prefix) {
  const auto value = [&](absl::string_view suffix) {
    return std::string(absl::StripAsciiWhitespace(
        environment(absl::StrCat(prefix, suffix).c_str())));
  };
  AccountSettings account;
  account.name = name;
  account.token = value("_TOKEN");
  account.token_file = value("_TOKEN_FILE");
  account.default_project = value("_PROJECT_NAME");
  if (account.token.empty() && account.token_file.empty()) {
    return std::optional<AccountSettings>();
  }
  if (!account.token.empty() && !account.token_file.empty()) {
    return Bad(
        absl::StrCat(prefix, "_TOKEN_FILE"),
        absl::StrCat("and ", prefix, "_TOKEN exclude each other; give one."));
  }
  const bool bad_project = !account.default_project.empty() &&
                           !support::FormatFacts(mcp::v1::FORMAT_AIVEN_NAME)
                                .matches(account.default_project);
  if (bad_project) {
    return Bad(absl::StrCat(prefix, "_PROJECT_NAME"),
               "is no name of a project.");
  }
  if (const std::string url = value("_BASE_URL"); !url.empty()) {
    ASSIGN_OR_RETURN(account.base_url,
                     CheckBaseUrl(absl::StrCat(prefix, "_BASE_URL"), url));
  }
  return std::optional<AccountSettings>(std::move(account));
}

bool IsAccountName(absl::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace

absl::StatusOr<std::vector<AccountSettings>> ReadAccountSettings(
    const support::EnvironmentOf& environment) {
  std::vector<AccountSettings> accounts;
  ASSIGN_OR_RETURN(auto first, ReadOne(environment, kDefaultAccount, "AIVEN"));
  if (first) accounts.push_back(*std::move(first));
  std::set<std::string> seen = {kDefaultAccount};
  for (const absl::string_view part :
       absl::StrSplit(environment("AIVEN_ACCOUNTS"), ',')) {
    const std::string name(absl::StripAsciiWhitespace(part));
    if (name.empty()) continue;
    if (!IsAccountName(name) || !seen.insert(name).second) {
      return Bad("AIVEN_ACCOUNTS",
                 absl::StrCat("names \"", name.substr(0, 64),
                              "\"; names are of lower-case letters, digits and "
                              "\"-\", each once, and not \"default\"."));
    }
    const std::string prefix = absl::StrCat(
        "AIVEN_",
        absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"-", "_"}}));
    ASSIGN_OR_RETURN(auto account, ReadOne(environment, name, prefix));
    if (!account) {
      return Bad(absl::StrCat(prefix, "_TOKEN"),
                 absl::StrCat("or ", prefix,
                              "_TOKEN_FILE is needed, since AIVEN_ACCOUNTS "
                              "names the account."));
    }
    accounts.push_back(*std::move(account));
  }
  return accounts;
}

}  // namespace howdah::aiven
