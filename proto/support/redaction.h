// Messages as text that may be shown and logged: without secrets.
//
//   RedactedJson(request)  => {"role_name":"app","password":"[redacted]"}
//   Identifiers(request)   => {{"cluster_name","demo"},{"role_name","app"}}
//
// Which fields are secret, and which name what a call is about, is said in the
// contract (howdah.mcp.v1.field).
#ifndef HOWDAH_PROTO_SUPPORT_REDACTION_H_
#define HOWDAH_PROTO_SUPPORT_REDACTION_H_

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"

namespace howdah::support {

// Puts "[redacted]" for each secret text, at any depth, and clears secrets of
// other types. A packed google.protobuf.Any loses its value: nobody knows what
// is in it.
void Redact(google::protobuf::Message& message);

// JSON of a redacted copy, on one line, with the contract's field names.
std::string RedactedJson(const google::protobuf::Message& message);

// Protobuf text of a redacted copy, on one line.
std::string RedactedText(const google::protobuf::Message& message);

// Names and values of the fields that are marked as identifiers, of the message
// itself, as far as they are set.
std::vector<std::pair<std::string, std::string>> Identifiers(
    const google::protobuf::Message& message);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_REDACTION_H_
