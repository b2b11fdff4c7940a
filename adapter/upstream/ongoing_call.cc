#include "adapter/upstream/ongoing_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/upstream/errors.h"

namespace howdah::upstream {
namespace {

using ::google::protobuf::Message;

std::string Authorization(const std::string& token) {
  return token.empty() ? std::string() : absl::StrCat("Bearer ", token);
}

}  // namespace

OngoingCall::OngoingCall(CallOwner& owner, const std::string& path,
                         const Message& request, const CallOptions& options)
    : owner_(owner),
      options_(options),
      expires_(absl::Now() + options.timeout),
      path_(path),
      request_(FrameMessage(request)),
      authorization_(Authorization(options.bearer_token)) {}

void OngoingCall::Cancel() {
  if (std::exchange(over_, true)) return;
  if (connection_ != nullptr) connection_->Reset(*this);
  owner_.OnCancelled(shared_from_this());
}

absl::Status OngoingCall::Sendable() const {
  if (!IsHeaderText(options_.bearer_token)) return BadToken();
  return absl::Now() < expires_ ? absl::OkStatus() : TooLate();
}

void OngoingCall::Begin(std::shared_ptr<Http2Connection> connection) {
  connection_ = std::move(connection);
  reader_ = {};
  head_ = {};
  readable_ = absl::OkStatus();
  end_.reset();
  timeout_ = TimeoutText(expires_ - absl::Now());
  RequestHead head;
  head.path = path_;
  head.authority = owner_.authority();
  head.timeout = timeout_;
  head.authorization = authorization_;
  if (IsHeaderText(options_.traceparent)) {
    head.traceparent = options_.traceparent;
  }
  head.read_only = options_.read_only;
  head.toolsets = options_.toolsets;
  connection_->Open(shared_from_this(), RequestFields(head), request_);
}

void OngoingCall::OnField(absl::string_view name, absl::string_view value) {
  head_.OnField(name, value);
}

bool OngoingCall::OnData(absl::string_view bytes) {
  if (over_ || !readable_.ok()) return true;  // Given up already.
  readable_ = head_.is_grpc() ? reader_.Append(bytes) : head_.ToStatus();
  return readable_.ok();
}

void OngoingCall::OnEnd(StreamEnd end) { end_ = end; }

void OngoingCall::OnProgress() {
  if (over_) return;
  // What is done with a message may let go of the call.
  const auto self = shared_from_this();
  TakeMessages();
  if (!over_ && end_.has_value()) owner_.OnEnded(self);
}

void OngoingCall::Refuse(const absl::Status& why) {
  readable_ = why;
  end_ = StreamEnd::kReset;
  connection_->Reset(*this);
}

bool OngoingCall::Torn() const {
  if (head_.lost_behind_proxy()) return true;
  if (!readable_.ok()) return false;
  if (head_.has_status()) {
    const absl::Status status = head_.ToStatus();
    bool detailed = false;
    status.ForEachPayload([&](auto&&...) { detailed = true; });
    return status.code() == absl::StatusCode::kUnavailable && !detailed;
  }
  return end_ == StreamEnd::kLost || end_ == StreamEnd::kNeverProcessed;
}

bool OngoingCall::TakeSecondChance() {
  return (options_.repeatable || never_processed()) &&
         !std::exchange(repeated_, true);
}

absl::Status OngoingCall::Outcome() const {
  if (!readable_.ok()) return readable_;
  // Also where the stream was reset after it: a server that has answered need
  // not hear the rest of the request.
  if (head_.has_status() || end_ == StreamEnd::kWhole) return head_.ToStatus();
  if (end_ == StreamEnd::kNotHttp2) return AnswerHead().ToStatus();
  return Aborted(options_.changes);
}

void OngoingCall::Finish() {
  if (!std::exchange(over_, true)) Deliver(Outcome());
}

void OngoingCall::Fail(const absl::Status& status) {
  if (std::exchange(over_, true)) return;
  if (connection_ != nullptr) connection_->Reset(*this);
  Deliver(status);
}

namespace {

class UnaryCallState : public OngoingCall {
 public:
  UnaryCallState(CallOwner& owner, const std::string& path,
                 const Message& request, const CallOptions& options,
                 UnaryCaller::Answered answered)
      : OngoingCall(owner, path, request, options),
        answered_(std::move(answered)) {}

 private:
  void Deliver(const absl::Status& status) override {
    const auto answered = std::exchange(answered_, nullptr);
    if (!status.ok()) return answered(status);
    const auto message = reader_.Next();
    if (!message.has_value() || !reader_.at_boundary()) {
      return answered(UnreadableAnswer());
    }
    answered(*message);
  }

  UnaryCaller::Answered answered_;
};

// Messages are handed over after each read of the connection, so what waits is
// never more than one read and a message that is not whole: HTTP/2's own window
// is flow control enough.
class StreamCallState : public OngoingCall {
 public:
  StreamCallState(CallOwner& owner, const std::string& path,
                  const Message& request, Message& response,
                  CallOptions options, std::function<void()> on_message,
                  UnaryCaller::Done done)
      : OngoingCall(owner, path, request, Unrepeatable(std::move(options))),
        response_(response),
        on_message_(std::move(on_message)),
        done_(std::move(done)) {}

 private:
  static CallOptions Unrepeatable(CallOptions options) {
    options.repeatable = false;
    return options;
  }

  void TakeMessages() override {
    while (!over()) {
      const auto message = reader_.Next();
      if (!message.has_value()) return;
      if (!response_.ParseFromArray(message->data(),
                                    static_cast<int>(message->size()))) {
        return Refuse(UnreadableAnswer());
      }
      on_message_();
    }
  }

  void Deliver(const absl::Status& status) override {
    const bool cut = status.ok() && !reader_.at_boundary();
    std::exchange(done_, nullptr)(cut ? UnreadableAnswer() : status);
  }

  Message& response_;
  std::function<void()> on_message_;
  UnaryCaller::Done done_;
};

}  // namespace

std::shared_ptr<OngoingCall> MakeUnaryCall(CallOwner& owner,
                                           const std::string& path,
                                           const Message& request,
                                           const CallOptions& options,
                                           UnaryCaller::Answered answered) {
  return std::make_shared<UnaryCallState>(owner, path, request, options,
                                          std::move(answered));
}

std::shared_ptr<OngoingCall> MakeStreamCall(
    CallOwner& owner, const std::string& path, const Message& request,
    Message& response, const CallOptions& options,
    std::function<void()> on_message, UnaryCaller::Done done) {
  return std::make_shared<StreamCallState>(owner, path, request, response,
                                           options, std::move(on_message),
                                           std::move(done));
}

}  // namespace howdah::upstream
