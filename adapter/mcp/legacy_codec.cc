#include "adapter/mcp/legacy_codec.h"

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp::legacy {

using jsonrpc::AppendString;

std::string InitializeAnswer(absl::string_view id, ProtocolVersion version,
                             const ServerInfo& info) {
  std::string out = jsonrpc::BeginResult(id, 256 + info.instructions.size());
  absl::StrAppend(&out, R"({"protocolVersion":")", VersionText(version),
                  R"(","capabilities":{"tools":{}},"serverInfo":{"name":)");
  AppendString(out, info.name);
  if (HasStructuredContent(version)) {
    out += R"(,"title":)";
    AppendString(out, info.title);
  }
  out += R"(,"version":)";
  AppendString(out, info.version);
  out += R"(},"instructions":)";
  AppendString(out, info.instructions);
  out += "}}";
  return out;
}

}  // namespace howdah::mcp::legacy
