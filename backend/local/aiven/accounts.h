// Who may call the sandbox: tokens with what they allow, and how often.
//
//   Accounts accounts(120);
//   accounts.Add("secret", {.access = Access::kAdmin});
//   ASSIGN_OR_RETURN(const Account* caller,
//                    accounts.Admit("aivenv1 secret", now));
//   RETURN_IF_ERROR(caller->Require(Permission::kServicesRead));
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_ACCOUNTS_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_ACCOUNTS_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::local::aiven {

enum class Permission {
  kNone,  // any token
  kProjectsRead,
  kServicesRead,
  kServicesWrite,
  kConfigurationWrite,
  kDataWrite,
  kUsersWrite,
  kMetricsRead,
  kLogsRead,
  kAuditLogsRead,
  kSecretsRead,
};

enum class Access { kAdmin, kReadOnly, kExpired, kAddressBlocked };

// "admin", "read_only", "expired", "ip_blocked".
std::optional<Access> ParseAccess(absl::string_view name);

struct Account {
  // Names the token in the journal, which has no secrets.
  std::string label = "default";
  Access access = Access::kAdmin;
  // The only projects it is a member of; unset for all.
  std::optional<std::set<std::string>> projects;

  bool IsMemberOf(const std::string& project) const;
  bool May(Permission permission) const;
  absl::Status Require(Permission permission) const;
};

// Threads: not safe. Owns: the tokens and when they were used.
class Accounts {
 public:
  // Calls per token and minute; 0 for any number.
  explicit Accounts(int calls_per_minute) : limit_(calls_per_minute) {}

  void Add(const std::string& token, Account account);
  bool Remove(const std::string& token);
  void set_calls_per_minute(int limit) { limit_ = limit; }

  // 401 and 403 as Aiven's, 429 over the limit. The result lives until Remove.
  absl::StatusOr<const Account*> Admit(absl::string_view authorization,
                                       absl::Time now);

 private:
  struct Entry {
    Account account;
    std::deque<absl::Time> calls;  // of the last minute
  };

  int limit_;
  std::map<std::string, Entry> tokens_;
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_ACCOUNTS_H_
