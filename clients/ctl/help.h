// Help pages, from the contract's comments.
#ifndef HOWDAH_CLIENTS_CTL_HELP_H_
#define HOWDAH_CLIENTS_CTL_HELP_H_

#include <cstddef>
#include <string>

#include "clients/ctl/command.h"
#include "clients/ctl/style.h"

namespace howdah::ctl {

// What there is.
std::string HelpForAll(const CommandList& commands, const Style& style,
                       size_t width);
// The commands of one resource.
std::string HelpForResource(const Resource& resource, const Style& style,
                            size_t width);
// One command with its arguments and flags.
std::string HelpForCommand(const Command& command, const CommandList& commands,
                           const Style& style, size_t width);

// "howdahctl clusters create NAME [FLAGS]"
std::string UsageLine(const Command& command);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_HELP_H_
