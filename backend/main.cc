// howdah-backend: the gRPC server. Flags are read here, everything else happens
// in backend/server: config.h, assembly.h, process.h.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/server/assembly.h"
#include "backend/server/config.h"
#include "backend/server/process.h"
#include "proto/support/env_file.h"
#include "proto/support/environment.h"

namespace {

namespace server = howdah::server;

constexpr int kBadUsage = 2;
constexpr int kCannotStart = 1;

int Complain(const absl::Status& status, int exit_status) {
  std::cerr << "howdah-backend: " << status.message() << "\n";
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const absl::Status loaded = howdah::support::LoadEnvFiles(arguments);
  if (!loaded.ok()) return Complain(loaded, kBadUsage);
  const auto read = [&arguments] {
    return server::ParseConfig(arguments, howdah::support::ProcessEnvironment);
  };
  const auto config = read();
  if (!config.ok()) return Complain(config.status(), kBadUsage);
  if (!config->print.empty()) {
    std::cout << config->print;
    return 0;
  }
  const absl::Status prepared = server::PrepareProcess(*config);
  if (!prepared.ok()) return Complain(prepared, kCannotStart);
  const auto assembly = server::Assembly::Start(*config);
  if (!assembly.ok()) return Complain(assembly.status(), kCannotStart);
  server::ServeUntilSignal(*config, (*assembly)->server(), read);
  return 0;
}
