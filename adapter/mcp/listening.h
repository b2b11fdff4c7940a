// subscriptions/listen: streams on which clients of the modern era hear of
// changes, each with its own filter.
//
//   -> {"id":4,"method":"subscriptions/listen","params":{"notifications":
//        {"toolsListChanged":true,"resourceSubscriptions":["howdah://.."]}}}
//   <- notifications/subscriptions/acknowledged, with what was accepted
//   <- notifications/tools/list_changed, ...     (each names subscription 4)
//   <- {"id":4,"result":..}                      when the server stops
#ifndef HOWDAH_ADAPTER_MCP_LISTENING_H_
#define HOWDAH_ADAPTER_MCP_LISTENING_H_

#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/list_changes.h"
#include "adapter/mcp/providers.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/task_ids.h"

namespace howdah::mcp {

// The notification that tells of a change, "notifications/tools/list_changed".
absl::string_view ChangeNotification(ListKind kind);

// Threads: one.
// Owns: nothing but the list of listeners, which their calls own. All that it
// is given must outlive it.
// Limits: those of the transport, kMaxListeners in all and kMaxOfOne of each
// principal; each may watch kMaxWatched resources and tasks.
class Listening {
 public:
  static constexpr std::size_t kMaxListeners = 1024;
  static constexpr std::size_t kMaxOfOne = 128;
  static constexpr std::size_t kMaxWatched = 256;

  Listening(const Providers& providers, Calls& calls, const Results& results,
            const TaskIds& task_ids)
      : providers_(providers),
        calls_(calls),
        results_(results),
        task_ids_(task_ids) {}

  void Listen(Request& request);

  void Tell(ListKind kind);

  // Answers all listeners: the server stops.
  void EndAll();

 private:
  class Listener;

  // Whether there is room for one more of that principal.
  bool HasRoom(absl::string_view principal_key) const;

  const Providers& providers_;
  Calls& calls_;
  const Results& results_;
  const TaskIds& task_ids_;
  std::list<Listener*> listeners_;
  absl::flat_hash_map<std::string, std::size_t> of_principal_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_LISTENING_H_
