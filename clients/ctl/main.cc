// The command line client of Howdah; see app.h.
#include <cstdlib>
#include <string>
#include <vector>

#include "clients/ctl/app.h"

int main(int argc, char** argv) {
  howdah::ctl::GlobalOptions defaults;
  if (const char* address = std::getenv("HOWDAH_ADDRESS");
      address != nullptr && *address != '\0') {
    defaults.address = address;
  }
  const auto commands = howdah::ctl::CommandList::FromContract();
  howdah::ctl::ProcessTerminal terminal;
  howdah::ctl::App app(commands, terminal, howdah::ctl::Rpc::Connect);
  return app.Run(std::vector<std::string>(argv + 1, argv + argc), defaults);
}
