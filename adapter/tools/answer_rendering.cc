#include "adapter/tools/answer_rendering.h"

#include "adapter/rendering/render_text.h"
#include "adapter/transcoding/message_to_json.h"

namespace howdah::tools {

mcp::ToolResult RenderAnswer(const catalogue::Rpc& rpc,
                             const google::protobuf::Message& response,
                             AnswerForm form) {
  rendering::RenderOptions options;
  options.budget = rpc.result_budget;
  options.detailed = form.detailed;
  options.has_page_size =
      rpc.method->input_type()->FindFieldByName("page_size") != nullptr;
  mcp::ToolResult result;
  transcoding::AppendMessageJson(response, *rpc.answer, result.structured_json);
  if (!form.json) {
    result.text = rendering::RenderText(response, *rpc.answer, options);
  } else if (result.structured_json.size() <= options.budget) {
    result.text = result.structured_json;
  } else {
    result.text = rendering::RenderJson(response, *rpc.answer, options);
  }
  return result;
}

}  // namespace howdah::tools
