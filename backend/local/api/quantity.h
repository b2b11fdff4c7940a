// Kubernetes quantities: "10Gi", "500m", 2.
//
//   ASSIGN_OR_RETURN(double bytes, ParseQuantity("10Gi"));
//   CanonicalQuantity("1024Mi");  // "1Gi"
#ifndef HOWDAH_BACKEND_LOCAL_API_QUANTITY_H_
#define HOWDAH_BACKEND_LOCAL_API_QUANTITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::local {

// INVALID_ARGUMENT if it is none.
absl::StatusOr<double> ParseQuantity(absl::string_view text);

// As Go writes what it has read from `text`; the text itself if it is none, or
// beyond what is kept exactly.
std::string CanonicalQuantity(absl::string_view text);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_QUANTITY_H_
