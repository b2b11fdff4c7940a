// Any lines of a client to the MCP server, and whatever its providers may do
// meanwhile. What the server says is always one JSON text without a newline,
// and when the client leaves, it leaves nothing behind. The input is a
// conversation as in tests/conversations, of which the server's lines are
// ignored.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/json_checker.h"
#include "tests/conversations/conversation.h"
#include "tests/fuzz/check.h"

namespace howdah::mcp {
namespace {

using fuzz::Demand;

void CheckLine(absl::string_view line) {
  static auto& checker = *new jsonrpc::JsonChecker;
  Demand(checker.Check(line).defect == jsonrpc::Defect::kNone,
         "the server's message is JSON");
  Demand(line.find('\n') == absl::string_view::npos, "in one line");
}

}  // namespace
}  // namespace howdah::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const absl::string_view script(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> lines = absl::StrSplit(script, '\n');
  howdah::mcp::Conversation conversation(howdah::mcp::CheckLine);
  conversation.Play(lines);
  howdah::fuzz::Demand(conversation.is_over(), "nothing outlives its client");
  return 0;
}
