// The error object of JSON-RPC, with one constructor per code that MCP uses.
//
//   InvalidParams("params.name is missing; it names the tool to call, ...")
//     -> {"code":-32602,"message":"params.name is missing; ..."}
#ifndef HOWDAH_ADAPTER_JSONRPC_ERRORS_H_
#define HOWDAH_ADAPTER_JSONRPC_ERRORS_H_

#include <string>
#include <utility>

namespace howdah::jsonrpc {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

// A code, a sentence that says what was expected, and optional JSON text.
struct Error {
  int code = 0;
  std::string message;
  std::string data_json;
};

// The text is not JSON.
inline Error ParseError(std::string message) {
  return {kParseError, std::move(message), {}};
}
// JSON, but no JSON-RPC message.
inline Error InvalidRequest(std::string message) {
  return {kInvalidRequest, std::move(message), {}};
}
inline Error MethodNotFound(std::string message) {
  return {kMethodNotFound, std::move(message), {}};
}
inline Error InvalidParams(std::string message) {
  return {kInvalidParams, std::move(message), {}};
}
inline Error InternalError(std::string message) {
  return {kInternalError, std::move(message), {}};
}

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_ERRORS_H_
