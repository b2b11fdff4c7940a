#include "adapter/mcp/request.h"

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {

void Refuse(const Request& request, const jsonrpc::Error& error, int status) {
  AnswerSlot slot = request.slot;
  slot.Deliver(status, jsonrpc::ErrorMessage(request.message.id, error));
}

jsonrpc::Error ErrorFrom(const absl::Status& status) {
  std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return jsonrpc::InvalidParams(std::move(message));
    default:
      return jsonrpc::InternalError(std::move(message));
  }
}

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", text.substr(0, 128), "\"");
}

bool ReadString(const Request& request, absl::string_view name,
                absl::string_view example, std::string& value) {
  const absl::string_view raw = jsonrpc::Member(request.params(), name);
  if (!jsonrpc::IsString(raw)) {
    Refuse(request, jsonrpc::InvalidParams(absl::StrCat(
                        "params.", name, " is missing or no string; for ",
                        "example ", Quote(example), ".")));
    return false;
  }
  value = jsonrpc::DecodeString(raw);
  return true;
}

}  // namespace howdah::mcp
