// Page tokens: where the next page begins, bound to the other arguments.
//
//   ASSIGN_OR_RETURN(std::string after, ReadPageToken(token,
//   "default|concise"));
#ifndef HOWDAH_BACKEND_SERVICES_PAGE_TOKEN_H_
#define HOWDAH_BACKEND_SERVICES_PAGE_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::services {

// `after`: key of the last entry of this page; `arguments`: everything else
// that shapes the list.
std::string MakePageToken(absl::string_view after, absl::string_view arguments);

// The key; empty for an empty token. INVALID_ARGUMENT with reason
// INVALID_PAGE_TOKEN for a token of another list.
absl::StatusOr<std::string> ReadPageToken(absl::string_view token,
                                          absl::string_view arguments);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_PAGE_TOKEN_H_
