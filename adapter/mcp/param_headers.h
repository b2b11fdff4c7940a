// The headers Mcp-Param-*, in which clients repeat the arguments that a tool's
// schema marks with x-mcp-header.
//
//   "properties":{"region":{"type":"string","x-mcp-header":"Region"}}
//   -> Mcp-Param-Region must be what arguments.region is
#ifndef HOWDAH_ADAPTER_MCP_PARAM_HEADERS_H_
#define HOWDAH_ADAPTER_MCP_PARAM_HEADERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/errors.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// Threads: one; schemas are read at the first check.
// Owns: what they say. The provider must outlive it.
class ParamHeaders {
 public:
  explicit ParamHeaders(const ToolProvider& provider) : provider_(provider) {}

  // What is wrong with the headers, if anything.
  std::optional<jsonrpc::Error> Check(absl::string_view tool,
                                      absl::string_view arguments_json,
                                      const transports::Exchange& exchange);

  // The tools have changed.
  void Forget() { read_ = false; }

 private:
  struct Parameter {
    std::string header;
    // Names of members, from the arguments down.
    std::vector<std::string> path;
  };
  using Parameters = std::vector<Parameter>;

  void Read();
  static void Collect(absl::string_view schema, std::vector<std::string>& path,
                      Parameters& found);

  const ToolProvider& provider_;
  bool read_ = false;
  // Tools without any are left out.
  absl::flat_hash_map<std::string, Parameters> by_tool_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PARAM_HEADERS_H_
