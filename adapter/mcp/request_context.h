// Who asks, with which rights, and what the asking client can do. Doors fill it
// in, the server completes it from the message, providers read it.
//
//   if (!context.client.elicitation_form) return NeedsConfirmArgument();
//   options.bearer_token = context.bearer_token;
#ifndef HOWDAH_ADAPTER_MCP_REQUEST_CONTEXT_H_
#define HOWDAH_ADAPTER_MCP_REQUEST_CONTEXT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/protocol.h"

namespace howdah::mcp {

// What a client says it can do for the server.
struct ClientCapabilities {
  bool elicitation_form = false;
  bool elicitation_url = false;
  bool sampling = false;
  bool roots = false;
  // The extension io.modelcontextprotocol/tasks.
  bool tasks = false;
};

// By rising severity, as RFC 5424 has it.
enum class LogLevel {
  kDebug,
  kInfo,
  kNotice,
  kWarning,
  kError,
  kCritical,
  kAlert,
  kEmergency
};

// "debug" .. "emergency"
absl::string_view LogLevelText(LogLevel level);
std::optional<LogLevel> ParseLogLevel(absl::string_view text);

class Challenge;

// An authenticated caller.
struct Principal {
  // Opaque and never empty; sealed states, sessions and tasks are bound to it.
  std::string key;
  // If set, only `scopes` are granted, else whatever the operator allows.
  bool limited = false;
  // Names of the contract ("howdah:read"), those that others include too.
  std::vector<std::string> scopes;
  // How to ask for more scopes; null where that is of no use.
  std::shared_ptr<const Challenge> challenge;

  bool Has(absl::string_view scope) const;
};

// Of nobody in particular it is empty.
inline absl::string_view KeyOf(const Principal* principal) {
  return principal == nullptr ? absl::string_view() : principal->key;
}

// In `_meta` of a request: a name of the client's for a change, under which it
// can send the change again, in another request and to another server.
inline constexpr char kRequestIdKey[] = "howdah/requestId";

// Costs no allocation where nothing special is asked for.
struct RequestContext {
  // Bearer token of the caller, empty if none; forwarded to the backend only.
  std::string bearer_token;
  // W3C traceparent, empty if none.
  std::string traceparent;
  // See kRequestIdKey; empty if none.
  std::string request_id;
  // Each only narrows what the operator allows.
  bool read_only = false;
  // Empty: as the operator has it.
  std::vector<std::string> toolsets;
  // Whether the caller itself asked for less than the operator allows. Then
  // what it is shown is not for others.
  bool narrowed = false;
  // Null where callers are not told apart.
  std::shared_ptr<const Principal> principal;
  ClientCapabilities client;
  ProtocolVersion version = kLatestLegacyVersion;
  // From which level on log messages are wanted; none if unset.
  std::optional<LogLevel> log_level;

  absl::string_view principal_key() const { return KeyOf(principal.get()); }
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_REQUEST_CONTEXT_H_
