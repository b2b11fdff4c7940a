// Colours for a terminal; empty everywhere else.
//
//   Style style = Style::For(isatty(1));
//   out << style.bold << "demo" << style.reset;
#ifndef HOWDAH_CLIENTS_CTL_STYLE_H_
#define HOWDAH_CLIENTS_CTL_STYLE_H_

#include "absl/strings/string_view.h"

namespace howdah::ctl {

struct Style {
  absl::string_view bold, dim, red, green, yellow, reset;

  static Style For(bool colours) {
    if (!colours) return {};
    return {"\033[1m",  "\033[2m",  "\033[31m",
            "\033[32m", "\033[33m", "\033[0m"};
  }
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_STYLE_H_
