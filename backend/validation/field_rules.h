// The facts about one field of a request, prepared for checking.
#ifndef HOWDAH_BACKEND_VALIDATION_FIELD_RULES_H_
#define HOWDAH_BACKEND_VALIDATION_FIELD_RULES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"
#include "proto/support/formats.h"

namespace howdah::validation {

// What is wrong with a value: "expected …, got …; for example …". Empty:
// nothing.
using Complaint = std::string;

// Threads: immutable; safe.
struct FieldRules {
  const google::protobuf::FieldDescriptor* field = nullptr;
  mcp::v1::Field facts;
  const support::FormatFactsEntry* format = nullptr;
  size_t max_bytes = 0;
  int64_t minimum = 0;
  int64_t maximum = 0;
  // Sets the default; none if the contract states none.
  std::function<void(google::protobuf::Message&)> set_default;
  // Whether a text matches `facts.pattern`; none if there is no pattern.
  std::function<bool(const std::string&)> matches_pattern;

  // Whether the field holds what the caller sent, not just nothing.
  bool IsPresent(const google::protobuf::Message& message) const;
  // Checks a single value, or element `index` of a repeated field.
  Complaint CheckValue(const google::protobuf::Message& message,
                       int index) const;
  // "required, for example …".
  Complaint Missing() const;

 private:
  std::string Expected() const;
  Complaint Complain(const std::string& got) const;
  Complaint CheckText(const std::string& value) const;
  Complaint CheckNumber(int64_t value) const;
};

// FAILED_PRECONDITION if the facts contradict the field's type.
absl::StatusOr<FieldRules> PrepareRules(
    const google::protobuf::FieldDescriptor& field);

}  // namespace howdah::validation

#endif  // HOWDAH_BACKEND_VALIDATION_FIELD_RULES_H_
