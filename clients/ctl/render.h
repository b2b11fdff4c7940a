// Answers as text for people.
//
// A list shows its table; an object shows its summary, its fields one by line,
// and a table for each list in it; other answers show their summary and what
// the contract does not call told in it.
#ifndef HOWDAH_CLIENTS_CTL_RENDER_H_
#define HOWDAH_CLIENTS_CTL_RENDER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "clients/ctl/command.h"
#include "clients/ctl/style.h"
#include "google/protobuf/message.h"

namespace howdah::ctl {

// How much is shown.
struct Extent {
  // Of the terminal; 0 for none.
  size_t width = 0;
  // Tables show every field that fits into a cell.
  bool wide = false;
};

// Ends with a new line.
std::string RenderAnswer(const google::protobuf::Message& answer,
                         const Wording& wording, const Style& style,
                         const Extent& extent);

// A failed call: the sentence, what is wrong with which argument, and advice.
std::string RenderError(const absl::Status& status, const Wording& wording,
                        const Style& style);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_RENDER_H_
