// All that the server has to offer, made from one channel to the backend.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<Content> content,
//                    Content::Make(channel, {.after = after}));
//   mcp::Server server(content->providers(), info);
#ifndef HOWDAH_ADAPTER_SERVER_CONTENT_H_
#define HOWDAH_ADAPTER_SERVER_CONTENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/mcp/providers.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/resources/change_watcher.h"
#include "adapter/upstream/unary_caller.h"
#include "proto/support/environment.h"

namespace howdah::adapter {

struct ContentOptions {
  // As the operator asks for them; see Catalogue::Build.
  std::vector<std::string> toolsets = {};
  support::EnvironmentOf environment = support::EmptyEnvironment;
  resources::After after;
  // Whether listing resources may ask the backend, which starts it.
  std::function<bool()> may_list = [] { return true; };
};

// Threads: one. Owns: the catalogues and the providers. The caller must outlive
// it.
class Content {
 public:
  static absl::StatusOr<std::unique_ptr<Content>> Make(
      upstream::UnaryCaller& caller, ContentOptions options);
  virtual ~Content() = default;

  virtual mcp::Providers providers() = 0;

  // What is offered has become less or more.
  virtual void TellListsChanged() = 0;

  // INVALID_ARGUMENT for a toolset that does not exist, FAILED_PRECONDITION for
  // one that this content was made without.
  virtual absl::Status CheckToolsets(
      const std::vector<std::string>& toolsets) const = 0;
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_CONTENT_H_
