// What howdahctl prints to and asks from: the terminal, or a test's stand-in.
#ifndef HOWDAH_CLIENTS_CTL_TERMINAL_H_
#define HOWDAH_CLIENTS_CTL_TERMINAL_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/ctl/arguments.h"

namespace howdah::ctl {

// Output goes to Out, everything that is about the run to Err.
class Terminal : public SecretSource {
 public:
  virtual void Out(absl::string_view text) = 0;
  virtual void Err(absl::string_view text) = 0;
  // Whether a person sees the output, the messages, can answer.
  virtual bool out_is_terminal() const = 0;
  virtual bool err_is_terminal() const = 0;
  virtual bool can_ask() const = 0;
  virtual bool colours() const = 0;
  // Columns; 0 when the output is no terminal.
  virtual size_t width() const = 0;
  // Shows the question and reads a line; false at the end of the input.
  virtual bool Ask(absl::string_view question, std::string& answer) = 0;
  // Waits between two looks of --watch; false when it is time to stop.
  virtual bool Pause(absl::Duration duration) = 0;
  using SecretSource::Ask;
};

// The process's own standard streams. Threads: not safe.
class ProcessTerminal : public Terminal {
 public:
  void Out(absl::string_view text) override;
  void Err(absl::string_view text) override;
  bool out_is_terminal() const override;
  bool err_is_terminal() const override;
  bool can_ask() const override;
  bool colours() const override;
  size_t width() const override;
  bool Ask(absl::string_view question, std::string& answer) override;
  bool Pause(absl::Duration duration) override;
  absl::StatusOr<std::string> Ask(const std::string& what) override;
  absl::StatusOr<std::string> ReadFile(const std::string& path) override;
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_TERMINAL_H_
