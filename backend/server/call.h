// One call on its way through the server: what the transport knows about it,
// and how it is answered.
//
// The transport (grpc_calls.cc) derives from Call; the call chain fills context
// and request, runs the method and answers. A Call lives as long as someone
// who can still answer it or whom gRPC still owes an event.
#ifndef HOWDAH_BACKEND_SERVER_CALL_H_
#define HOWDAH_BACKEND_SERVER_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backend/auth/authenticator.h"
#include "backend/server/method_registry.h"

namespace howdah::server {

// Threads: context and request are written by the call chain, by one thread at
// a time, before the method sees the call; the rest is safe.
class Call : public auth::Caller, public std::enable_shared_from_this<Call> {
 public:
  Call(const Method& method, size_t method_index)
      : method_(method), method_index_(method_index) {}

  // As the client set it; InfiniteFuture if it set none.
  virtual absl::Time ClientDeadline() const = 0;
  // The request as it arrived; until it has been read.
  virtual absl::string_view RequestBytes() = 0;
  // Once. False if the bytes are not the message.
  virtual bool ReadRequest(Message& request) = 0;
  // Asks for CallChain::DeadlineOver at that time, unless answered before.
  virtual void StartTimer(absl::Time deadline) = 0;
  // Sends one message of a stream; drops it after Finish.
  virtual void Send(std::unique_ptr<Message> message) = 0;
  // Ends the call; `response` is null for errors and for streams. Called once.
  virtual void Finish(const absl::Status& status, const Message* response) = 0;
  // The same, OK, with a response that has been serialized; not for streams.
  virtual void FinishWithBytes(absl::string_view response) = 0;

  const Method& method() const { return method_; }
  size_t method_index() const { return method_index_; }

  // The facts that the method sees.
  CallContext context;
  services::CallNotes notes;
  std::unique_ptr<Message> request;
  // Stops `context.cancelled`.
  std::stop_source stop;
  absl::Time arrived;
  // Of a stream: ends it when the server is about to end.
  std::optional<std::stop_callback<std::function<void()>>> on_drain;
  // Policy let the call through.
  bool allowed = false;
  // Set by the one who answers.
  std::atomic<bool> answered = false;

 private:
  const Method& method_;
  const size_t method_index_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_CALL_H_
