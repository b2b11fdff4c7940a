// The life of one tool call: arguments to request, request to the backend,
// perhaps a question to the user or a wait, answer to text. Read Start() from
// top to bottom.
#ifndef HOWDAH_ADAPTER_TOOLS_RPC_CALL_H_
#define HOWDAH_ADAPTER_TOOLS_RPC_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/catalogue/catalogue.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/tools/answer_cache.h"
#include "adapter/tools/answer_rendering.h"
#include "adapter/tools/operation_follower.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/arena.h"

namespace howdah::tools {

// Calls `wake` after a pause, on this thread.
using After = std::function<void(absl::Duration, std::function<void()> wake)>;

// Threads: one. Owns: the messages, in one arena. Tool, caller and cache must
// outlive it. Lives until its last callback.
class RpcCall : public std::enable_shared_from_this<RpcCall> {
 public:
  RpcCall(const catalogue::Tool& tool, upstream::UnaryCaller& caller,
          AnswerCache& answers, mcp::ToolCall call, After after);

  void Start(transcoding::ArgumentDecoder& decoder);
  void Cancel();
  // See mcp::RunningCall.
  void WrapUp();

 private:
  using Operation = howdah::operations::v1::Operation;

  void SetRequestId();
  bool Repeatable() const;
  absl::Status Allowed() const;
  upstream::CallOptions Options() const;
  void Send();
  // Of a call that may take long and cannot tell how far it is: that it goes
  // on.
  void TellTime(absl::Duration elapsed);
  // What the call would do, asked before the user is.
  void Rehearse();
  void OnRehearsed(const absl::StatusOr<absl::string_view>& bytes);
  void OnAnswer(const absl::StatusOr<absl::string_view>& bytes);
  // The operation to wait for; null if there is nothing to wait for.
  const Operation* Awaited() const;
  absl::Duration WaitTime() const;
  void Wait(const Operation& operation);
  void OnProgress(const Operation& operation);
  void OnWaitEnd(const absl::Status& status, const Operation& last);
  void AnswerUnfinished(const Operation& last, const std::string& sentence);
  bool ReadResponse(absl::string_view bytes);
  void AnswerRead(absl::string_view bytes);
  void Answer(const google::protobuf::Message& response);
  AnswerForm Form() const;
  void Fail(const absl::Status& status);

  const catalogue::Tool& tool_;
  upstream::UnaryCaller& caller_;
  AnswerCache& answers_;
  mcp::ToolCall call_;
  const After after_;
  google::protobuf::Arena arena_;
  google::protobuf::Message* request_;
  google::protobuf::Message* response_;
  transcoding::AdapterArguments extra_;
  bool wait_ = false;
  bool sent_ = false;  // and not answered
  bool cancelled_ = false;
  double progress_ = -1;
  std::string progress_message_;
  std::shared_ptr<upstream::OutgoingCall> outgoing_;
  std::shared_ptr<OperationFollower> follower_;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_RPC_CALL_H_
