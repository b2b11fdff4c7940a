// An error as a tool result that a model can act on: what happened, which
// arguments are wrong, why, and whether trying again helps.
//
//   done(ErrorResult(status));
//
// structuredContent is
//   {"error":{"code":"NOT_FOUND","reason":"CLUSTER_NOT_FOUND","message":"…",
//    "violations":[{"field":"…","description":"…"}],"metadata":{…},
//    "retry_after_seconds":5}}
// with only the members that the error has.
#ifndef HOWDAH_ADAPTER_TRANSCODING_STATUS_TO_RESULT_H_
#define HOWDAH_ADAPTER_TRANSCODING_STATUS_TO_RESULT_H_

#include "absl/status/status.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::transcoding {

// `status` is not OK.
mcp::ToolResult ErrorResult(const absl::Status& status);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_STATUS_TO_RESULT_H_
