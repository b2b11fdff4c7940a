// RETURN_IF_ERROR and ASSIGN_OR_RETURN, spelled as in newer Abseil without the
// prefix, so that moving to Abseil's own is a rename.
//
//   ASSIGN_OR_RETURN(Cluster cluster, reader.Read(name));
//   RETURN_IF_ERROR(Validate(cluster));
#ifndef HOWDAH_PROTO_SUPPORT_STATUS_MACROS_H_
#define HOWDAH_PROTO_SUPPORT_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                                       \
  do {                                                                    \
    if (absl::Status howdah_status = (expression); !howdah_status.ok()) { \
      return howdah_status;                                               \
    }                                                                     \
  } while (false)

#define HOWDAH_CONCAT_INNER(a, b) a##b
#define HOWDAH_CONCAT(a, b) HOWDAH_CONCAT_INNER(a, b)

#define ASSIGN_OR_RETURN(left, expression)                                 \
  HOWDAH_ASSIGN_OR_RETURN(HOWDAH_CONCAT(howdah_statusor_, __LINE__), left, \
                          expression)

#define HOWDAH_ASSIGN_OR_RETURN(statusor, left, expression) \
  auto statusor = (expression);                             \
  if (!statusor.ok()) {                                     \
    return std::move(statusor).status();                    \
  }                                                         \
  left = *std::move(statusor)

#endif  // HOWDAH_PROTO_SUPPORT_STATUS_MACROS_H_
