// One JSON-RPC 2.0 message as a light view of the text it came in.
//
//   {"jsonrpc":"2.0","id":"a1","method":"tools/call","params":{"name":"x"}}
//     kind = kRequest, id = "\"a1\"" (to be echoed as it is),
//     method = "tools/call", params = "{\"name\":\"x\"}"
#ifndef HOWDAH_ADAPTER_JSONRPC_MESSAGE_H_
#define HOWDAH_ADAPTER_JSONRPC_MESSAGE_H_

#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"

namespace howdah::jsonrpc {

enum class MessageKind { kRequest, kNotification, kResponse, kInvalid };

// Views point into the parsed text, which must outlive them.
struct Message {
  MessageKind kind = MessageKind::kInvalid;
  // Raw JSON text of a string or number; empty if there is none, or none that
  // can be known.
  absl::string_view id;
  std::string method;
  // Raw JSON text of an object or array; empty if left out.
  absl::string_view params;
  // Of a response, raw JSON text; empty if left out.
  absl::string_view result;
  absl::string_view error;
  // What is wrong with a kInvalid message.
  Error fault;
};

// What one piece of text held. Unreadable text is one kInvalid message.
struct Parsed {
  bool batch = false;
  absl::InlinedVector<Message, 1> messages;
};

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_MESSAGE_H_
