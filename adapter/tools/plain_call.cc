#include "adapter/tools/plain_call.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "adapter/upstream/errors.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::tools {
namespace {

using ::google::protobuf::Message;

class Running : public mcp::RunningCall {
 public:
  explicit Running(std::shared_ptr<upstream::OutgoingCall> call)
      : call_(std::move(call)) {}
  void Cancel() override { call_->Cancel(); }

 private:
  const std::shared_ptr<upstream::OutgoingCall> call_;
};

class RunningList : public mcp::RunningCall {
 public:
  using Done = std::function<void(const absl::Status&, const Message&, bool)>;

  struct State {
    upstream::UnaryCaller& caller;
    const catalogue::Rpc& rpc;
    std::unique_ptr<Message> request;
    upstream::CallOptions options;
    Done done;
    // The first call or the second.
    std::unique_ptr<mcp::RunningCall> call;
  };

  explicit RunningList(std::shared_ptr<State> state)
      : state_(std::move(state)) {}
  // Lets go of the call, which holds on to the state.
  void Cancel() override {
    if (const auto call = std::exchange(state_->call, nullptr)) call->Cancel();
  }

  static void Ask(const std::shared_ptr<State>& state, bool narrowed) {
    state->call = CallPlainly(
        state->caller, state->rpc, *state->request, state->options,
        [state, narrowed](const absl::Status& status, const Message& answer) {
          if (absl::IsPermissionDenied(status) &&
              NarrowNamespace(*state->request)) {
            return Ask(state, /*narrowed=*/true);
          }
          state->done(status, answer, narrowed);
        });
  }

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace

bool NarrowNamespace(Message& request) {
  const auto& reflection = *request.GetReflection();
  const auto& type = *request.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* field = type.field(i);
    const auto& facts = field->options().GetExtension(howdah::mcp::v1::field);
    if (facts.format() != howdah::mcp::v1::FORMAT_NAMESPACE_OR_ALL) continue;
    if (reflection.GetString(request, field) != "*") continue;
    reflection.ClearField(&request, field);
    return true;
  }
  return false;
}

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
  // What is a resource too is a state, the same for all who look. Other reads
  // may make something for each caller: a random password, say.
  options.shareable = rpc.read_only() && rpc.facts->resources_size() > 0;
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

std::unique_ptr<mcp::RunningCall> ListWidely(
    upstream::UnaryCaller& caller, const catalogue::Rpc& rpc,
    std::unique_ptr<Message> request, const upstream::CallOptions& options,
    RunningList::Done done) {
  std::shared_ptr<RunningList::State> state(new RunningList::State{
      caller, rpc, std::move(request), options, std::move(done), nullptr});
  RunningList::Ask(state, /*narrowed=*/false);
  return std::make_unique<RunningList>(std::move(state));
}

}  // namespace howdah::tools
