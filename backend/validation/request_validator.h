// Checks requests against the facts that the contract states about their
// fields, and fills in the defaults.
//
//   RequestValidator validator;
//   RETURN_IF_ERROR(validator.Add(*GetClusterRequest::descriptor()));  // start
//   RETURN_IF_ERROR(validator.Check(request));                    // each call
//
// A request that is wrong gets one INVALID_ARGUMENT with a field violation for
// everything that is wrong, each saying what was expected, what was got (never
// for a secret) and a valid example.
#ifndef HOWDAH_BACKEND_VALIDATION_REQUEST_VALIDATOR_H_
#define HOWDAH_BACKEND_VALIDATION_REQUEST_VALIDATOR_H_

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace howdah::validation {

struct MessagePlan;

// Threads: filled by one thread at start, then immutable and safe.
// Owns: the plans of the message types. Limits: map fields are not looked into.
class RequestValidator {
 public:
  RequestValidator();
  ~RequestValidator();

  // Prepares for a message type and those of its fields. FAILED_PRECONDITION if
  // the contract contradicts itself, for example with a default that is not of
  // the field's type.
  absl::Status Add(const google::protobuf::Descriptor& type);

  // Fills in defaults and checks. The type must have been added.
  absl::Status Check(google::protobuf::Message& request) const;

 private:
  absl::flat_hash_map<const google::protobuf::Descriptor*,
                      std::unique_ptr<MessagePlan>>
      plans_;
};

}  // namespace howdah::validation

#endif  // HOWDAH_BACKEND_VALIDATION_REQUEST_VALIDATOR_H_
