// Text to JSON-RPC messages, with limits.
//
//   Parser parser;
//   Parsed parsed = parser.Parse(line);
//   // [{"jsonrpc":"2.0",...},{...}] -> batch, one Message per element
//   // {"jsonrpc":"2.0","id":         -> one kInvalid message, code -32700
//   // {"id":5,"method":7}            -> one kInvalid message, id "5", -32600
#ifndef HOWDAH_ADAPTER_JSONRPC_PARSER_H_
#define HOWDAH_ADAPTER_JSONRPC_PARSER_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/json_checker.h"
#include "adapter/jsonrpc/message.h"

namespace howdah::jsonrpc {

// Threads: one at a time.
// Owns: scratch memory; the result points into the text alone.
// Limits: kMaxBatch messages in a batch; JsonChecker::kMaxDepth levels. The
// length of the text is for transports to limit.
class Parser {
 public:
  static constexpr std::size_t kMaxBatch = 100;

  Parsed Parse(absl::string_view text);

 private:
  JsonChecker checker_;
};

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_PARSER_H_
