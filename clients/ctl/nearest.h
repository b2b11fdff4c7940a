// The word that was probably meant.
//
//   Nearest("clsuters", {"clusters", "roles"}) => "clusters"
//   Nearest("--instance", {"--instances", "--wait"}) => "--instances"
//   Nearest("x", {"clusters"}) => ""
#ifndef HOWDAH_CLIENTS_CTL_NEAREST_H_
#define HOWDAH_CLIENTS_CTL_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::ctl {

// The candidate with the fewest changes of a letter (an exchange of two
// neighbours is one change), or one that begins with the word; empty if all are
// too far.
std::string Nearest(absl::string_view word,
                    const std::vector<std::string>& candidates);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_NEAREST_H_
