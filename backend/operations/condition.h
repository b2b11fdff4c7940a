// What an operation awaits, as a value; its name; and how far it is.
//
// An operation is a name for a condition, so nothing is stored and any replica
// can answer for it:
//
//   Condition ready{.kind = Condition::Kind::kClusterReady, .name = "demo", …};
//   std::string name = EncodeName(ready);
//   ASSIGN_OR_RETURN(Condition same, DecodeName(name));
//   Evaluation now = Evaluate(same, observed);
//
// Pure: no clock, no I/O.
#ifndef HOWDAH_BACKEND_OPERATIONS_CONDITION_H_
#define HOWDAH_BACKEND_OPERATIONS_CONDITION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::operations {

struct Condition {
  // Also tells which response the call would have given. The numbers are part
  // of the names that callers hold.
  enum class Kind : uint8_t {
    kClusterReady = 1,
    kClusterScaled = 2,
    kClusterDeleted = 3,
  };
  Kind kind = Kind::kClusterReady;
  std::string context;
  std::string namespace_name;
  std::string name;
  // The very object: a namesake made later does not count.
  std::string uid;
  // Wanted instances; 0 for a deletion.
  int32_t instances = 0;
  // What the response tells beside the cluster: the instances before for a
  // scaling, the number of deleted Secrets for a deletion.
  int32_t detail = 0;
  // Of the object, when the call that began the work had written it. What a
  // replica has seen of an earlier time says nothing about the condition.
  std::string version = {};

  bool operator==(const Condition&) const = default;
};

// URL-safe text of at most 1024 characters for names within Kubernetes' bounds.
std::string EncodeName(const Condition& condition);

// INVALID_ARGUMENT with reason OPERATION_NAME_INVALID for anything that
// EncodeName did not give.
absl::StatusOr<Condition> DecodeName(absl::string_view name);

// What is seen of the object that a condition is about.
struct Observed {
  bool exists = false;
  std::string uid;
  bool deleting = false;
  int32_t wanted_instances = 0;
  int32_t reported_instances = 0;
  int32_t ready_instances = 0;
  bool has_primary = false;
  // The operator calls the cluster settled.
  bool settled = false;
  std::string phase;
  // Why it is in that phase, in the operator's words; may be empty.
  std::string phase_reason;
  // Why the operator will never get there by itself; empty if it may.
  std::string dead_end;
};

struct Evaluation {
  bool done = false;
  // Why the condition can no longer hold; then `done` is set.
  absl::Status error;
  int32_t progress_percent = 0;
  // What is happening now, in one sentence.
  std::string message;
};

Evaluation Evaluate(const Condition& condition, const Observed& observed);

}  // namespace howdah::operations

#endif  // HOWDAH_BACKEND_OPERATIONS_CONDITION_H_
