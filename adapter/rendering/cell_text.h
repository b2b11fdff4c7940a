// One value of a message as a short text: what stands in a table cell or after
// "name: ".
#ifndef HOWDAH_ADAPTER_RENDERING_CELL_TEXT_H_
#define HOWDAH_ADAPTER_RENDERING_CELL_TEXT_H_

#include <cstddef>
#include <string>

#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"

namespace howdah::rendering {

// Whether text output shows the field at all: not empty, not secret. False and
// zero count as empty where a field cannot be absent and is no column.
bool HasText(const google::protobuf::Message& message,
             const transcoding::FieldTable& field);

// Appends the value on one line of at most `limit` characters; lists joined by
// ", ". Returns the number of characters; 0 for what is empty.
size_t AppendCell(const google::protobuf::Message& message,
                  const transcoding::FieldTable& field, size_t limit,
                  std::string& out);

// The same for a field that is known to have text.
size_t AppendValue(const google::protobuf::Message& message,
                   const transcoding::FieldTable& field, size_t limit,
                   std::string& out);

}  // namespace howdah::rendering

#endif  // HOWDAH_ADAPTER_RENDERING_CELL_TEXT_H_
