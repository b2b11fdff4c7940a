// howdah-local: CloudNativePG for one machine, and an Aiven API sandbox. See
// --help.
#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "backend/local/commands.h"

namespace {

namespace po = boost::program_options;

constexpr char kVersion[] = "howdah-local 0.1.0";

constexpr char kUsage[] = R"(howdah-local: CloudNativePG for one machine.

Serves the part of the Kubernetes API that CloudNativePG needs, and runs its
clusters as PostgreSQL processes of this machine. Serves, apart from that, an
Aiven API sandbox: 30 invented projects with 120 services, of which those of
type pg are PostgreSQL processes too.

Usage:
  howdah-local serve  --data-dir DIR [options]   run a plane
  howdah-local lease  --data-dir DIR [--port N]  hold a plane, started if needed,
                                                 until stdin ends
  howdah-local status --data-dir DIR             show the running plane
  howdah-local stop   --data-dir DIR             stop it; its state stays
  howdah-local aiven  --data-dir DIR [options]   run an Aiven sandbox; its token
                                                 is in DIR/aiven/token

kubectl reaches a plane with --kubeconfig DIR/kubeconfig.

)";

po::options_description Flags(howdah::local::CommandOptions& options) {
  po::options_description flags("Options");
  flags.add_options()                   //
      ("help,h", "Show this.")          //
      ("version", "Show the version.")  //
      ("data-dir", po::value(&options.data_dir)->value_name("DIR"),
       "Where everything is kept: objects, certificates, clusters.")  //
      ("host",
       po::value(&options.host)
           ->value_name("ADDRESS")
           ->default_value(options.host),
       "Loopback address to listen on.")  //
      ("port",
       po::value(&options.port)->value_name("N")->default_value(options.port),
       "Port to listen on; 0 takes that of last time, or a free one. The Aiven "
       "sandbox takes a free one.")  //
      ("rate-limit",
       po::value(&options.rate_limit)
           ->value_name("N")
           ->default_value(options.rate_limit),
       "Calls that the Aiven sandbox takes per token and minute; 0: any "
       "number.")  //
      ("exit-when-unused", po::bool_switch(&options.exit_when_unused),
       "End when the last lease has gone.")  //
      ("announce", po::bool_switch(&options.announce),
       "Print one JSON line when ready.")  //
      ("exit-with-parent", po::bool_switch(&options.exit_with_parent),
       "End when the starting process does.");
  return flags;
}

int Fail(const std::string& why) {
  std::cerr << "howdah-local: " << why << " (see howdah-local --help)\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  howdah::local::CommandOptions options;
  po::options_description visible = Flags(options);
  po::options_description all;
  std::string command;
  all.add(visible).add_options()("command", po::value(&command));
  po::positional_options_description words;
  words.add("command", 1);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(argc, argv)
                  .options(all)
                  .positional(words)
                  .style(po::command_line_style::unix_style &
                         ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    return Fail(error.what());
  }
  if (values.count("help") > 0) {
    std::cout << kUsage << visible;
    return 0;
  }
  if (values.count("version") > 0) {
    std::cout << kVersion << "\n";
    return 0;
  }
  if (command.empty()) return Fail("give a command");
  static const std::map<std::string,
                        int (*)(const howdah::local::CommandOptions&)>
      kCommands = {{"aiven", howdah::local::ServeAiven},
                   {"lease", howdah::local::Lease},
                   {"serve", howdah::local::Serve},
                   {"status", howdah::local::Status},
                   {"stop", howdah::local::Stop}};
  auto found = kCommands.find(command);
  if (found == kCommands.end()) {
    return Fail("there is no command \"" + command + "\"");
  }
  if (options.data_dir.empty()) return Fail("give --data-dir");
  // The well-known port is the plane's.
  if (command == "aiven" && values["port"].defaulted()) options.port = 0;
  return found->second(options);
}
