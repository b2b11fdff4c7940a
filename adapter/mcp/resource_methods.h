// resources/list, resources/templates/list and resources/read, and for legacy
// sessions resources/subscribe and resources/unsubscribe.
#ifndef HOWDAH_ADAPTER_MCP_RESOURCE_METHODS_H_
#define HOWDAH_ADAPTER_MCP_RESOURCE_METHODS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/resource_provider.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/session.h"

namespace howdah::mcp {

// Threads: one.
// Owns: what sessions have subscribed to or listed. All that it is given must
// outlive it. Limits: kMaxSubscriptions for each session.
class ResourceMethods {
 public:
  static constexpr std::size_t kMaxSubscriptions = 256;

  ResourceMethods(ResourceProvider& provider, Calls& calls,
                  const Results& results)
      : provider_(provider), calls_(calls), results_(results) {}

  void List(Request& request);
  void ListTemplates(Request& request);
  void Read(Request& request);
  void Subscribe(Request& request);
  void Unsubscribe(Request& request);

  // Nobody listens on the session any more.
  void End(Session& session) {
    subscriptions_.erase(&session);
    list_watches_.erase(&session);
  }

 private:
  // By URI.
  using Watches =
      absl::flat_hash_map<std::string, std::unique_ptr<ResourceWatch>>;

  struct ListWatch {
    // With which it began, and ends.
    std::optional<std::string> token;
    std::unique_ptr<ResourceWatch> watch;
  };

  void WatchList(const Request& request);
  void OnRead(Call& call, const std::string& uri,
              const absl::StatusOr<ResourceReading>& reading);
  void FailUnknown(Call& call, const std::string& uri,
                   const absl::Status& status);

  ResourceProvider& provider_;
  Calls& calls_;
  const Results& results_;
  absl::flat_hash_map<Session*, Watches> subscriptions_;
  absl::flat_hash_map<Session*, ListWatch> list_watches_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_RESOURCE_METHODS_H_
