// A runbook: a text file that becomes an MCP prompt.
//
//   name: investigate_cluster
//   title: Investigate an unhealthy cluster
//   description: Finds out what is wrong with a cluster and what to do.
//   toolset: postgres
//   changes: true            (left out: it only reads)
//   argument: cluster_name
//     names: cluster         (what it is completed from)
//     format: cluster_name   (as in the contract; left out: short text)
//     required: true
//     description: Name of the cluster.
//   ---
//   Investigate the PostgreSQL cluster {{cluster_name}}.
//   Look in namespace {{namespace}}.
//
// A line with an argument that was not given is left out.
#ifndef HOWDAH_ADAPTER_PROMPTS_RUNBOOK_H_
#define HOWDAH_ADAPTER_PROMPTS_RUNBOOK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::prompts {

struct RunbookArgument {
  std::string name;
  std::string description;
  // Kind of name in the contract; empty for free text.
  std::string names;
  howdah::mcp::v1::Format format = howdah::mcp::v1::FORMAT_UNSPECIFIED;
  bool required = false;
};

// Threads: a value.
struct Runbook {
  std::string name;
  std::string title;
  std::string description;
  std::string toolset;
  bool changes = false;
  std::vector<RunbookArgument> arguments;
  std::string text;
};

using RunbookValues = std::map<std::string, std::string>;

// INVALID_ARGUMENT naming what is wrong, also for a placeholder that is no
// argument.
absl::StatusOr<Runbook> ParseRunbook(absl::string_view file);

// INVALID_ARGUMENT telling all values that do not have their argument's format.
absl::Status CheckValues(const Runbook& runbook, const RunbookValues& values);

// The text for these values, which have been checked.
std::string FillIn(const Runbook& runbook, const RunbookValues& values);

}  // namespace howdah::prompts

#endif  // HOWDAH_ADAPTER_PROMPTS_RUNBOOK_H_
