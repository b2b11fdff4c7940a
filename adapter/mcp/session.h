// One client's conversation: the agreed revision, its calls under way, and what
// the server asks or tells the client on its own.
//
//   {"id":7,"method":"tools/call",...}            -> session.calls[7]
//   {"method":"notifications/cancelled",
//    "params":{"requestId":7}}                     -> finds it again
//
//   AskId id = session.Ask("elicitation/create", params_json, slot.exchange,
//                          [](absl::StatusOr<std::string> result_json) {...});
//   session.Notify("notifications/tools/list_changed", "{}");
#ifndef HOWDAH_ADAPTER_MCP_SESSION_H_
#define HOWDAH_ADAPTER_MCP_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/message.h"
#include "adapter/mcp/protocol.h"
#include "adapter/mcp/request_context.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

struct Call;

// The way to one client for messages that answer nothing. A door makes it of
// what its transport has.
class ClientLink {
 public:
  virtual ~ClientLink() = default;

  // `related` is the exchange of the request that the message belongs to, null
  // for none. False if the client has no stream open that could carry it, now
  // or when it comes back.
  virtual bool Send(std::string message, transports::Exchange* related) = 0;
};

// Names a question to the client; 0 names none.
using AskId = std::uint64_t;

// The client's result as raw JSON text; else what it said was wrong (kAborted),
// that it cannot be reached (kUnavailable), or that its session has ended
// (kCancelled).
using AskDone = std::function<void(absl::StatusOr<std::string>)>;

// Threads: the one that runs the server.
// Owns: the questions the client has not answered; the server owns the calls.
// Limits: legacy era only, the modern one forbids requests to the client; at
// most kMaxQuestions wait for an answer.
class Session {
 public:
  static constexpr std::size_t kMaxQuestions = 64;

  // Without `remembers_ids` many clients may share it: ids can repeat, calls
  // cannot be cancelled by id, and nobody can be asked.
  explicit Session(bool remembers_ids) : remembers_ids_(remembers_ids) {}
  // Drops the questions without a word; see Close.
  ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Whether it is that of a single client.
  bool exclusive() const { return remembers_ids_; }

  ProtocolVersion version() const { return version_; }
  void set_version(ProtocolVersion version) { version_ = version; }

  // What the client said in `initialize` it can do.
  const ClientCapabilities& client() const { return client_; }
  void set_client(const ClientCapabilities& client) { client_ = client; }

  // What `logging/setLevel` said last.
  std::optional<LogLevel> log_level() const { return log_level_; }
  void set_log_level(LogLevel level) { log_level_ = level; }

  // Null while there is none. It must outlive the session or be taken away.
  void set_link(ClientLink* link) { link_ = link; }

  // False if a call with this id is under way already.
  bool Add(absl::string_view id, Call* call);
  void Remove(absl::string_view id);
  // Null if there is none.
  Call* Find(absl::string_view id) const;

  // Asks the client. `done` is called once, perhaps before Ask returns (which
  // then is 0), unless Forget comes first.
  AskId Ask(absl::string_view method, absl::string_view params_json,
            transports::Exchange* related, AskDone done);

  // The answer is not wanted any more; the client is told so.
  void Forget(AskId id, transports::Exchange* related = nullptr);

  // A message of the client's that answers a question. Others are ignored.
  void OnResponse(const jsonrpc::Message& response);

  // Tells the client; false if it cannot be reached.
  bool Notify(absl::string_view method, absl::string_view params_json,
              transports::Exchange* related = nullptr);

  // The session ends: questions fail, and later ones at once.
  void Close();

 private:
  const bool remembers_ids_;
  ProtocolVersion version_ = kLatestLegacyVersion;
  ClientCapabilities client_;
  std::optional<LogLevel> log_level_;
  ClientLink* link_ = nullptr;
  absl::flat_hash_map<std::string, Call*> calls_;
  AskId last_question_ = 0;
  absl::btree_map<AskId, AskDone> questions_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SESSION_H_
