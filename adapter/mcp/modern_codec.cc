#include "adapter/mcp/modern_codec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/capabilities.h"
#include "adapter/mcp/client_capabilities.h"
#include "adapter/mcp/mcp_headers.h"
#include "adapter/mcp/protocol.h"

namespace howdah::mcp::modern {
namespace {

using jsonrpc::AppendString;
using jsonrpc::DecodeString;
using jsonrpc::Error;
using jsonrpc::Member;

constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kCapabilitiesKey[] =
    "io.modelcontextprotocol/clientCapabilities";
constexpr char kLogLevelKey[] = "io.modelcontextprotocol/logLevel";

Refused Bad(Error error) { return {kHttpBadRequest, std::move(error)}; }

Refused Unsupported(absl::string_view requested) {
  Error error = {kUnsupportedVersion,
                 absl::StrCat("Protocol version \"", requested,
                              "\" is not served this way; use ",
                              VersionText(kModernVersion), "."),
                 {}};
  absl::StrAppend(&error.data_json, R"({"supported":[")",
                  VersionText(kModernVersion), R"("],"requested":)");
  AppendString(error.data_json, requested);
  error.data_json += '}';
  return Bad(std::move(error));
}

// The parameter that Mcp-Name repeats, if the method has one.
absl::string_view NamingParameter(absl::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" ||
      method == "tasks/cancel") {
    return "taskId";
  }
  return "";
}

std::optional<Refused> CheckHeaders(const jsonrpc::Message& message,
                                    absl::string_view version,
                                    const transports::Exchange& headers) {
  if (headers.Header("MCP-Protocol-Version") != version) {
    return Bad(HeaderMismatch("MCP-Protocol-Version", version));
  }
  if (headers.Header("Mcp-Method") != message.method) {
    return Bad(HeaderMismatch("Mcp-Method", message.method));
  }
  absl::string_view parameter = NamingParameter(message.method);
  if (parameter.empty()) return std::nullopt;
  const std::string name = DecodeString(Member(message.params, parameter));
  if (name.empty()) return std::nullopt;  // refused later, by its own rule
  if (HeaderValue(headers.Header("Mcp-Name")) != name) {
    return Bad(HeaderMismatch("Mcp-Name", name));
  }
  return std::nullopt;
}

Refused Missing(absl::string_view what, absl::string_view example) {
  return Bad(jsonrpc::InvalidParams(absl::StrCat(
      "params._meta[\"", what, "\"] is missing; for example ", example, ".")));
}

// What the client says of itself; what is wrong with it, if anything.
std::optional<Refused> ReadMeta(absl::string_view meta,
                                RequestContext& context) {
  context.client =
      ParseCapabilities(Member(meta, kCapabilitiesKey), kModernVersion);
  const absl::string_view level = Member(meta, kLogLevelKey);
  if (level.empty()) return std::nullopt;
  context.log_level = ParseLogLevel(DecodeString(level));
  if (context.log_level) return std::nullopt;
  return Refused{kHttpOk,
                 jsonrpc::InvalidParams(absl::StrCat(
                     "params._meta[\"", kLogLevelKey,
                     "\"] must be one of debug, info, notice, warning, error, "
                     "critical, alert and emergency."))};
}

}  // namespace

bool Describes(const jsonrpc::Message& message) {
  return message.method == "server/discover" ||
         !Member(Member(message.params, "_meta"), kVersionKey).empty();
}

std::optional<Refused> ReadRequest(const jsonrpc::Message& message,
                                   const transports::Exchange* headers,
                                   RequestContext& context) {
  const absl::string_view meta = Member(message.params, "_meta");
  const absl::string_view raw_version = Member(meta, kVersionKey);
  if (!jsonrpc::IsString(raw_version)) {
    return Missing(kVersionKey, R"("2026-07-28")");
  }
  if (!jsonrpc::IsObject(Member(meta, kCapabilitiesKey))) {
    return Missing(kCapabilitiesKey, "{}");
  }
  const std::string version = DecodeString(raw_version);
  if (headers != nullptr) {
    if (auto refused = CheckHeaders(message, version, *headers)) return refused;
  }
  if (version != VersionText(kModernVersion)) return Unsupported(version);
  context.version = kModernVersion;
  return ReadMeta(meta, context);
}

std::string DiscoverAnswer(absl::string_view id, const ServerInfo& info,
                           const Providers& providers, const Results& results) {
  std::string out =
      results.Begin(id, kModernVersion, 512 + info.instructions.size());
  absl::StrAppend(&out, R"("supportedVersions":[")",
                  VersionText(kModernVersion), R"("],"capabilities":)",
                  Capabilities(providers, kModernVersion), ",");
  AppendText(out, "instructions", info.instructions);
  AppendCacheHint(out, {absl::Minutes(5), /*shared=*/true}, kModernVersion);
  EndResult(out);
  return out;
}

}  // namespace howdah::mcp::modern
