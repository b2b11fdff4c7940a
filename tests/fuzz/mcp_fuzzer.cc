// Any lines of a client to the MCP server, as over stdio. What the server says
// is always one JSON text without a newline. The input is a conversation as in
// tests/conversations, of which the server's lines are ignored.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "adapter/jsonrpc/json_checker.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "adapter/mcp/server.h"
#include "tests/fuzz/check.h"

namespace howdah::mcp {
namespace {

using fuzz::Demand;

class CheckedLines : public transports::Exchange {
 public:
  bool Streams() const override { return true; }
  void Send(std::string message) override {
    static auto& checker = *new jsonrpc::JsonChecker;
    Demand(checker.Check(message).defect == jsonrpc::Defect::kNone,
           "the server's message is JSON");
  }
  void Finish(transports::Reply reply) override {
    if (!reply.body.empty()) Send(std::move(reply.body));
  }
};

void Play(absl::string_view script) {
  FakeToolProvider tools;
  ServerInfo info;
  info.page_size = 3;
  Server server({.tools = tools}, info);
  StdioDoor door(server, {});
  CheckedLines lines;
  for (absl::string_view line : absl::StrSplit(script, '\n')) {
    if (absl::ConsumePrefix(&line, "! progress ")) {
      if (tools.pending() > 0) tools.Progress(50, std::string(line));
    } else if (absl::ConsumePrefix(&line, "! finish ")) {
      if (tools.pending() > 0) tools.Finish(std::string(line));
    } else if (!absl::StartsWith(line, "< ") && !absl::StartsWith(line, "#")) {
      absl::ConsumePrefix(&line, "> ");
      door.OnMessage(line, lines);
    }
  }
  door.OnGone(lines);
  Demand(tools.pending() == 0, "no call outlives its client");
  Demand(server.running_calls() == 0, "the server forgets its calls");
}

}  // namespace
}  // namespace howdah::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  howdah::mcp::Play({reinterpret_cast<const char*>(data), size});
  return 0;
}
