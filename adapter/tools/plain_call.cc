#include "adapter/tools/plain_call.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "adapter/upstream/errors.h"

namespace howdah::tools {
namespace {

class Running : public mcp::RunningCall {
 public:
  explicit Running(std::shared_ptr<upstream::OutgoingCall> call)
      : call_(std::move(call)) {}
  void Cancel() override { call_->Cancel(); }

 private:
  const std::shared_ptr<upstream::OutgoingCall> call_;
};

}  // namespace

upstream::CallOptions OptionsFor(const catalogue::Rpc& rpc,
                                 const mcp::RequestContext& context) {
  upstream::CallOptions options;
  options.timeout = rpc.deadline;
  options.bearer_token = context.bearer_token;
  options.traceparent = context.traceparent;
  options.read_only = context.read_only;
  options.toolsets = absl::StrJoin(context.toolsets, ",");
  options.repeatable = rpc.read_only();
  options.changes = !rpc.read_only();
  return options;
}

std::unique_ptr<mcp::RunningCall> CallPlainly(
    upstream::UnaryCaller& caller, const catalogue::Rpc& rpc,
    const google::protobuf::Message& request,
    const upstream::CallOptions& options,
    std::function<void(const absl::Status&, const google::protobuf::Message&)>
        done) {
  return std::make_unique<Running>(caller.Call(
      rpc.path, request, options,
      [prototype = rpc.response,
       done = std::move(done)](absl::StatusOr<absl::string_view> bytes) {
        const std::unique_ptr<google::protobuf::Message> answer(
            prototype->New());
        if (!bytes.ok()) return done(bytes.status(), *answer);
        const bool read = answer->ParseFromArray(
            bytes->data(), static_cast<int>(bytes->size()));
        done(read ? absl::OkStatus() : upstream::UnreadableAnswer(), *answer);
      }));
}

}  // namespace howdah::tools
