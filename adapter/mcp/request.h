// One request on its way to its method, and how methods refuse it.
#ifndef HOWDAH_ADAPTER_MCP_REQUEST_H_
#define HOWDAH_ADAPTER_MCP_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"
#include "adapter/jsonrpc/message.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/arrival.h"
#include "adapter/mcp/request_context.h"

namespace howdah::mcp {

// Views are valid until the method returns.
struct Request {
  const jsonrpc::Message& message;
  const Arrival& arrival;
  // What the arrival says, completed from the message.
  RequestContext context;
  AnswerSlot slot;

  absl::string_view params() const { return message.params; }
};

void Refuse(const Request& request, const jsonrpc::Error& error,
            int status = kHttpOk);

// How the providers' errors are told to clients.
jsonrpc::Error ErrorFrom(const absl::Status& status);

// In quotes; a longer text is cut.
std::string Quote(absl::string_view text);

// A parameter that must be a string. Refuses and gives false if it is none.
bool ReadString(const Request& request, absl::string_view name,
                absl::string_view example, std::string& value);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_REQUEST_H_
