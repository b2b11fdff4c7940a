// The grammars that string fields of the contract can have.
//
//   FormatFacts(mcp::v1::FORMAT_CLUSTER_NAME).matches("orders-db")  => true
//   FormatFacts(mcp::v1::FORMAT_CLUSTER_NAME).expected
//   => "1 to 50 lower-case letters, digits and \"-\", beginning with a …"
//
// One list for the backend's validation, the adapter's JSON Schema and
// howdahctl.
#ifndef HOWDAH_PROTO_SUPPORT_FORMATS_H_
#define HOWDAH_PROTO_SUPPORT_FORMATS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::support {

// What is to be known about one format. Threads: immutable; safe.
struct FormatFactsEntry {
  // Whether a value has the format, its length included.
  bool (*matches)(absl::string_view value);
  // What is expected, to be put after "expected ".
  absl::string_view expected;
  // A value that has the format.
  absl::string_view example;
  // The grammar as an ECMA-262 regular expression for JSON Schema. May allow a
  // little more than `matches`, never less.
  absl::string_view schema_pattern;
  size_t max_bytes;
};

// Facts of a format; for FORMAT_UNSPECIFIED a format that any text has.
const FormatFactsEntry& FormatFacts(mcp::v1::Format format);

// Whether the text is well-formed UTF-8.
bool IsUtf8(absl::string_view text);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_FORMATS_H_
