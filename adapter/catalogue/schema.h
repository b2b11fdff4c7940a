// JSON Schemas of a tool, from its messages.
//
//   InputSchema(shape, comments);
//   // {"type":"object","properties":{"name":{"type":"string",
//   //  "description":"Name of the cluster.","pattern":"^[a-z]..."}},
//   //  "required":["name"],"additionalProperties":false}
//
// A model reads the input schema with every list of tools, so it says what a
// caller needs and nothing else. The output schema only names and types: it
// allows more members and requires none, since a refusal's structured content
// has to satisfy it as well.
#ifndef HOWDAH_ADAPTER_CATALOGUE_SCHEMA_H_
#define HOWDAH_ADAPTER_CATALOGUE_SCHEMA_H_

#include <string>

#include "adapter/catalogue/comments.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/transcoding/message_table.h"

namespace howdah::catalogue {

std::string InputSchema(const transcoding::ArgumentShape& shape,
                        const Comments& comments);

std::string OutputSchema(const transcoding::MessageTable& answer);

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_SCHEMA_H_
