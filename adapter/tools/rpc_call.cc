#include "adapter/tools/rpc_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/tools/answer_rendering.h"
#include "adapter/tools/confirmation.h"
#include "adapter/tools/operation_tasks.h"
#include "adapter/tools/plain_call.h"
#include "adapter/tools/request_id.h"
#include "adapter/transcoding/json_text.h"
#include "adapter/transcoding/status_to_result.h"
#include "adapter/upstream/errors.h"
#include "proto/support/status_details.h"

namespace howdah::tools {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr absl::Duration kShortestWait = absl::Seconds(30);
constexpr absl::Duration kLongestWait = absl::Seconds(600);
constexpr int kSecondsForEachInstance = 60;
// Calls that may take this long tell now and then that they go on.
constexpr absl::Duration kLongCall = absl::Seconds(100);
constexpr absl::Duration kProgressPause = absl::Seconds(5);

const FieldDescriptor* FieldNamed(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// A number of the request, as given or as the contract's default has it.
int64_t NumberOf(const Message& request, const char* name) {
  const FieldDescriptor* field = FieldNamed(request, name);
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_INT32) {
    return 0;
  }
  if (request.GetReflection()->HasField(request, field)) {
    return request.GetReflection()->GetInt32(request, field);
  }
  int64_t number = 0;
  const auto& facts = field->options().GetExtension(howdah::mcp::v1::field);
  return absl::SimpleAtoi(facts.default_json(), &number) ? number : 0;
}

bool IsSet(const Message& message, const char* name) {
  const FieldDescriptor* field = FieldNamed(message, name);
  return field != nullptr && message.GetReflection()->HasField(message, field);
}

// Stands in brackets, within a sentence.
absl::string_view StateOf(const howdah::operations::v1::Operation& operation) {
  return operation.message().empty()
             ? "no progress was told"
             : absl::StripSuffix(operation.message(), ".");
}

bool WantsDetail(const Message& request) {
  const FieldDescriptor* field = FieldNamed(request, "detail_level");
  return field != nullptr && field->type() == FieldDescriptor::TYPE_ENUM &&
         request.GetReflection()->GetEnum(request, field)->name() ==
             "DETAIL_LEVEL_DETAILED";
}

}  // namespace

RpcCall::RpcCall(const catalogue::Tool& tool, upstream::UnaryCaller& caller,
                 AnswerCache& answers, mcp::ToolCall call, After after)
    : tool_(tool),
      caller_(caller),
      answers_(answers),
      call_(std::move(call)),
      after_(std::move(after)),
      request_(tool.request->New(&arena_)),
      response_(tool.response->New(&arena_)) {}

void RpcCall::Start(transcoding::ArgumentDecoder& decoder) {
  if (const absl::Status status = Allowed(); !status.ok()) return Fail(status);
  const absl::Status decoded = decoder.Decode(
      call_.arguments_json, tool_.name, tool_.arguments, *request_, extra_);
  call_.arguments_json = {};  // The text is the client's and may go now.
  if (!decoded.ok()) return Fail(decoded);
  SetRequestId();
  if (tool_.facts->waitable()) {
    // The waiting is done here, where it can be shown as progress.
    const FieldDescriptor* wait = FieldNamed(*request_, "wait");
    wait_ = request_->GetReflection()->GetBool(*request_, wait);
    request_->GetReflection()->ClearField(request_, wait);
  }
  switch (ReplyOf(call_)) {
    case ConfirmationReply::kNotAsked:
      Send();
      return TellTime(absl::ZeroDuration());
    case ConfirmationReply::kYes:
      return Rehearse();
    case ConfirmationReply::kNo:
      return Fail(Declined(tool_));
  }
}

void RpcCall::Send() {
  sent_ = true;
  outgoing_ = caller_.Call(
      tool_.path, *request_, Options(),
      [self = shared_from_this()](absl::StatusOr<absl::string_view> bytes) {
        self->OnAnswer(bytes);
      });
}

void RpcCall::TellTime(absl::Duration elapsed) {
  if (!after_ || !call_.on_progress || tool_.facts->waitable() ||
      absl::Seconds(tool_.facts->deadline_seconds()) < kLongCall) {
    return;
  }
  after_(kProgressPause, [weak = weak_from_this(), elapsed] {
    const auto self = weak.lock();
    if (self == nullptr || !self->sent_ || self->cancelled_) return;
    const absl::Duration now = elapsed + kProgressPause;
    const auto seconds = absl::ToInt64Seconds(now);
    self->call_.on_progress(
        {static_cast<double>(seconds),
         static_cast<double>(self->tool_.facts->deadline_seconds()),
         absl::StrCat("Running for ", seconds, " s.")});
    self->TellTime(now);
  });
}

void RpcCall::SetRequestId() {
  if (tool_.read_only()) return;
  const FieldDescriptor* id = FieldNamed(*request_, "request_id");
  if (id == nullptr || IsSet(*request_, "request_id")) return;
  request_->GetReflection()->SetString(request_, id,
                                       call_.context.request_id.empty()
                                           ? NewRequestId()
                                           : call_.context.request_id);
}

// A change may be sent again under its id. Not so a deletion, whose second
// sending finds nothing, nor what holds for one version of an object only.
bool RpcCall::Repeatable() const {
  if (tool_.read_only()) return true;
  const howdah::mcp::v1::Effect effect = tool_.facts->effect();
  return (effect == howdah::mcp::v1::EFFECT_CREATE ||
          effect == howdah::mcp::v1::EFFECT_UPDATE) &&
         IsSet(*request_, "request_id") && !IsSet(*request_, "etag");
}

void RpcCall::Rehearse() {
  SetSwitch(*request_, "dry_run", true);
  outgoing_ = caller_.Call(
      tool_.path, *request_, Options(),
      [self = shared_from_this()](absl::StatusOr<absl::string_view> bytes) {
        self->OnRehearsed(bytes);
      });
}

void RpcCall::OnRehearsed(const absl::StatusOr<absl::string_view>& bytes) {
  outgoing_ = nullptr;
  if (cancelled_) return;
  if (!bytes.ok()) return Fail(bytes.status());
  if (!ReadResponse(*bytes)) return Fail(upstream::UnreadableAnswer());
  if (ReplyOf(call_) == ConfirmationReply::kYes &&
      IsWhatWasAsked(call_, tool_, *response_)) {
    SetSwitch(*request_, "dry_run", false);
    SetSwitch(*request_, tool_.facts->confirmation_field(), true);
    Send();
    return TellTime(absl::ZeroDuration());
  }
  mcp::ToolResult result;
  result.input_required = AskToConfirm(tool_, *response_);
  call_.done(std::move(result));
}

void RpcCall::Cancel() {
  cancelled_ = true;
  // Let go of: their callbacks hold on to this call.
  if (const auto call = std::exchange(outgoing_, nullptr)) call->Cancel();
  if (const auto waiting = std::exchange(follower_, nullptr)) waiting->Cancel();
}

void RpcCall::WrapUp() {
  const auto waiting = std::exchange(follower_, nullptr);
  if (waiting == nullptr) return;
  const Operation last = waiting->last();
  waiting->Cancel();
  AnswerUnfinished(
      last, absl::StrCat("This server stops and does not wait any longer (",
                         last.progress_percent(), " %: ", StateOf(last),
                         "). The work goes on by itself; look at it again in "
                         "a moment."));
}

absl::Status RpcCall::Allowed() const {
  if (!mcp::AllowsToolset(call_.context.toolsets, tool_.toolset())) {
    return support::ErrorBuilder(absl::StatusCode::kPermissionDenied,
                                 "TOOLSET_OFF", support::kMcpDomain)
        .Message(absl::StrCat(tool_.name, " belongs to the toolset ",
                              tool_.toolset(),
                              ", which is off here. Nothing was done."))
        .With("tool", tool_.name)
        .With("toolset", tool_.toolset())
        .Build();
  }
  if (!call_.context.read_only || tool_.read_only()) return absl::OkStatus();
  return support::ErrorBuilder(absl::StatusCode::kPermissionDenied, "READ_ONLY",
                               support::kMcpDomain)
      .Message(absl::StrCat(tool_.name,
                            " changes something, and this connection is read "
                            "only. Nothing was done."))
      .With("tool", tool_.name)
      .Build();
}

upstream::CallOptions RpcCall::Options() const {
  upstream::CallOptions options = OptionsFor(tool_, call_.context);
  options.repeatable = Repeatable();
  return options;
}

void RpcCall::OnAnswer(const absl::StatusOr<absl::string_view>& bytes) {
  outgoing_ = nullptr;
  sent_ = false;
  if (cancelled_) return;
  if (!bytes.ok()) {
    if (CanBeConfirmed(tool_, call_, bytes.status())) return Rehearse();
    return Fail(bytes.status());
  }
  // A change is answered once, a read over and over.
  if (tool_.read_only() && !wait_) return AnswerRead(*bytes);
  if (!ReadResponse(*bytes)) return Fail(upstream::UnreadableAnswer());
  if (const Operation* operation = Awaited(); operation != nullptr) {
    if (!call_.may_become_task) return Wait(*operation);
    mcp::ToolResult result;
    result.task = OperationTasks::Begin(tool_, *operation, absl::Now());
    return call_.done(std::move(result));
  }
  Answer(*response_);
}

const RpcCall::Operation* RpcCall::Awaited() const {
  if (!wait_) return nullptr;
  const FieldDescriptor* field = FieldNamed(*response_, "operation");
  if (!response_->GetReflection()->HasField(*response_, field)) return nullptr;
  const auto& operation = static_cast<const Operation&>(
      response_->GetReflection()->GetMessage(*response_, field));
  return operation.name().empty() ? nullptr : &operation;
}

absl::Duration RpcCall::WaitTime() const {
  const int64_t given = NumberOf(*request_, "timeout");
  const int64_t seconds =
      given > 0 ? given
                : kSecondsForEachInstance *
                      std::max<int64_t>(1, NumberOf(*request_, "instances"));
  return std::clamp(absl::Seconds(seconds), kShortestWait, kLongestWait);
}

void RpcCall::Wait(const Operation& operation) {
  OnProgress(operation);
  upstream::CallOptions options = Options();
  options.timeout = WaitTime();
  follower_ = OperationFollower::Follow(
      caller_, operation, options,
      [self = shared_from_this()](const Operation& now) {
        self->OnProgress(now);
      },
      [self = shared_from_this()](const absl::Status& status,
                                  const Operation& last) {
        self->OnWaitEnd(status, last);
      });
}

void RpcCall::OnProgress(const Operation& operation) {
  if (!call_.on_progress || cancelled_) return;
  const double percent = operation.progress_percent();
  if (percent <= progress_ && operation.message() == progress_message_) return;
  // Clients may count on growth even where only the message is new.
  progress_ = std::min(100.0, std::max(percent, progress_ + 0.01));
  progress_message_ = operation.message();
  call_.on_progress(
      {progress_, 100, transcoding::VisibleText(progress_message_)});
}

void RpcCall::OnWaitEnd(const absl::Status& status, const Operation& last) {
  // The follower holds on to this call, and this call to the follower.
  const auto follower = std::exchange(follower_, nullptr);
  if (cancelled_) return;
  const bool lost = status.code() == absl::StatusCode::kUnavailable ||
                    status.code() == absl::StatusCode::kDeadlineExceeded;
  if (!status.ok() && !lost) return Fail(status);
  if (last.done() && last.has_error()) {
    return Fail(support::FromProto(last.error()));
  }
  if (last.done()) {
    Message* result = tool_.response->New(&arena_);
    return Answer(last.has_result() && last.result().UnpackTo(result)
                      ? *result
                      : *response_);
  }
  const absl::string_view state = StateOf(last);
  AnswerUnfinished(
      last,
      lost ? absl::StrCat("The work has begun and goes on by itself, but the "
                          "connection to the backend broke while waiting (",
                          last.progress_percent(), " %: ", state,
                          "). Look at it again in a moment.")
           : absl::StrCat("Not finished after ",
                          absl::ToInt64Seconds(WaitTime()), " s (",
                          last.progress_percent(), " %: ", state,
                          "). The work goes on by itself; look at it again "
                          "later."));
}

void RpcCall::AnswerUnfinished(const Operation& last,
                               const std::string& sentence) {
  const auto* reflection = response_->GetReflection();
  reflection->MutableMessage(response_, FieldNamed(*response_, "operation"))
      ->CopyFrom(last);
  const FieldDescriptor* summary = FieldNamed(*response_, "summary");
  if (summary != nullptr && summary->type() == FieldDescriptor::TYPE_STRING) {
    reflection->SetString(response_, summary, sentence);
  }
  Answer(*response_);
}

bool RpcCall::ReadResponse(absl::string_view bytes) {
  return response_->ParseFromArray(bytes.data(),
                                   static_cast<int>(bytes.size()));
}

void RpcCall::AnswerRead(absl::string_view bytes) {
  const AnswerForm form = Form();
  const AnswerKey key(tool_.name, form, bytes);
  if (const mcp::ToolResult* known = answers_.Find(key); known != nullptr) {
    return call_.done(*known);
  }
  if (!ReadResponse(bytes)) return Fail(upstream::UnreadableAnswer());
  mcp::ToolResult result = RenderAnswer(tool_, *response_, form);
  answers_.Keep(key, result);
  call_.done(std::move(result));
}

void RpcCall::Answer(const Message& response) {
  call_.done(RenderAnswer(tool_, response, Form()));
}

AnswerForm RpcCall::Form() const {
  return {.detailed = WantsDetail(*request_), .json = extra_.json_format};
}

void RpcCall::Fail(const absl::Status& status) {
  call_.done(transcoding::ErrorResult(status));
}

}  // namespace howdah::tools
