#include "adapter/mcp/legacy_codec.h"

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/capabilities.h"
#include "adapter/mcp/results.h"

namespace howdah::mcp::legacy {

std::string InitializeAnswer(absl::string_view id, ProtocolVersion version,
                             const ServerInfo& info,
                             const Providers& providers) {
  std::string out = jsonrpc::BeginResult(id, 512 + info.instructions.size());
  absl::StrAppend(&out, R"({"protocolVersion":")", VersionText(version),
                  R"(","capabilities":)", Capabilities(providers, version),
                  R"(,"serverInfo":{)");
  AppendText(out, "name", info.name);
  if (HasStructuredContent(version)) AppendText(out, "title", info.title);
  AppendText(out, "version", info.version);
  if (HasIcons(version)) AppendJson(out, "icons", info.icons_json);
  EndObject(out);
  out += ',';
  AppendText(out, "instructions", info.instructions);
  EndResult(out);
  return out;
}

}  // namespace howdah::mcp::legacy
