// Progress of an operation: a bar on a terminal, else a line for each change.
//
//   Progress progress(terminal);
//   rpc.Wait(name, 0, [&](const auto& state) { progress.Show(state); });
//   progress.Finish();
#ifndef HOWDAH_CLIENTS_CTL_PROGRESS_H_
#define HOWDAH_CLIENTS_CTL_PROGRESS_H_

#include <string>

#include "clients/ctl/terminal.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace howdah::ctl {

// Threads: not safe. Owns: nothing; the terminal must outlive it.
class Progress {
 public:
  explicit Progress(Terminal& terminal) : terminal_(terminal) {}

  void Show(const operations::v1::Operation& state);
  // Takes the bar away.
  void Finish();

 private:
  Terminal& terminal_;
  std::string last_;
  bool drawn_ = false;
};

// "[#####-----]  50 %  message", cut to the width. With `letters` for the bar.
std::string ProgressBar(int percent, const std::string& message, size_t width);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_PROGRESS_H_
