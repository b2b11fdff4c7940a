// Asking the user before something is lost, where the client can ask.
//
//   call refused with CONFIRMATION_REQUIRED
//     -> rehearsal (dry_run) -> AskToConfirm(tool, rehearsal)
//   called again, with the answer
//     -> ReplyOf(call) == kYes -> rehearsal again
//     -> IsWhatWasAsked(call, tool, rehearsal) -> the call with its
//     confirmation
//
// What the form says comes from the rehearsal, and what is confirmed is that
// text: if the second rehearsal would lose something else, the user is asked
// anew. Everything but a plain yes means no.
#ifndef HOWDAH_ADAPTER_TOOLS_CONFIRMATION_H_
#define HOWDAH_ADAPTER_TOOLS_CONFIRMATION_H_

#include "absl/status/status.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/mcp/tool_provider.h"
#include "google/protobuf/message.h"

namespace howdah::tools {

// Whether the refusal of a destructive call can be answered by the user.
bool CanBeConfirmed(const catalogue::Tool& tool, const mcp::ToolCall& call,
                    const absl::Status& refusal);

enum class ConfirmationReply { kNotAsked, kYes, kNo };
ConfirmationReply ReplyOf(const mcp::ToolCall& call);

mcp::InputRequired AskToConfirm(const catalogue::Tool& tool,
                                const google::protobuf::Message& rehearsal);

bool IsWhatWasAsked(const mcp::ToolCall& call, const catalogue::Tool& tool,
                    const google::protobuf::Message& rehearsal);

// CONFIRMATION_DECLINED
absl::Status Declined(const catalogue::Tool& tool);

// Sets a boolean field of the request.
void SetSwitch(google::protobuf::Message& request, const std::string& field,
               bool on);

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_CONFIRMATION_H_
