// A call of the backend whose answer a provider wants as it is, not as a tool's
// result.
//
//   return CallPlainly(caller, rpc, *request, options,
//       [done](const absl::Status& status, const Message& answer) { ... });
#ifndef HOWDAH_ADAPTER_TOOLS_PLAIN_CALL_H_
#define HOWDAH_ADAPTER_TOOLS_PLAIN_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "adapter/catalogue/rpc.h"
#include "adapter/mcp/request_context.h"
#include "adapter/mcp/running_call.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/message.h"

namespace howdah::tools {

// What a call for this caller carries.
upstream::CallOptions OptionsFor(const catalogue::Rpc& rpc,
                                 const mcp::RequestContext& context);

// `done` is called once, later, unless the call was cancelled; the answer is
// valid until it returns.
std::unique_ptr<mcp::RunningCall> CallPlainly(
    upstream::UnaryCaller& caller, const catalogue::Rpc& rpc,
    const google::protobuf::Message& request,
    const upstream::CallOptions& options,
    std::function<void(const absl::Status&, const google::protobuf::Message&)>
        done);

// The same for a List method that was asked for all namespaces: for who may not
// look into all, it is asked again for that of the context, and `narrowed`.
// `rpc` must outlive the call.
std::unique_ptr<mcp::RunningCall> ListWidely(
    upstream::UnaryCaller& caller, const catalogue::Rpc& rpc,
    std::unique_ptr<google::protobuf::Message> request,
    const upstream::CallOptions& options,
    std::function<void(const absl::Status&, const google::protobuf::Message&,
                       bool narrowed)>
        done);

// Asks for the namespace of the context instead of all; false if all were not
// asked for.
bool NarrowNamespace(google::protobuf::Message& request);

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_PLAIN_CALL_H_
