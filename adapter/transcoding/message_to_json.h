// A message as JSON text, written in one pass from precomputed tables.
//
//   std::string json;
//   AppendMessageJson(response, table, json);
//   // {"clusters":[{"name":"demo","ready_instances":3}],"count":1}
//
// Names as in the proto; 64-bit integers and timestamps as strings; enums by
// lower-case name. Left out: what is absent, empty strings, unspecified enums
// and empty lists; but a page of a list always has its list, so that a reader
// can tell "none" from "not told". Fields that the contract calls secret are
// never written.
#ifndef HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TO_JSON_H_
#define HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TO_JSON_H_

#include <string>

#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"

namespace howdah::transcoding {

// `table` is that of the message's type.
void AppendMessageJson(const google::protobuf::Message& message,
                       const MessageTable& table, std::string& out);

// One item of a repeated message field, or one value, as AppendMessageJson
// would write it; `index` is -1 for a field that is not repeated.
void AppendFieldValueJson(const google::protobuf::Message& message,
                          const FieldTable& field, int index, std::string& out);

// Whether AppendMessageJson writes the field.
bool IsShown(const google::protobuf::Message& message,
             const MessageTable& table, const FieldTable& field);

// "2026-01-31T12:00:00Z", with a fraction only where there is one. `timestamp`
// is a google.protobuf.Timestamp.
std::string TimestampText(const google::protobuf::Message& timestamp);

// "90s". `duration` is a google.protobuf.Duration.
std::string DurationText(const google::protobuf::Message& duration);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TO_JSON_H_
