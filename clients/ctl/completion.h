// Completion of command lines in bash and zsh.
//
// The shells' scripts only ask the program itself: `howdahctl __complete` with
// the words so far, the last one being completed, prints the candidates.
#ifndef HOWDAH_CLIENTS_CTL_COMPLETION_H_
#define HOWDAH_CLIENTS_CTL_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/ctl/command.h"

namespace howdah::ctl {

// The script for a shell; empty for an unknown shell.
std::string CompletionScript(absl::string_view shell);

// What the last word can become.
std::vector<std::string> Complete(const std::vector<std::string>& words,
                                  const CommandList& commands);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_COMPLETION_H_
