// Tells the server that a list has changed which is the same for all callers.
// (That of resources is not: ResourceProvider::WatchList.)
//
//   ListChanges changes;
//   mcp::Server server({.tools = tools, .changes = &changes}, info);
//   ...
//   changes.Tell(ListKind::kTools);
#ifndef HOWDAH_ADAPTER_MCP_LIST_CHANGES_H_
#define HOWDAH_ADAPTER_MCP_LIST_CHANGES_H_

#include <functional>
#include <utility>

namespace howdah::mcp {

enum class ListKind { kTools, kPrompts };

// Threads: the adapter's one. Limits: one listener, the server.
class ListChanges {
 public:
  ListChanges() = default;
  ListChanges(const ListChanges&) = delete;
  ListChanges& operator=(const ListChanges&) = delete;

  void Tell(ListKind kind) {
    if (listener_) listener_(kind);
  }

  // The server's own.
  void Listen(std::function<void(ListKind)> listener) {
    listener_ = std::move(listener);
  }

 private:
  std::function<void(ListKind)> listener_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_LIST_CHANGES_H_
