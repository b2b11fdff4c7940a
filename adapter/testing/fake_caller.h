// A backend that a test plays by hand, without gRPC.
//
//   FakeCaller backend;
//   provider.Read("howdah://clusters/default/orders", {}, done);
//   EXPECT_EQ(backend.Last().Request<GetClusterRequest>().name(), "orders");
//   backend.Last().Answer(cluster);
#ifndef HOWDAH_ADAPTER_TESTING_FAKE_CALLER_H_
#define HOWDAH_ADAPTER_TESTING_FAKE_CALLER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "adapter/upstream/unary_caller.h"
#include "google/protobuf/message.h"

namespace howdah::testing {

// Threads: one. Owns: the calls, ended ones too. `done` of an answered call
// runs within Answer or Fail.
class FakeCaller : public upstream::UnaryCaller {
 public:
  using Message = google::protobuf::Message;

  class Received : public upstream::OutgoingCall {
   public:
    std::string path;
    upstream::CallOptions options;
    bool cancelled = false;

    template <typename T>
    const T& Request() const {
      return dynamic_cast<const T&>(*request_);
    }
    // The answer of a call.
    void Answer(const Message& answer) {
      if (cancelled || answered_ == nullptr) return;
      const Answered answered = std::exchange(answered_, nullptr);
      answered(answer.SerializeAsString());
    }
    // One message of a stream.
    void Send(const Message& message) {
      if (cancelled) return;
      response_->CopyFrom(message);
      on_message_();
    }
    // The end of a stream, or a call that has failed.
    void Fail(const absl::Status& status) {
      if (cancelled) return;
      const Answered answered = std::exchange(answered_, nullptr);
      const Done done = std::exchange(done_, nullptr);
      if (answered != nullptr) answered(status);
      if (done != nullptr) done(status);
    }
    void Cancel() override { cancelled = true; }

   private:
    friend class FakeCaller;
    std::unique_ptr<Message> request_;
    Message* response_ = nullptr;
    Answered answered_;
    std::function<void()> on_message_;
    Done done_;
  };

  std::shared_ptr<upstream::OutgoingCall> Call(
      const std::string& path, const Message& request,
      const upstream::CallOptions& options, Answered answered) override {
    auto call = Receive(path, request, options);
    call->answered_ = std::move(answered);
    return call;
  }

  std::shared_ptr<upstream::OutgoingCall> Stream(
      const std::string& path, const Message& request, Message& response,
      const upstream::CallOptions& options, std::function<void()> on_message,
      Done done) override {
    auto call = Receive(path, request, options);
    call->response_ = &response;
    call->on_message_ = std::move(on_message);
    call->done_ = std::move(done);
    return call;
  }

  Received& Last() { return *calls.back(); }

  std::vector<std::shared_ptr<Received>> calls;

 private:
  std::shared_ptr<Received> Receive(const std::string& path,
                                    const Message& request,
                                    const upstream::CallOptions& options) {
    auto call = std::make_shared<Received>();
    call->path = path;
    call->options = options;
    call->request_.reset(request.New());
    call->request_->CopyFrom(request);
    calls.push_back(call);
    return call;
  }
};

}  // namespace howdah::testing

#endif  // HOWDAH_ADAPTER_TESTING_FAKE_CALLER_H_
