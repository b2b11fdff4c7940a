// Completes names of clusters, namespaces, roles and databases from the lists
// that the contract names as their sources.
//
//   completer.Complete({.of = Completable::kPrompt,
//                       .name = "investigate_cluster",
//                       .argument = "cluster_name", .value = "or"}, done);
//       // {"orders", "orders-test"}
//
// The lists are asked for under the caller's identity, so nothing is suggested
// that the caller may not see. People type faster than lists change: an answer
// is kept for some seconds, for that caller alone.
#ifndef HOWDAH_ADAPTER_COMPLETION_NAME_COMPLETER_H_
#define HOWDAH_ADAPTER_COMPLETION_NAME_COMPLETER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/catalogue/resource_catalogue.h"
#include "adapter/mcp/completion_provider.h"
#include "adapter/prompts/runbook_prompts.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/message.h"

namespace howdah::completion {

// Names in their order, the best first: those that begin with `typed`, then
// those that contain it, in any case.
std::vector<std::string> Matching(const std::vector<std::string>& names,
                                  const std::string& typed);

// Threads: one. Owns: the answers it keeps. The rest must outlive it and its
// calls. Limits: knows the first 1000 items of a list; keeps 64 answers.
class NameCompleter : public mcp::CompletionProvider {
 public:
  NameCompleter(const catalogue::ResourceCatalogue& resources,
                const prompts::RunbookPrompts& prompts,
                upstream::UnaryCaller& caller,
                std::function<absl::Time()> now = &absl::Now);

  std::unique_ptr<mcp::RunningCall> Complete(
      mcp::CompletionRequest request,
      std::function<void(absl::StatusOr<mcp::Completion>)> done) override;

 private:
  struct Names {
    std::vector<std::string> sorted;
    bool has_more = false;
    absl::Time read;
  };

  // Kind of name of an argument; INVALID_ARGUMENT if there is none such.
  absl::StatusOr<std::string> KindOfArgument(
      const mcp::CompletionRequest& request, const std::string& argument) const;
  // Null where the names depend on something that is not known yet.
  std::unique_ptr<google::protobuf::Message> ListRequest(
      const catalogue::NameSource& source,
      const mcp::CompletionRequest& request) const;
  const Names* Known(const std::string& key) const;
  void Keep(const std::string& key, Names names);

  const catalogue::ResourceCatalogue& resources_;
  const prompts::RunbookPrompts& prompts_;
  upstream::UnaryCaller& caller_;
  const std::function<absl::Time()> now_;
  std::map<std::string, Names> kept_;
};

}  // namespace howdah::completion

#endif  // HOWDAH_ADAPTER_COMPLETION_NAME_COMPLETER_H_
