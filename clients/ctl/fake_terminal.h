// A terminal that keeps what is printed and answers what it was told to.
#ifndef HOWDAH_CLIENTS_CTL_FAKE_TERMINAL_H_
#define HOWDAH_CLIENTS_CTL_FAKE_TERMINAL_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/ctl/terminal.h"

namespace howdah::ctl {

class FakeTerminal : public Terminal {
 public:
  std::string out, err;
  bool is_terminal = false;          // for output, messages and answers
  std::vector<std::string> answers;  // to questions, in order
  std::string secret;                // what is typed or in a file
  int looks = 1;                     // how often --watch looks

  void Out(absl::string_view text) override { absl::StrAppend(&out, text); }
  void Err(absl::string_view text) override { absl::StrAppend(&err, text); }
  bool out_is_terminal() const override { return is_terminal; }
  bool err_is_terminal() const override { return is_terminal; }
  bool can_ask() const override { return is_terminal; }
  bool colours() const override { return false; }
  size_t width() const override { return is_terminal ? 80 : 0; }
  bool Ask(absl::string_view question, std::string& answer) override {
    Err(question);
    if (answers.empty()) return false;
    answer = answers.front();
    answers.erase(answers.begin());
    return true;
  }
  bool Pause(absl::Duration) override { return --looks > 0; }
  absl::StatusOr<std::string> Ask(const std::string&) override {
    return secret;
  }
  absl::StatusOr<std::string> ReadFile(const std::string&) override {
    return secret;
  }
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_FAKE_TERMINAL_H_
