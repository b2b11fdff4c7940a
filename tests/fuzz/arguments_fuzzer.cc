// Any JSON as the arguments of any tool: it is refused with a reason, or what
// was understood can be shown again. The first byte chooses the tool.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/jsonrpc/json_checker.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/transcoding/message_to_json.h"
#include "adapter/transcoding/status_to_result.h"
#include "tests/fuzz/check.h"

namespace howdah {
namespace {

using fuzz::Demand;

bool IsJson(absl::string_view text) {
  static auto& checker = *new jsonrpc::JsonChecker;
  return checker.Check(text).defect == jsonrpc::Defect::kNone;
}

void Decode(const catalogue::Tool& tool, absl::string_view json) {
  static auto& decoder = *new transcoding::ArgumentDecoder;
  const std::unique_ptr<google::protobuf::Message> request(tool.request->New());
  transcoding::AdapterArguments extra;
  const absl::Status status =
      decoder.Decode(json, tool.name, tool.arguments, *request, extra);
  if (!status.ok()) {
    const mcp::ToolResult refusal = transcoding::ErrorResult(status);
    Demand(refusal.is_error && !refusal.text.empty(), "a refusal has a reason");
    Demand(IsJson(refusal.structured_json), "a refusal is JSON");
    return;
  }
  std::string shown;
  transcoding::AppendMessageJson(*request, *tool.arguments.table, shown);
  Demand(IsJson(shown), "what was understood can be shown");
}

}  // namespace
}  // namespace howdah

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  static const auto& catalogue =
      *howdah::catalogue::Catalogue::Build({"all"}).value().release();
  const auto& tools = catalogue.tools();
  const absl::string_view json(reinterpret_cast<const char*>(data + 1),
                               size - 1);
  howdah::Decode(tools[data[0] % tools.size()], json);
  return 0;
}
