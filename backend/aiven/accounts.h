// The accounts that this server has, by name.
//
//   ASSIGN_OR_RETURN(Account* account, accounts.Find(request.context()));
#ifndef HOWDAH_BACKEND_AIVEN_ACCOUNTS_H_
#define HOWDAH_BACKEND_AIVEN_ACCOUNTS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/aiven/account.h"

namespace howdah::aiven {

// Threads: immutable; safe. Owns: the accounts.
class Accounts {
 public:
  explicit Accounts(std::vector<std::unique_ptr<Account>> accounts)
      : accounts_(std::move(accounts)) {}

  // The first for an empty name. FAILED_PRECONDITION without any account.
  absl::StatusOr<Account*> Find(absl::string_view name) const;

 private:
  const std::vector<std::unique_ptr<Account>> accounts_;
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_ACCOUNTS_H_
