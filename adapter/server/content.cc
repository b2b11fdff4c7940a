#include "adapter/server/content.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/catalogue/resource_catalogue.h"
#include "adapter/completion/name_completer.h"
#include "adapter/mcp/list_changes.h"
#include "adapter/prompts/runbook_prompts.h"
#include "adapter/resources/guide.h"
#include "adapter/resources/rpc_resource_provider.h"
#include "adapter/tools/operation_tasks.h"
#include "adapter/tools/rpc_tool_provider.h"
#include "proto/support/status_macros.h"

namespace howdah::adapter {
namespace {

class WholeContent : public Content {
 public:
  WholeContent(std::unique_ptr<catalogue::Catalogue> catalogue,
               std::unique_ptr<prompts::RunbookPrompts> prompts,
               upstream::UnaryCaller& caller, ContentOptions options)
      : catalogue_(std::move(catalogue)),
        resource_catalogue_(*catalogue_),
        prompts_(std::move(prompts)),
        watcher_(caller, options.after),
        tools_(*catalogue_, caller, std::move(options.after)),
        tasks_(*catalogue_, caller),
        completer_(resource_catalogue_, *prompts_, caller),
        resources_({.catalogue = resource_catalogue_,
                    .caller = caller,
                    .watcher = watcher_,
                    .guide =
                        [this] {
                          return resources::GuideText(
                              catalogue_->definitions());
                        },
                    .may_list = std::move(options.may_list)}) {}

  mcp::Providers providers() override {
    return {.tools = tools_,
            .resources = &resources_,
            .prompts = prompts_.get(),
            .completion = &completer_,
            .tasks = &tasks_,
            .changes = &changes_};
  }

  void TellListsChanged() override {
    changes_.Tell(mcp::ListKind::kTools);
    changes_.Tell(mcp::ListKind::kPrompts);
  }

  absl::Status CheckToolsets(
      const std::vector<std::string>& toolsets) const override {
    const std::vector<std::string>& known = catalogue_->toolsets();
    for (const std::string& name : toolsets) {
      const bool all = name == "all";
      for (const std::string& off : catalogue_->toolsets_off()) {
        if (all || name == off) {
          return absl::FailedPreconditionError(absl::StrCat(
              "switching the toolset ", off, " on needs a restart"));
        }
      }
      if (all || mcp::AllowsToolset(known, name)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "--toolsets names \"", name, "\", which does not exist; there are ",
          absl::StrJoin(known, ", "), ", and all"));
    }
    return absl::OkStatus();
  }

 private:
  mcp::ListChanges changes_;
  // In the order of need.
  const std::unique_ptr<catalogue::Catalogue> catalogue_;
  const catalogue::ResourceCatalogue resource_catalogue_;
  const std::unique_ptr<prompts::RunbookPrompts> prompts_;
  resources::ChangeWatcher watcher_;
  tools::RpcToolProvider tools_;
  tools::OperationTasks tasks_;
  completion::NameCompleter completer_;
  resources::RpcResourceProvider resources_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Content>> Content::Make(
    upstream::UnaryCaller& caller, ContentOptions options) {
  ASSIGN_OR_RETURN(auto catalogue, catalogue::Catalogue::Build(
                                       options.toolsets, options.environment));
  ASSIGN_OR_RETURN(auto prompts,
                   prompts::RunbookPrompts::Build(prompts::RunbookTexts()));
  return std::unique_ptr<Content>(std::make_unique<WholeContent>(
      std::move(catalogue), std::move(prompts), caller, std::move(options)));
}

}  // namespace howdah::adapter
