// What the operator's webhook checks of a Database.
#ifndef HOWDAH_BACKEND_LOCAL_API_DATABASE_RULES_H_
#define HOWDAH_BACKEND_LOCAL_API_DATABASE_RULES_H_

#include "absl/status/status.h"
#include "backend/local/object_store.h"

namespace howdah::local {

// 422 with the webhook's name before the message. Nothing is checked where the
// annotation cnpg.io/validation is "disabled".
absl::Status CheckDatabase(const Json& database);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_DATABASE_RULES_H_
