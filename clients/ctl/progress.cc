#include "clients/ctl/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/ctl/table.h"
#include "proto/support/text_layout.h"

namespace howdah::ctl {
namespace {

constexpr int kBarCells = 24;
constexpr absl::string_view kEraseLine = "\r\033[K";

}  // namespace

std::string ProgressBar(int percent, const std::string& message, size_t width) {
  percent = std::clamp(percent, 0, 100);
  const int full = percent * kBarCells / 100;
  std::string bar;
  for (int i = 0; i < kBarCells; ++i) bar += i < full ? "█" : "░";
  std::string line = absl::StrCat(bar, absl::StrFormat(" %3d %%  ", percent),
                                  Harmless(message));
  // Longer than the terminal it would leave lines behind.
  while (width > 0 && support::DisplayWidth(line) >= width) {
    do {
      line.pop_back();
    } while (!line.empty() &&
             (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80);
  }
  return line;
}

void Progress::Show(const operations::v1::Operation& state) {
  if (terminal_.err_is_terminal()) {
    terminal_.Err(absl::StrCat(
        kEraseLine, ProgressBar(state.progress_percent(), state.message(),
                                terminal_.width())));
    drawn_ = true;
    return;
  }
  const std::string line = absl::StrFormat(
      "%3d %%  %s\n", state.progress_percent(), Harmless(state.message()));
  if (line != last_) terminal_.Err(line);
  last_ = line;
}

void Progress::Finish() {
  if (drawn_) terminal_.Err(kEraseLine);
  drawn_ = false;
}

}  // namespace howdah::ctl
