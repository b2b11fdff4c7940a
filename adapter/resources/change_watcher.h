// Hears from the backend what has changed, for everyone who watches a resource.
//
//   ChangeWatcher watcher(channel, changes_rpc, after);
//   auto watch = watcher.Watch({.namespace_name = "default",
//                               .cluster_name = "orders",
//                               .kinds = {KIND_ROLE}},
//                              context, [] { ... });
//
// Watches of one caller in one namespace share a stream. A stream that ends is
// opened again, after a pause that grows while that does not help, and then
// everything counts as changed.
#ifndef HOWDAH_ADAPTER_RESOURCES_CHANGE_WATCHER_H_
#define HOWDAH_ADAPTER_RESOURCES_CHANGE_WATCHER_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/resource_provider.h"
#include "adapter/upstream/unary_caller.h"
#include "howdah/changes/v1/changes_service.pb.h"

namespace howdah::resources {

struct WatchTarget {
  // Empty for the current one.
  std::string context_name;
  // "*" for all.
  std::string namespace_name;
  // Empty for all of the namespace.
  std::string cluster_name;
  std::set<howdah::changes::v1::Kind> kinds;
  // Only clusters that come or go count. One that was not heard of before may
  // have come.
  bool coming_and_going = false;
};

// Calls the function once after that time, on the adapter's thread.
using After = std::function<void(absl::Duration, std::function<void()>)>;

// Threads: one. Owns: the streams, each as long as somebody watches. The caller
// must outlive it, and it the watches.
class ChangeWatcher {
 public:
  ChangeWatcher(upstream::UnaryCaller& caller, After after);
  ~ChangeWatcher();
  ChangeWatcher(const ChangeWatcher&) = delete;
  ChangeWatcher& operator=(const ChangeWatcher&) = delete;

  std::unique_ptr<mcp::ResourceWatch> Watch(WatchTarget target,
                                            const mcp::RequestContext& context,
                                            std::function<void()> on_change);

  std::size_t streams() const { return streams_.size(); }

 private:
  class Stream;
  class Handle;

  upstream::UnaryCaller& caller_;
  const After after_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;
};

}  // namespace howdah::resources

#endif  // HOWDAH_ADAPTER_RESOURCES_CHANGE_WATCHER_H_
