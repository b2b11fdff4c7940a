// The command line client of Howdah; see app.h.
#include <cstdlib>
#include <string>
#include <vector>

#include "clients/ctl/app.h"
#include "clients/ctl/kubectl.h"
#include "clients/ctl/rbac_command.h"

namespace {

void TakeFromEnvironment(const char* name, std::string& to) {
  const char* value = std::getenv(name);
  if (value != nullptr && *value != '\0') to = value;
}

}  // namespace

int main(int argc, char** argv) {
  howdah::ctl::GlobalOptions defaults;
  TakeFromEnvironment("HOWDAH_ADDRESS", defaults.address);
  TakeFromEnvironment("HOWDAH_TLS_CA", defaults.tls_ca);
  TakeFromEnvironment("HOWDAH_TLS_CERT", defaults.tls_cert);
  TakeFromEnvironment("HOWDAH_TLS_KEY", defaults.tls_key);
  TakeFromEnvironment("HOWDAH_TOKEN_FILE", defaults.token_file);
  howdah::ctl::ProcessTerminal terminal;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == "rbac") {
    howdah::ctl::ProcessKubectl kubectl;
    return howdah::ctl::RbacCommand(terminal, kubectl)
        .Run({words.begin() + 1, words.end()});
  }
  const auto commands = howdah::ctl::CommandList::FromContract();
  howdah::ctl::App app(commands, terminal, howdah::ctl::Rpc::Connect);
  return app.Run(words, defaults);
}
