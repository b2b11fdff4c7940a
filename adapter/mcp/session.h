// One client's conversation: the agreed revision, and its calls under way.
//
//   {"id":7,"method":"tools/call",...}            -> session.calls[7]
//   {"method":"notifications/cancelled",
//    "params":{"requestId":7}}                     -> finds it again
#ifndef HOWDAH_ADAPTER_MCP_SESSION_H_
#define HOWDAH_ADAPTER_MCP_SESSION_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/protocol.h"

namespace howdah::mcp {

struct Call;

// Threads: the one that runs the server.
// Owns: nothing; the server owns the calls.
class Session {
 public:
  // Without `remembers_ids` many clients may share it: ids can repeat and calls
  // cannot be cancelled by id.
  explicit Session(bool remembers_ids) : remembers_ids_(remembers_ids) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ProtocolVersion version() const { return version_; }
  void set_version(ProtocolVersion version) { version_ = version; }

  // False if a call with this id is under way already.
  bool Add(absl::string_view id, Call* call);
  void Remove(absl::string_view id);
  // Null if there is none.
  Call* Find(absl::string_view id) const;

 private:
  const bool remembers_ids_;
  ProtocolVersion version_ = kLatestLegacyVersion;
  absl::flat_hash_map<std::string, Call*> calls_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SESSION_H_
