// The answer of an RPC as the result of a tool: readable text and structured
// content.
//
//   call.done(RenderAnswer(tool, response, {.detailed = true}));
#ifndef HOWDAH_ADAPTER_TOOLS_ANSWER_RENDERING_H_
#define HOWDAH_ADAPTER_TOOLS_ANSWER_RENDERING_H_

#include "adapter/catalogue/rpc.h"
#include "adapter/mcp/tool_provider.h"
#include "google/protobuf/message.h"

namespace howdah::tools {

// How an answer is wanted.
struct AnswerForm {
  // Lists as blocks, not as tables.
  bool detailed = false;
  // The text is JSON, too.
  bool json = false;
};

mcp::ToolResult RenderAnswer(const catalogue::Rpc& rpc,
                             const google::protobuf::Message& response,
                             AnswerForm form);

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_ANSWER_RENDERING_H_
