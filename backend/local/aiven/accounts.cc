#include "backend/local/aiven/accounts.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "backend/local/aiven/api_error.h"

namespace howdah::local::aiven {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(1);

absl::string_view NameOf(Permission permission) {
  switch (permission) {
    case Permission::kNone:
      return "";
    case Permission::kProjectsRead:
    case Permission::kServicesRead:
      return "project:services:read";
    case Permission::kServicesWrite:
      return "project:services:write";
    case Permission::kConfigurationWrite:
      return "service:configuration:write";
    case Permission::kDataWrite:
      return "service:data:write";
    case Permission::kUsersWrite:
      return "service:users:write";
    case Permission::kMetricsRead:
      return "service:metrics:read";
    case Permission::kLogsRead:
      return "service:logs:read";
    case Permission::kAuditLogsRead:
      return "project:audit_logs:read";
    case Permission::kSecretsRead:
      return "service:secrets:read";
  }
  return "";
}

// The token of "aivenv1 X" and "Bearer X"; empty for anything else.
absl::string_view TokenOf(absl::string_view authorization) {
  std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(authorization, absl::MaxSplits(' ', 1));
  if (!absl::EqualsIgnoreCase(parts.first, "aivenv1") &&
      !absl::EqualsIgnoreCase(parts.first, "bearer")) {
    return "";
  }
  return absl::StripAsciiWhitespace(parts.second);
}

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<Access> ParseAccess(absl::string_view name) {
  if (name == "admin") return Access::kAdmin;
  if (name == "read_only") return Access::kReadOnly;
  if (name == "expired") return Access::kExpired;
  if (name == "ip_blocked") return Access::kAddressBlocked;
  return std::nullopt;
}

bool Account::IsMemberOf(const std::string& project) const {
  return !projects.has_value() || projects->count(project) > 0;
}

bool Account::May(Permission permission) const {
  if (access == Access::kAdmin) return true;
  switch (permission) {
    case Permission::kServicesWrite:
    case Permission::kConfigurationWrite:
    case Permission::kDataWrite:
    case Permission::kUsersWrite:
    case Permission::kSecretsRead:
      return false;
    default:
      return true;
  }
}

absl::Status Account::Require(Permission permission) const {
  if (May(permission)) return absl::OkStatus();
  return NotPermitted(NameOf(permission));
}

void Accounts::Add(const std::string& token, Account account) {
  tokens_[token] = Entry{std::move(account), {}};
}

bool Accounts::Remove(const std::string& token) {
  return tokens_.erase(token) > 0;
}

absl::StatusOr<const Account*> Accounts::Admit(absl::string_view authorization,
                                               absl::Time now) {
  absl::string_view token = TokenOf(authorization);
  Entry* found = nullptr;
  for (auto& [secret, entry] : tokens_) {
    if (SameSecret(secret, token)) found = &entry;
  }
  if (found == nullptr || found->account.access == Access::kExpired) {
    return NoToken();
  }
  if (found->account.access == Access::kAddressBlocked) {
    return AddressNotAllowed();
  }
  std::deque<absl::Time>& calls = found->calls;
  while (!calls.empty() && calls.front() <= now - kWindow) calls.pop_front();
  if (limit_ > 0 && static_cast<int>(calls.size()) >= limit_) {
    return TooManyRequests(limit_, calls.front() + kWindow - now);
  }
  calls.push_back(now);
  return &found->account;
}

}  // namespace howdah::local::aiven
