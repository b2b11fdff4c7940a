// The token of an account, which may change while the server runs.
//
//   FileTokenSource tokens("default", "/run/secrets/aiven");
//   ASSIGN_OR_RETURN(std::string token, tokens.Current());
#ifndef HOWDAH_BACKEND_AIVEN_CLIENT_TOKEN_SOURCE_H_
#define HOWDAH_BACKEND_AIVEN_CLIENT_TOKEN_SOURCE_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "backend/aiven/account_settings.h"

namespace howdah::aiven {

// Threads: safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // FAILED_PRECONDITION if there is none.
  virtual absl::StatusOr<std::string> Current() = 0;
};

// Reads the file again whenever it is asked, so that a renewed token is used by
// the next request. While a file is being replaced (it is gone or empty), the
// last token stays.
std::unique_ptr<TokenSource> MakeTokenSource(const AccountSettings& account);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_CLIENT_TOKEN_SOURCE_H_
