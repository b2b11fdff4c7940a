// What a provider has to know from the client before it can go on, and what the
// client says.
//
//   first call   -> InputRequired{.requests = {{"confirm",
//                      "elicitation/create",
//                      R"({"message":"Delete orders?",...})"}},
//                      .state = "orders@7"}
//   second call  <- inputs = {{"confirm", R"({"action":"accept",...})"}},
//                   state = "orders@7"
//
// A provider keeps nothing between the calls. In the stateless era the client
// carries the state, sealed; in the legacy era the server asks on the session's
// stream and keeps the call meanwhile. Providers see no difference.
#ifndef HOWDAH_ADAPTER_MCP_CLIENT_INPUT_H_
#define HOWDAH_ADAPTER_MCP_CLIENT_INPUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::mcp {

struct InputRequest {
  // The provider's name for it, unique among the requests.
  std::string key;
  // "elicitation/create", "sampling/createMessage" or "roots/list". The client
  // must have the capability (RequestContext::client); the request is refused
  // otherwise.
  std::string method;
  // A JSON object; empty for none.
  std::string params_json;
};

struct InputRequired {
  std::vector<InputRequest> requests;
  // The provider's own, given back as it is; never shown to the client.
  std::string state;
};

struct InputResponse {
  std::string key;
  // What the client answered, a JSON object; empty if it answered with an
  // error.
  std::string result_json;
};

// Answers may be missing, and there may be some that nobody asked for.
using InputResponses = std::vector<InputResponse>;

// The result given under this key; empty if there is none.
inline absl::string_view FindInput(const InputResponses& responses,
                                   absl::string_view key) {
  for (const InputResponse& response : responses) {
    if (response.key == key) return response.result_json;
  }
  return {};
}

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_CLIENT_INPUT_H_
