// Errors of the sandbox as Aiven words them: a status that carries the HTTP
// status and the error_code, and the body that a client sees.
//
//   return ServiceDoesNotExist("orders-pg");
//   ErrorBody(status);  // {"message":"Service orders-pg does not exist",
//                       //  "errors":[{"message":…,"status":404,
//                       //             "error_code":"service_does_not_exist"}]}
//
// A text that no source shows says so beside its constructor ("unverified").
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_API_ERROR_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_API_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace howdah::local::aiven {

// `error_code` may be empty: Aiven adds them little by little.
absl::Status ApiError(int http_status, absl::string_view message,
                      absl::string_view error_code = "");

absl::Status NoToken();
absl::Status AddressNotAllowed();
absl::Status NotAProjectMember();
absl::Status NotPermitted(absl::string_view permission);  // unverified
absl::Status TooManyRequests(int limit, absl::Duration wait);

absl::Status PathNotFound();                              // unverified
absl::Status MethodNotAllowed();                          // unverified
absl::Status ProjectNotFound(absl::string_view project);  // unverified
absl::Status ServiceDoesNotExist(absl::string_view service);
absl::Status NotFound(absl::string_view kind);  // unverified

absl::Status InvalidInput(absl::string_view what);
absl::Status InvalidPlan(absl::string_view plan, absl::string_view type);
absl::Status InvalidServiceName();
absl::Status ServiceNameTaken();
absl::Status AlreadyExists(absl::string_view kind);  // text after TF and CLI
absl::Status NotPowered();
absl::Status Protected();
absl::Status PlanHasNoPools();

// 500 for a status that came from elsewhere.
int HttpStatus(const absl::Status& status);
nlohmann::json ErrorBody(const absl::Status& status);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_API_ERROR_H_
