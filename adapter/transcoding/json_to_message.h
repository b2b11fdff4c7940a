// Tool arguments (JSON text) to a request message, strictly.
//
//   AdapterArguments extra;
//   absl::Status status = decoder.Decode(
//       R"({"name":"demo","detail_level":"detailed"})", table, shape, request,
//       extra);
//
// Accepted: names as in the proto; integers as numbers or as strings of digits;
// enums by lower-case name, in any case; timestamps as RFC 3339, durations as
// "90s"; null, which means absent.
//
// Refused, each with what was expected and an example: unknown names (with the
// nearest known one), wrong types, values out of a type's range, and names that
// occur twice. All problems are told at once, as field violations. Bounds and
// required fields are judged by the backend, which does so for every client.
#ifndef HOWDAH_ADAPTER_TRANSCODING_JSON_TO_MESSAGE_H_
#define HOWDAH_ADAPTER_TRANSCODING_JSON_TO_MESSAGE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"

namespace howdah::transcoding {

// Arguments that are the adapter's own and not fields of the request.
struct AdapterArguments {
  bool json_format = false;
};

// What of a message a tool offers.
struct ArgumentShape {
  const MessageTable* table = nullptr;
  // Whether the adapter's own argument `format` (text, json) is offered.
  bool offers_format = false;
};

// Threads: not safe; keep one per thread and reuse it, it keeps its buffers.
// Limits: 32 levels of nesting, 1 MiB of text.
class ArgumentDecoder {
 public:
  ArgumentDecoder();
  ~ArgumentDecoder();

  // `tool` is for messages only. `request` must be empty.
  absl::Status Decode(absl::string_view json, absl::string_view tool,
                      const ArgumentShape& shape,
                      google::protobuf::Message& request,
                      AdapterArguments& extra);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_JSON_TO_MESSAGE_H_
