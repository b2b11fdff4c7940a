#include "adapter/mcp/completion_method.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"

namespace howdah::mcp {
namespace {

using jsonrpc::DecodeString;
using jsonrpc::IsString;
using jsonrpc::Member;
using jsonrpc::StringEquals;

// False if the message does not say what to complete.
bool Read(const Request& request, CompletionRequest& wanted) {
  const absl::string_view ref = Member(request.params(), "ref");
  const absl::string_view type = Member(ref, "type");
  const bool prompt = StringEquals(type, "ref/prompt");
  if (!prompt && !StringEquals(type, "ref/resource")) return false;
  wanted.of = prompt ? Completable::kPrompt : Completable::kResourceTemplate;
  const absl::string_view name = Member(ref, prompt ? "name" : "uri");
  const absl::string_view argument = Member(request.params(), "argument");
  const absl::string_view argument_name = Member(argument, "name");
  const absl::string_view value = Member(argument, "value");
  if (!IsString(name) || !IsString(argument_name) || !IsString(value)) {
    return false;
  }
  wanted.name = DecodeString(name);
  wanted.argument = DecodeString(argument_name);
  wanted.value = DecodeString(value);
  jsonrpc::ForEachMember(
      Member(Member(request.params(), "context"), "arguments"),
      [&](absl::string_view key, absl::string_view known) {
        wanted.known.emplace_back(DecodeString(key), DecodeString(known));
        return true;
      });
  return true;
}

}  // namespace

void CompletionMethod::Complete(Request& request) {
  CompletionRequest wanted;
  if (!Read(request, wanted)) {
    return Refuse(request, jsonrpc::InvalidParams(
                               "params must have ref and argument, for example "
                               R"({"ref":{"type":"ref/prompt","name":"..."},)"
                               R"("argument":{"name":"...","value":"..."}}.)"));
  }
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  wanted.context = std::move(request.context);
  calls_.Run(*call, [&] {
    return provider_.Complete(
        std::move(wanted),
        [this, call](const absl::StatusOr<Completion>& completion) {
          OnDone(*call, completion);
        });
  });
}

void CompletionMethod::OnDone(Call& call,
                              const absl::StatusOr<Completion>& completion) {
  if (!completion.ok()) {
    return calls_.Fail(call, ErrorFrom(completion.status()));
  }
  std::string out = results_.Begin(call.id, call.version, 1024);
  out += R"("completion":{"values":[)";
  const std::size_t count = std::min(completion->values.size(), kMaxValues);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    jsonrpc::AppendString(out, completion->values[i]);
  }
  out += "],";
  if (completion->total) {
    AppendJson(out, "total", absl::StrCat(*completion->total));
  }
  const bool more = completion->has_more || count < completion->values.size();
  AppendJson(out, "hasMore", more ? "true" : "false");
  out.back() = '}';
  out += ',';
  EndResult(out);
  calls_.Answer(call, std::move(out));
}

}  // namespace howdah::mcp
