// Values of message fields, from and to the text that people read and write.
//
//   SetFieldFromText(instances, "3", request)      request.instances = 3
//   SetFieldFromText(policy, "retain", request)    …= RECLAIM_POLICY_RETAIN
//   FieldText(cluster, health_field)               => "healthy"
#ifndef HOWDAH_CLIENTS_CTL_FIELD_VALUES_H_
#define HOWDAH_CLIENTS_CTL_FIELD_VALUES_H_

#include <string>

#include "absl/status/status.h"
#include "clients/ctl/command.h"
#include "google/protobuf/message.h"

namespace howdah::ctl {

// Sets or, if repeated, appends. INVALID_ARGUMENT names the flag, what was
// expected, and an example. Only types are looked at here; the backend knows
// the rules.
absl::Status SetFieldFromText(const Parameter& parameter,
                              const std::string& text,
                              google::protobuf::Message& message);

// A field's value as people read it: "yes", "3", "healthy", "a, b",
// "2026-11-21 11:43:05"; empty for an absent or empty value.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field);

// RFC 3339 of a google.protobuf.Timestamp, of either pool.
std::string TimestampText(const google::protobuf::Message& timestamp);

// Whether the message is a google.protobuf.Timestamp.
bool IsTimestamp(const google::protobuf::Descriptor& type);

// JSON of a google.protobuf.Value, of either pool, on several lines.
std::string JsonText(const google::protobuf::Message& value);

// Whether the message is a google.protobuf.Value.
bool IsJson(const google::protobuf::Descriptor& type);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_FIELD_VALUES_H_
