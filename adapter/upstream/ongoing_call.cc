#include "adapter/upstream/ongoing_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "adapter/upstream/errors.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "proto/support/status_grpc.h"

namespace howdah::upstream {
namespace {

using ::google::protobuf::Message;

// gRPC ends the process on metadata that HTTP/2 cannot carry.
bool IsHeaderText(absl::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

}  // namespace

OngoingCall::OngoingCall(const std::string& path, const Message& request,
                         const CallOptions& options)
    : path_(path), options_(options), expires_(absl::Now() + options.timeout) {
  bool own = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(request, &request_,
                                                           &own);
}

void OngoingCall::Cancel() {
  cancelled_ = true;
  if (context_.has_value()) context_->TryCancel();
}

absl::Status OngoingCall::Sendable() const {
  if (!IsHeaderText(options_.bearer_token)) return BadToken();
  return absl::Now() < expires_ ? absl::OkStatus() : TooLate();
}

void OngoingCall::Begin(std::shared_ptr<Connection> connection,
                        grpc::CompletionQueue& queue) {
  Release();
  connection_ = std::move(connection);
  context_.emplace();
  context_->set_deadline(absl::ToChronoTime(expires_));
  if (!options_.bearer_token.empty()) {
    context_->AddMetadata("authorization",
                          absl::StrCat("Bearer ", options_.bearer_token));
  }
  if (!options_.traceparent.empty() && IsHeaderText(options_.traceparent)) {
    context_->AddMetadata("traceparent", options_.traceparent);
  }
  if (options_.read_only) context_->AddMetadata("howdah-read-only", "true");
  if (!options_.toolsets.empty()) {
    context_->AddMetadata("howdah-toolsets", options_.toolsets);
  }
  Send(queue);
}

bool OngoingCall::Torn() const {
  return grpc_status_.error_code() == grpc::StatusCode::UNAVAILABLE &&
         grpc_status_.error_details().empty();
}

bool OngoingCall::TakeSecondChance() {
  return options_.repeatable && !std::exchange(repeated_, true);
}

void OngoingCall::Finish() { Fail(support::FromGrpc(grpc_status_)); }

void OngoingCall::Fail(const absl::Status& status) {
  if (!cancelled_) Deliver(status);
}

namespace {

class UnaryCallState : public OngoingCall {
 public:
  UnaryCallState(const std::string& path, const Message& request,
                 const CallOptions& options, UnaryCaller::Answered answered)
      : OngoingCall(path, request, options), answered_(std::move(answered)) {}

  bool OnEvent(bool /*ok*/) override { return true; }

 private:
  void Send(grpc::CompletionQueue& queue) override {
    reader_ =
        connection_->stub.PrepareUnaryCall(&*context_, path_, request_, &queue);
    reader_->StartCall();
    reader_->Finish(&answer_, &grpc_status_, tag());
  }

  void Release() override { reader_ = nullptr; }

  void Deliver(const absl::Status& status) override {
    const auto answered = std::exchange(answered_, nullptr);
    if (!status.ok()) return answered(status);
    grpc::Slice bytes;
    // Short answers lie in one piece.
    if (!answer_.TrySingleSlice(&bytes).ok() &&
        !answer_.DumpToSingleSlice(&bytes).ok()) {
      return answered(UnreadableAnswer());
    }
    answered(absl::string_view(reinterpret_cast<const char*>(bytes.begin()),
                               bytes.size()));
  }

  UnaryCaller::Answered answered_;
  grpc::ByteBuffer answer_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader_;
};

class StreamCallState : public OngoingCall {
 public:
  StreamCallState(const std::string& path, const Message& request,
                  Message& response, const CallOptions& options,
                  std::function<void()> on_message, UnaryCaller::Done done)
      : OngoingCall(path, request, options),
        response_(response),
        on_message_(std::move(on_message)),
        done_(std::move(done)) {}

  bool OnEvent(bool ok) override {
    switch (step_) {
      case Step::kStarting:
        if (!ok) break;
        step_ = Step::kWriting;
        stream_->WriteLast(request_, {}, tag());
        return false;
      case Step::kWriting:
        if (!ok) break;
        step_ = Step::kReading;
        stream_->Read(&message_, tag());
        return false;
      case Step::kReading:
        if (!ok || !TakeMessage()) break;
        stream_->Read(&message_, tag());
        return false;
      case Step::kFinishing:
        return true;
    }
    step_ = Step::kFinishing;
    stream_->Finish(&grpc_status_, tag());
    return false;
  }
  bool may_be_ready() const override { return true; }

 private:
  enum class Step { kStarting, kWriting, kReading, kFinishing };

  void Send(grpc::CompletionQueue& queue) override {
    stream_ = connection_->stub.PrepareCall(&*context_, path_, &queue);
    stream_->StartCall(tag());
  }

  void Release() override { stream_ = nullptr; }

  bool TakeMessage() {
    if (cancelled()) return true;
    readable_ = grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(
                    &message_, &response_)
                    .ok();
    if (readable_) {
      on_message_();
    } else {
      context_->TryCancel();
    }
    return readable_;
  }

  void Deliver(const absl::Status& status) override {
    std::exchange(done_, nullptr)(readable_ ? status : UnreadableAnswer());
  }

  Message& response_;
  Step step_ = Step::kStarting;
  grpc::ByteBuffer message_;
  bool readable_ = true;
  std::function<void()> on_message_;
  UnaryCaller::Done done_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace

std::shared_ptr<OngoingCall> MakeUnaryCall(const std::string& path,
                                           const Message& request,
                                           const CallOptions& options,
                                           UnaryCaller::Answered answered) {
  return std::make_shared<UnaryCallState>(path, request, options,
                                          std::move(answered));
}

std::shared_ptr<OngoingCall> MakeStreamCall(const std::string& path,
                                            const Message& request,
                                            Message& response,
                                            const CallOptions& options,
                                            std::function<void()> on_message,
                                            UnaryCaller::Done done) {
  return std::make_shared<StreamCallState>(
      path, request, response, options, std::move(on_message), std::move(done));
}

}  // namespace howdah::upstream
