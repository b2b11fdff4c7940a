// The command line client of Howdah; see app.h.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/ctl/app.h"
#include "clients/ctl/kubectl.h"
#include "clients/ctl/rbac_command.h"
#include "proto/support/env_file.h"
#include "proto/support/environment.h"

int main(int argc, char** argv) {
  howdah::ctl::ProcessTerminal terminal;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == "rbac") {
    howdah::ctl::ProcessKubectl kubectl;
    return howdah::ctl::RbacCommand(terminal, kubectl)
        .Run({words.begin() + 1, words.end()});
  }
  const absl::Status loaded = howdah::support::LoadEnvFiles(words);
  if (!loaded.ok()) {
    terminal.Err(absl::StrCat("error: ", loaded.message(), "\n"));
    return howdah::ctl::kWrongUsage;
  }
  const auto commands = howdah::ctl::CommandList::FromContract();
  howdah::ctl::App app(commands, terminal, howdah::ctl::Rpc::Connect);
  return app.Run(words, howdah::support::ProcessEnvironment);
}
