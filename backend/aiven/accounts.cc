#include "backend/aiven/accounts.h"

#include <string>

#include "backend/aiven/errors.h"

namespace howdah::aiven {

absl::StatusOr<Account*> Accounts::Find(absl::string_view name) const {
  if (accounts_.empty()) return NotConfigured();
  if (name.empty()) return accounts_.front().get();
  std::vector<std::string> known;
  for (const auto& account : accounts_) {
    if (account->name() == name) return account.get();
    known.push_back(account->name());
  }
  return UnknownAccount(name, known);
}

}  // namespace howdah::aiven
