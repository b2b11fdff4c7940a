// The adapter's own stack, with the fixtures of the official conformance suite
// in place of Howdah's tools.
//
//   fixture_server http [PORT]   prints the address, ends with SIGTERM
//   fixture_server stdio         ends with its input
#include <signal.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/server.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/stdio.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/signal_set.hpp"
#include "tests/conformance/fixture_prompts.h"
#include "tests/conformance/fixture_resources.h"
#include "tests/conformance/fixture_tasks.h"
#include "tests/conformance/fixture_tools.h"

namespace howdah::conformance {
namespace {

struct Fixtures {
  explicit Fixtures(boost::asio::io_context& io) : tasks(io) {}

  mcp::ListChanges changes;
  FixtureTasks tasks;
  FixtureResources resources;
  FixturePrompts prompts;
};

mcp::ServerInfo Info() {
  mcp::ServerInfo info;
  info.name = "howdah-conformance";
  info.title = "Howdah's conformance target";
  info.version = "1.0.0";
  info.instructions = "For tests only.";
  return info;
}

int ServeStdio(boost::asio::io_context& io, mcp::Server& server) {
  mcp::StdioDoor door(server, {});
  transports::StdioTransport stdio(io, {}, door);
  stdio.Start([&io] { io.stop(); });
  io.run();
  return 0;
}

int ServeHttp(boost::asio::io_context& io, mcp::Server& server,
              std::uint16_t port) {
  mcp::HttpDoor door(server, {});
  transports::HttpOptions options;
  options.port = port;
  transports::HttpTransport http(io, options, door);
  const absl::StatusOr<std::string> address = http.Start();
  if (!address.ok()) {
    std::cerr << address.status().message() << "\n";
    return 1;
  }
  std::cout << "http://" << *address << "/mcp" << std::endl;
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const auto&, int) {
    server.WrapUp();
    http.Stop([&io] { io.stop(); });
  });
  io.run();
  return 0;
}

int Main(int argc, char** argv) {
  const std::string transport = argc > 1 ? argv[1] : "";
  if (transport != "stdio" && transport != "http") {
    std::cerr << "usage: fixture_server http [PORT] | stdio\n";
    return 2;
  }
  boost::asio::io_context io{1};
  Fixtures fixtures(io);
  FixtureTools tools(io, fixtures.tasks, fixtures.changes);
  mcp::Server server({.tools = tools,
                      .resources = &fixtures.resources,
                      .prompts = &fixtures.prompts,
                      .completion = &fixtures.prompts,
                      .tasks = &fixtures.tasks,
                      .changes = &fixtures.changes},
                     Info());
  if (transport == "stdio") return ServeStdio(io, server);
  return ServeHttp(
      io, server,
      static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 0));
}

}  // namespace
}  // namespace howdah::conformance

int main(int argc, char** argv) {
  return howdah::conformance::Main(argc, argv);
}
