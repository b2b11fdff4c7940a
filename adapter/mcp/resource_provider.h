// The seam between MCP and what can be read by URI. The contract of threads and
// callbacks is that of tool_provider.h.
//
//   provider.Read("howdah://clusters/default/orders", context,
//       [](absl::StatusOr<ResourceReading> reading) { ... });
//
// Statuses: NOT_FOUND becomes the protocol's "resource not found",
// INVALID_ARGUMENT invalid parameters (also a cursor that is none),
// everything else an internal error with the status' sentence.
#ifndef HOWDAH_ADAPTER_MCP_RESOURCE_PROVIDER_H_
#define HOWDAH_ADAPTER_MCP_RESOURCE_PROVIDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/list_page.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"

namespace howdah::mcp {

// As `resources/list` shows it. Empty members are left out.
struct ResourceDefinition {
  std::string uri;
  std::string name;
  std::string title;
  std::string description;
  std::string mime_type;
  std::optional<std::int64_t> size;
  std::string icons_json;
  std::string annotations_json;  // {"audience":..,"priority":..}
};

// As `resources/templates/list` shows it.
struct ResourceTemplate {
  std::string uri_template;  // RFC 6570
  std::string name;
  std::string title;
  std::string description;
  std::string mime_type;
  std::string icons_json;
  std::string annotations_json;
};

// One piece of what a URI holds.
struct ResourceContent {
  std::string uri;
  std::string mime_type;
  // Text, or bytes of any kind if `binary`.
  std::string bytes;
  bool binary = false;
};

struct ResourceReading {
  std::vector<ResourceContent> contents;
  CacheHint cache;
};

// Destroying it ends the watching; that may happen inside `on_change`.
class ResourceWatch {
 public:
  virtual ~ResourceWatch() = default;
};

using ResourcePage = ListPage<ResourceDefinition>;
using TemplatePage = ListPage<ResourceTemplate>;

class ResourceProvider {
 public:
  virtual ~ResourceProvider() = default;

  // `cursor` is empty for the first page, else the next_cursor of another. The
  // arguments of all methods are valid until they return.
  virtual std::unique_ptr<RunningCall> List(
      absl::string_view cursor, const RequestContext& context,
      std::function<void(absl::StatusOr<ResourcePage>)> done) = 0;

  virtual std::unique_ptr<RunningCall> ListTemplates(
      absl::string_view cursor, const RequestContext& context,
      std::function<void(absl::StatusOr<TemplatePage>)> done) = 0;

  virtual std::unique_ptr<RunningCall> Read(
      absl::string_view uri, const RequestContext& context,
      std::function<void(absl::StatusOr<ResourceReading>)> done) = 0;

  // Calls `on_change` whenever reading the URI may give something else; never
  // before it returns. What does not exist may be watched too.
  virtual absl::StatusOr<std::unique_ptr<ResourceWatch>> Watch(
      absl::string_view uri, const RequestContext& context,
      std::function<void()> on_change) = 0;

  // The same for what List gives.
  virtual absl::StatusOr<std::unique_ptr<ResourceWatch>> WatchList(
      const RequestContext& context, std::function<void()> on_change) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_RESOURCE_PROVIDER_H_
