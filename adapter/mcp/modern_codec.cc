#include "adapter/mcp/modern_codec.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
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

Refused Bad(Error error) { return {kHttpBadRequest, std::move(error)}; }

Refused Mismatch(absl::string_view header, absl::string_view expected) {
  return Bad({kHeaderMismatch,
              absl::StrCat("The header ", header, " must be \"", expected,
                           "\", as the body says."),
              {}});
}

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

// The value a header stands for: itself, or what =?base64?..?= wraps. Nothing
// if the wrapping is broken.
std::optional<std::string> HeaderValue(absl::string_view header) {
  constexpr absl::string_view kOpen = "=?base64?";
  constexpr absl::string_view kClose = "?=";
  header = absl::StripAsciiWhitespace(header);
  if (!absl::StartsWith(header, kOpen) || !absl::EndsWith(header, kClose) ||
      header.size() < kOpen.size() + kClose.size()) {
    return std::string(header);
  }
  header.remove_prefix(kOpen.size());
  header.remove_suffix(kClose.size());
  std::string decoded;
  // Abseil forgives missing padding and blanks; the standard does not.
  if (!absl::Base64Unescape(header, &decoded) ||
      absl::Base64Escape(decoded) != header) {
    return std::nullopt;
  }
  return decoded;
}

// The parameter that Mcp-Name repeats, if the method has one.
absl::string_view NamingParameter(absl::string_view method) {
  return method == "tools/call" ? "name" : "";
}

std::optional<Refused> CheckHeaders(const jsonrpc::Message& message,
                                    absl::string_view version,
                                    const transports::Exchange& headers) {
  if (headers.Header("MCP-Protocol-Version") != version) {
    return Mismatch("MCP-Protocol-Version", version);
  }
  if (headers.Header("Mcp-Method") != message.method) {
    return Mismatch("Mcp-Method", message.method);
  }
  absl::string_view parameter = NamingParameter(message.method);
  if (parameter.empty()) return std::nullopt;
  const std::string name = DecodeString(Member(message.params, parameter));
  if (name.empty()) return std::nullopt;  // refused later, by its own rule
  if (HeaderValue(headers.Header("Mcp-Name")) != name) {
    return Mismatch("Mcp-Name", name);
  }
  return std::nullopt;
}

Refused Missing(absl::string_view what, absl::string_view example) {
  return Bad(jsonrpc::InvalidParams(absl::StrCat(
      "params._meta[\"", what, "\"] is missing; for example ", example, ".")));
}

void AppendServerInfo(std::string& out, const ServerInfo& info) {
  out += R"({"name":)";
  AppendString(out, info.name);
  out += R"(,"title":)";
  AppendString(out, info.title);
  out += R"(,"version":)";
  AppendString(out, info.version);
  out += '}';
}

}  // namespace

bool Describes(const jsonrpc::Message& message) {
  return message.method == "server/discover" ||
         !Member(Member(message.params, "_meta"), kVersionKey).empty();
}

std::optional<Refused> CheckRequest(const jsonrpc::Message& message,
                                    const transports::Exchange* headers) {
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
  return std::nullopt;
}

std::string ResultStart(const ServerInfo& info) {
  std::string out = R"({"resultType":"complete",)"
                    R"("_meta":{"io.modelcontextprotocol/serverInfo":)";
  AppendServerInfo(out, info);
  out += '}';
  return out;
}

absl::string_view CacheHints(bool shared) {
  // Five minutes bound what a client misses that does not listen.
  return shared ? R"(,"ttlMs":300000,"cacheScope":"public")"
                : R"(,"ttlMs":300000,"cacheScope":"private")";
}

std::string DiscoverAnswer(absl::string_view id, const ServerInfo& info,
                           absl::string_view result_start) {
  std::string out = jsonrpc::BeginResult(id, 512 + info.instructions.size());
  absl::StrAppend(&out, result_start, R"(,"supportedVersions":[")",
                  VersionText(kModernVersion),
                  R"("],"capabilities":{"tools":{}},"instructions":)");
  AppendString(out, info.instructions);
  absl::StrAppend(&out, CacheHints(/*shared=*/true), "}}");
  return out;
}

}  // namespace howdah::mcp::modern
