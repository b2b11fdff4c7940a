// Model Context Protocol over any transport: reads JSON-RPC, keeps track of
// calls under way, asks the providers, writes the answers.
//
//   mcp::Server server({.tools = tools}, {.version = "1.0.0"});
//   mcp::StdioDoor stdio_door(server, {.read_only = false});
//   transports::StdioTransport stdio(io, {}, stdio_door);
//   // or
//   mcp::HttpDoor http_door(server, {});
//   transports::HttpTransport http(io, {.port = 3000}, http_door);
//
// A door (doors.h) finds the session and the revision; the server does the
// rest.
#ifndef HOWDAH_ADAPTER_MCP_SERVER_H_
#define HOWDAH_ADAPTER_MCP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/jsonrpc/message.h"
#include "adapter/mcp/arrival.h"
#include "adapter/mcp/providers.h"
#include "adapter/mcp/sealed_state.h"
#include "adapter/mcp/server_info.h"
#include "adapter/mcp/session.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

struct ServerOptions {
  // What replicas share, so that each goes on with what another has begun. Our
  // own if unset.
  std::optional<SealingKeys> sealing_keys;
  std::function<absl::Time()> now = [] { return absl::Now(); };
  // Told of each request by its method, those that do not exist as "unknown".
  std::function<void(absl::string_view method)> on_request = {};
};

// Threads: the one that runs the transports and the providers.
// Owns: the calls under way. The providers must outlive it.
class Server {
 public:
  Server(const Providers& providers, ServerInfo info,
         ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The text as messages; views point into `text`.
  jsonrpc::Parsed Parse(absl::string_view text);

  // Handles what Parse returned and answers on `exchange`, now or later.
  void Dispatch(const jsonrpc::Parsed& parsed, const Arrival& arrival,
                transports::Exchange& exchange);

  // The client of `exchange` is gone. Modern calls are cancelled, as are all
  // when `cancel` says so; others go on with nobody to answer to.
  void Abandon(transports::Exchange& exchange, bool cancel);

  // Cancels whatever runs for the session and closes it; it may be destroyed
  // afterwards.
  void End(Session& session);

  // The program is about to stop: answers those that listen for changes, who
  // would wait forever, and those that wait for long work.
  void WrapUp();

  // From now on these seal; what others have sealed is not opened any more.
  void set_sealing_keys(SealingKeys keys);

  // Calls under way, of all sessions.
  std::size_t running_calls() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SERVER_H_
