// MCP resources that are reads of the backend, and the guide.
//
//   RpcResourceProvider provider({.catalogue = resources, .caller = channel,
//                                 .watcher = watcher, .guide = guide});
//   provider.Read("howdah://clusters/default/orders", context, ...);
//       // GetCluster as JSON, and the same as readable text
//
// Everything is asked of the backend under the caller's identity; nothing is
// kept here. Lists show what the caller may see: one page of them is one page
// of the List method behind.
#ifndef HOWDAH_ADAPTER_RESOURCES_RPC_RESOURCE_PROVIDER_H_
#define HOWDAH_ADAPTER_RESOURCES_RPC_RESOURCE_PROVIDER_H_

#include <functional>
#include <memory>
#include <string>

#include "adapter/catalogue/resource_catalogue.h"
#include "adapter/mcp/resource_provider.h"
#include "adapter/resources/change_watcher.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::resources {

inline constexpr char kGuideUri[] = "howdah://guide";

struct RpcResourceParts {
  const catalogue::ResourceCatalogue& catalogue;
  upstream::UnaryCaller& caller;
  ChangeWatcher& watcher;
  // Makes the guide, Markdown, when somebody reads it.
  std::function<std::string()> guide;
  // Whether the backend may be asked what there is just to list it. Clients
  // list resources when they connect, which must start nothing.
  std::function<bool()> may_list = [] { return true; };
};

// Threads: one. Owns: nothing; what it is given must outlive it and its calls.
class RpcResourceProvider : public mcp::ResourceProvider {
 public:
  explicit RpcResourceProvider(RpcResourceParts parts);

  std::unique_ptr<mcp::RunningCall> List(
      absl::string_view cursor, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::ResourcePage>)> done) override;
  std::unique_ptr<mcp::RunningCall> ListTemplates(
      absl::string_view cursor, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::TemplatePage>)> done) override;
  std::unique_ptr<mcp::RunningCall> Read(
      absl::string_view uri, const mcp::RequestContext& context,
      std::function<void(absl::StatusOr<mcp::ResourceReading>)> done) override;
  absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> Watch(
      absl::string_view uri, const mcp::RequestContext& context,
      std::function<void()> on_change) override;
  absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> WatchList(
      const mcp::RequestContext& context,
      std::function<void()> on_change) override;

 private:
  // The resources that need no list: the guide and URIs without variables.
  mcp::ResourcePage FixedOnes(const mcp::RequestContext& context) const;
  absl::StatusOr<catalogue::ResourceCatalogue::Found> Find(
      absl::string_view uri, const mcp::RequestContext& context) const;

  const RpcResourceParts parts_;
  transcoding::ArgumentDecoder decoder_;
};

}  // namespace howdah::resources

#endif  // HOWDAH_ADAPTER_RESOURCES_RPC_RESOURCE_PROVIDER_H_
