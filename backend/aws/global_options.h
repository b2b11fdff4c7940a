// Options that the CLI takes with every command. They are the server's: some
// are taken out, some change nothing, the rest is refused.
//
//   const GlobalOption* option = FindGlobalOption("--endpoint-url");
//   option->refusal   // "where and how requests are sent is set by …"
#ifndef HOWDAH_BACKEND_AWS_GLOBAL_OPTIONS_H_
#define HOWDAH_BACKEND_AWS_GLOBAL_OPTIONS_H_

#include "absl/strings/string_view.h"

namespace howdah::aws {

struct GlobalOption {
  absl::string_view name;
  bool takes_value;
  // Why it is not taken; empty for those that are.
  absl::string_view refusal;
};

// By its exact name, of versions 1 and 2; null if there is none.
const GlobalOption* FindGlobalOption(absl::string_view name);

// The CLI takes a beginning of a global option's name for the whole, and its
// global options before a command's own: such an option of a command never
// arrives.
bool HidesBehindGlobalOption(absl::string_view name);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_GLOBAL_OPTIONS_H_
