// howdah-local: CloudNativePG for one machine, and an Aiven API sandbox. See
// --help.
#include <boost/program_options.hpp>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/local/commands.h"
#include "proto/support/env_file.h"
#include "proto/support/environment.h"
#include "proto/support/nearest_name.h"
#include "proto/support/program_flags.h"

namespace {

namespace po = boost::program_options;

constexpr char kIntroduction[] = R"(howdah-local: CloudNativePG for one machine.

Serves the part of the Kubernetes API that CloudNativePG needs, and runs its
clusters as PostgreSQL processes of this machine. Serves, apart from that, an
Aiven API sandbox: 30 invented projects with 120 services, of which those of
type pg are PostgreSQL processes too.

  howdah-local serve --data-dir DIR    run a plane
  howdah-local lease --data-dir DIR    hold a plane, started if needed, until
                                       stdin ends
  howdah-local status --data-dir DIR   show the running plane
  howdah-local stop --data-dir DIR     stop it; its state stays
  howdah-local aiven --data-dir DIR    run an Aiven sandbox; its token is in
                                       DIR/aiven/token

kubectl reaches a plane with --kubeconfig DIR/kubeconfig.)";

void Describe(howdah::support::ProgramFlags& flags,
              howdah::local::CommandOptions& options) {
  flags.Group("Where it is")
      .add_options()(
          "data-dir", po::value(&options.data_dir)->value_name("DIR"),
          "where everything is kept: objects, certificates, clusters")(
          "host",
          po::value(&options.host)
              ->value_name("ADDRESS")
              ->default_value(options.host),
          "loopback address to listen on")(
          "port",
          po::value(&options.port)
              ->value_name("N")
              ->default_value(options.port),
          "port to listen on; 0 takes that of last time, or a free one; the "
          "Aiven "
          "sandbox takes a free one unless it is told");
  flags.Group("How it runs")
      .add_options()("rate-limit",
                     po::value(&options.rate_limit)
                         ->value_name("N")
                         ->default_value(options.rate_limit),
                     "calls that the Aiven sandbox takes per token and minute; "
                     "0: any number")(
          "exit-when-unused", po::bool_switch(&options.exit_when_unused),
          "end when the last lease has gone")(
          "announce", po::bool_switch(&options.announce),
          "print one JSON line when ready")(
          "exit-with-parent", po::bool_switch(&options.exit_with_parent),
          "end when the starting process does");
  flags.OnlyOnCommandLine({"exit-when-unused", "announce", "exit-with-parent"});
  flags.AddConfiguration(kIntroduction, "");
}

int Fail(absl::string_view why) {
  std::cerr << "howdah-local: " << why << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (const auto loaded = howdah::support::LoadEnvFiles(arguments);
      !loaded.ok()) {
    return Fail(loaded.message());
  }
  howdah::local::CommandOptions options;
  // Of its own, since it runs beside programs that have a port too.
  howdah::support::ProgramFlags flags("howdah-local", "HOWDAH_LOCAL_");
  Describe(flags, options);
  std::vector<std::string> words;
  if (const auto read =
          flags.Read(arguments, howdah::support::ProcessEnvironment, &words);
      !read.ok()) {
    return Fail(read.message());
  }
  if (!flags.Answer().empty() || flags.Given("print-config")) {
    std::cout << (flags.Answer().empty() ? flags.Show() : flags.Answer());
    return 0;
  }
  if (words.empty()) return Fail("Give a command; see --help.");
  if (words.size() > 1) {
    return Fail(absl::StrCat("\"", words[1], "\" is one word too many."));
  }
  static const std::map<std::string,
                        int (*)(const howdah::local::CommandOptions&)>
      kCommands = {{"aiven", howdah::local::ServeAiven},
                   {"lease", howdah::local::Lease},
                   {"serve", howdah::local::Serve},
                   {"status", howdah::local::Status},
                   {"stop", howdah::local::Stop}};
  const auto found = kCommands.find(words.front());
  if (found == kCommands.end()) {
    std::vector<std::string> known;
    for (const auto& [name, run] : kCommands) known.push_back(name);
    const std::string nearest =
        howdah::support::NearestName(words.front(), known);
    return Fail(absl::StrCat(
        "There is no command \"", words.front(), "\".",
        nearest.empty() ? "" : absl::StrCat(" Did you mean ", nearest, "?"),
        " See --help."));
  }
  if (options.data_dir.empty()) return Fail("Give --data-dir; see --help.");
  // The well-known port is the plane's.
  if (words.front() == "aiven" && !flags.Given("port")) options.port = 0;
  return found->second(options);
}
