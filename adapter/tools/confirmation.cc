#include "adapter/tools/confirmation.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/rendering/render_text.h"
#include "adapter/transcoding/json_text.h"
#include "proto/support/status_details.h"

namespace howdah::tools {
namespace {

using ::google::protobuf::Message;

constexpr char kKey[] = "confirm";
// A form that nobody reads to its end confirms nothing.
constexpr size_t kLongestQuestion = 2000;

std::string Question(const catalogue::Tool& tool, const Message& rehearsal) {
  return rendering::RenderText(rehearsal, *tool.answer,
                               {.budget = kLongestQuestion});
}

}  // namespace

bool CanBeConfirmed(const catalogue::Tool& tool, const mcp::ToolCall& call,
                    const absl::Status& refusal) {
  return call.state.empty() && call.context.client.elicitation_form &&
         tool.facts->destructive() &&
         support::ErrorReason(refusal) == "CONFIRMATION_REQUIRED" &&
         tool.method->input_type()->FindFieldByName("dry_run") != nullptr;
}

ConfirmationReply ReplyOf(const mcp::ToolCall& call) {
  if (call.state.empty()) return ConfirmationReply::kNotAsked;
  const absl::string_view reply = mcp::FindInput(call.inputs, kKey);
  const absl::string_view content = jsonrpc::Member(reply, "content");
  const bool yes =
      jsonrpc::StringEquals(jsonrpc::Member(reply, "action"), "accept") &&
      jsonrpc::Member(content, kKey) == "true";
  return yes ? ConfirmationReply::kYes : ConfirmationReply::kNo;
}

mcp::InputRequired AskToConfirm(const catalogue::Tool& tool,
                                const Message& rehearsal) {
  mcp::InputRequired required;
  required.state = Question(tool, rehearsal);
  std::string form = R"({"message":)";
  transcoding::AppendJsonString(required.state, form);
  form += R"(,"requestedSchema":{"type":"object","properties":{"confirm":)"
          R"({"type":"boolean","title":)";
  transcoding::AppendJsonString(tool.facts->tool().title(), form);
  form += R"(,"description":"This cannot be undone.","default":false}},)"
          R"("required":["confirm"]}})";
  required.requests.push_back({kKey, "elicitation/create", std::move(form)});
  return required;
}

bool IsWhatWasAsked(const mcp::ToolCall& call, const catalogue::Tool& tool,
                    const Message& rehearsal) {
  return call.state == Question(tool, rehearsal);
}

absl::Status Declined(const catalogue::Tool& tool) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "CONFIRMATION_DECLINED", support::kMcpDomain)
      .Message(absl::StrCat("The user did not agree to ", tool.name,
                            ". Nothing was done; do not try it again unless "
                            "the user asks for it."))
      .With("tool", tool.name)
      .Build();
}

void SetSwitch(Message& request, const std::string& field, bool on) {
  request.GetReflection()->SetBool(
      &request, request.GetDescriptor()->FindFieldByName(field), on);
}

}  // namespace howdah::tools
