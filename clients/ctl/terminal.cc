#include "clients/ctl/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace howdah::ctl {
namespace {

// The terminal does not show what is typed while this lives.
class WithoutEcho {
 public:
  WithoutEcho() {
    active_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~WithoutEcho() {
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  termios before_ = {};
  bool active_ = false;
};

void Write(std::FILE* stream, absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

void ProcessTerminal::Out(absl::string_view text) { Write(stdout, text); }
void ProcessTerminal::Err(absl::string_view text) { Write(stderr, text); }

bool ProcessTerminal::out_is_terminal() const {
  return isatty(STDOUT_FILENO) != 0;
}

bool ProcessTerminal::err_is_terminal() const {
  return isatty(STDERR_FILENO) != 0;
}

bool ProcessTerminal::can_ask() const {
  return isatty(STDIN_FILENO) != 0 && err_is_terminal();
}

bool ProcessTerminal::colours() const {
  const char* type = std::getenv("TERM");
  const char* without = std::getenv("NO_COLOR");
  return out_is_terminal() && (without == nullptr || *without == '\0') &&
         type != nullptr && absl::string_view(type) != "dumb";
}

size_t ProcessTerminal::width() const {
  winsize size = {};
  if (!out_is_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
    return 0;
  }
  return size.ws_col;
}

bool ProcessTerminal::Ask(absl::string_view question, std::string& answer) {
  Err(question);
  return static_cast<bool>(std::getline(std::cin, answer));
}

bool ProcessTerminal::Pause(absl::Duration duration) {
  // A signal ends the process; nothing has to be put back.
  absl::SleepFor(duration);
  return true;
}

absl::StatusOr<std::string> ProcessTerminal::Ask(const std::string& what) {
  if (!can_ask()) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " cannot be asked for without a terminal; name a file."));
  }
  std::string secret;
  {
    const WithoutEcho quiet;
    if (!Ask(absl::StrCat(what, ": "), secret)) secret.clear();
  }
  Err("\n");
  if (secret.empty()) return absl::InvalidArgumentError("Nothing was typed.");
  return secret;
}

absl::StatusOr<std::string> ProcessTerminal::ReadFile(const std::string& path) {
  std::string line;
  bool read = false;
  if (path == "-") {
    read = static_cast<bool>(std::getline(std::cin, line));
  } else {
    std::ifstream file(path);
    read = static_cast<bool>(std::getline(file, line));
  }
  if (!read || line.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("There is no text in ", path, "."));
  }
  return line;
}

}  // namespace howdah::ctl
