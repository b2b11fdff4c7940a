// Any bytes as JSON-RPC: every message that the parser lets through points into
// the text, has the parts of its kind, and can be walked through.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/jsonrpc/json_checker.h"
#include "adapter/jsonrpc/parser.h"
#include "adapter/jsonrpc/raw_json.h"
#include "tests/fuzz/check.h"

namespace howdah::jsonrpc {
namespace {

using fuzz::Demand;

bool Inside(absl::string_view text, absl::string_view part) {
  return part.empty() || (std::less_equal<>()(text.data(), part.data()) &&
                          std::less_equal<>()(part.data() + part.size(),
                                              text.data() + text.size()));
}

// Visits everything; returns how deep it went.
int Walk(absl::string_view value) {
  int deepest = 0;
  const auto deeper = [&](absl::string_view inner) {
    Demand(Inside(value, inner), "a part lies in its whole");
    Demand(!inner.empty(), "a value is not empty");
    deepest = std::max(deepest, Walk(inner));
    return true;
  };
  if (IsObject(value)) {
    ForEachMember(value, [&](absl::string_view key, absl::string_view member) {
      Demand(IsString(key), "a key is a string");
      Demand(StringEquals(key, DecodeString(key)), "a key equals itself");
      Demand(Member(value, DecodeString(key)) == member,
             "a member is found by its key");
      return deeper(member);
    });
  } else if (IsArray(value)) {
    ForEachElement(value, deeper);
  } else if (IsString(value)) {
    Demand(StringEquals(value, DecodeString(value)), "a string equals itself");
  }
  return deepest + 1;
}

void CheckMessage(absl::string_view text, const Message& message) {
  for (absl::string_view part :
       {message.id, message.params, message.result, message.error}) {
    Demand(Inside(text, part), "a message points into the text");
  }
  switch (message.kind) {
    case MessageKind::kInvalid:
      Demand(message.fault.code != 0, "a fault has a code");
      return;
    case MessageKind::kRequest:
      Demand(IsString(message.id) || IsNumber(message.id),
             "a request has an id");
      break;
    case MessageKind::kNotification:
      Demand(message.id.empty(), "a notification has no id");
      break;
    case MessageKind::kResponse:
      Demand(message.result.empty() != message.error.empty(),
             "a response has a result or an error");
      break;
  }
  for (absl::string_view part :
       {message.params, message.result, message.error}) {
    if (!part.empty()) {
      Demand(Walk(part) <= JsonChecker::kMaxDepth, "depth is limited");
    }
  }
}

}  // namespace
}  // namespace howdah::jsonrpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using howdah::jsonrpc::Parser;
  static Parser& parser = *new Parser;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const howdah::jsonrpc::Parsed parsed = parser.Parse(text);
  howdah::fuzz::Demand(!parsed.messages.empty(), "something comes of it");
  howdah::fuzz::Demand(parsed.messages.size() <= Parser::kMaxBatch,
                       "batches are limited");
  for (const auto& message : parsed.messages) {
    howdah::jsonrpc::CheckMessage(text, message);
  }
  // What lies behind the parser must not read out of bounds even where it is
  // given text that nobody checked.
  howdah::jsonrpc::Member(text, "params");
  howdah::jsonrpc::DecodeString(text);
  return 0;
}
