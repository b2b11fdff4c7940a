#include "adapter/upstream/backend_channel.h"

#include <sys/socket.h>

#include <chrono>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "adapter/upstream/connection.h"
#include "adapter/upstream/errors.h"
#include "adapter/upstream/ongoing_call.h"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "grpcpp/completion_queue.h"

namespace howdah::upstream {
namespace {

using ::google::protobuf::Message;

constexpr auto kTick = std::chrono::milliseconds(20);
constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
// A backend of our own that dies closes its sockets one by one, and only then
// its gate learns of it and starts another. Until then it may still accept a
// connection, or refuse it: after a tear one waits, and a refusal is tried
// again.
constexpr auto kPauseAfterTear = std::chrono::milliseconds(100);
constexpr auto kPauseAfterRefusal = std::chrono::milliseconds(20);
constexpr int kMostRefusals = 25;

}  // namespace

class BackendChannel::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, BackendAddress address, BackendGate* gate)
      : io_(io),
        address_(std::move(address)),
        gate_(gate),
        tick_(io),
        reconnect_(io) {}

  void Submit(std::shared_ptr<OngoingCall> call);
  void Shutdown();

 private:
  void Begin(std::shared_ptr<OngoingCall> call);
  void Connect();
  void OnConnected(absl::StatusOr<int> fd);
  void ConnectAfter(std::chrono::milliseconds pause);
  void FailWaiting(const absl::Status& status);
  void Drop(const std::shared_ptr<Connection>& connection);
  void Watch(std::shared_ptr<Connection> connection);
  bool Drain();
  void DrainSoon();
  void OnFinished(std::shared_ptr<OngoingCall> call);
  void Tick();

  boost::asio::io_context& io_;
  const BackendAddress address_;
  BackendGate* const gate_;
  grpc::CompletionQueue queue_;
  std::shared_ptr<Connection> connection_;
  bool connecting_ = false;
  bool shut_down_ = false;
  std::vector<std::shared_ptr<OngoingCall>> waiting_;
  absl::flat_hash_set<std::shared_ptr<OngoingCall>> in_flight_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer reconnect_;
  // Refused connections in a row.
  int refusals_ = 0;
  // The last connection was lost, and none has been tried since.
  bool torn_ = false;
  bool ticking_ = false;
  bool drain_posted_ = false;
};

void BackendChannel::Impl::Submit(std::shared_ptr<OngoingCall> call) {
  if (const absl::Status sendable = call->Sendable(); !sendable.ok()) {
    return boost::asio::post(
        io_, [call = std::move(call), sendable] { call->Fail(sendable); });
  }
  // A write must not be sent into a connection that is known to be dead: it
  // could not be repeated.
  if (connection_ != nullptr && !call->options().repeatable &&
      connection_->Closed()) {
    Drop(connection_);
  }
  if (connection_ != nullptr) return Begin(std::move(call));
  waiting_.push_back(std::move(call));
  Connect();
}

void BackendChannel::Impl::Begin(std::shared_ptr<OngoingCall> call) {
  OngoingCall& begun = *call;
  in_flight_.insert(std::move(call));
  begun.Begin(connection_, queue_);
  if (begun.may_be_ready()) DrainSoon();
  if (!ticking_) Tick();
}

void BackendChannel::Impl::Connect() {
  if (connecting_) return;
  connecting_ = true;
  if (gate_ != nullptr && std::exchange(torn_, false)) {
    return ConnectAfter(kPauseAfterTear);
  }
  auto connect = [weak = weak_from_this()](absl::Status ready) {
    const auto self = weak.lock();
    if (self == nullptr || self->shut_down_) return;
    if (!ready.ok()) return self->FailWaiting(ready);
    ConnectBackend(self->io_, self->address_, kConnectTimeout,
                   [weak](absl::StatusOr<int> fd) {
                     const auto self = weak.lock();
                     if (self != nullptr && !self->shut_down_) {
                       self->OnConnected(std::move(fd));
                     }
                   });
  };
  // Posted: `done` is never called before Call returns.
  boost::asio::post(io_, [weak = weak_from_this(), connect] {
    const auto self = weak.lock();
    if (self == nullptr || self->shut_down_) return;
    if (self->gate_ == nullptr) return connect(absl::OkStatus());
    self->gate_->WhenReady(connect);
  });
}

void BackendChannel::Impl::OnConnected(absl::StatusOr<int> fd) {
  if (!fd.ok()) {
    if (gate_ != nullptr && refusals_++ < kMostRefusals) {
      return ConnectAfter(kPauseAfterRefusal);
    }
    refusals_ = 0;
    return FailWaiting(Unreachable(address_.text, fd.status()));
  }
  refusals_ = 0;
  auto made = Connection::Make(io_, *fd);
  if (!made.ok()) return FailWaiting(Unreachable(address_.text, made.status()));
  connecting_ = false;
  connection_ = *std::move(made);
  Watch(connection_);
  for (auto& call : std::exchange(waiting_, {})) {
    if (!call->cancelled()) Submit(std::move(call));
  }
}

void BackendChannel::Impl::ConnectAfter(std::chrono::milliseconds pause) {
  reconnect_.expires_after(pause);
  reconnect_.async_wait(
      [weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (error || self == nullptr || self->shut_down_) return;
        self->connecting_ = false;
        self->Connect();
      });
}

void BackendChannel::Impl::FailWaiting(const absl::Status& status) {
  connecting_ = false;
  for (const auto& call : std::exchange(waiting_, {})) call->Fail(status);
}

void BackendChannel::Impl::Drop(const std::shared_ptr<Connection>& connection) {
  boost::system::error_code ignored;
  connection->watch.close(ignored);
  if (connection_ == connection) connection_ = nullptr;
  torn_ = true;
}

void BackendChannel::Impl::Watch(std::shared_ptr<Connection> connection) {
  auto& descriptor = connection->watch;
  descriptor.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [weak = weak_from_this(),
       connection = std::move(connection)](boost::system::error_code error) {
        const auto self = weak.lock();
        if (error || self == nullptr || self->shut_down_) return;
        // Looked at only when gRPC found nothing: a closed socket stays
        // readable, so this costs a busy connection no system call.
        if (!self->Drain() && connection->Closed()) {
          self->Drop(connection);
        } else if (connection->watch.is_open()) {
          self->Watch(connection);
        }
      });
}

// Hands out all events that are there. Returns whether there were any.
bool BackendChannel::Impl::Drain() {
  bool any = false;
  void* tag = nullptr;
  bool ok = false;
  // With no call left there is no event to ask for, which would cost two
  // system calls. The first look is always taken: it also lets gRPC read what
  // belongs to no call.
  while (!shut_down_ && !(any && in_flight_.empty()) &&
         queue_.AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_MONOTONIC)) ==
             grpc::CompletionQueue::GOT_EVENT) {
    any = true;
    const auto call = static_cast<OngoingCall*>(tag)->shared_from_this();
    if (call->OnEvent(ok)) {
      OnFinished(call);
    } else if (call->may_be_ready()) {
      DrainSoon();
    }
  }
  return any;
}

void BackendChannel::Impl::DrainSoon() {
  if (std::exchange(drain_posted_, true)) return;
  boost::asio::post(io_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->shut_down_) return;
    self->drain_posted_ = false;
    self->Drain();
  });
}

void BackendChannel::Impl::OnFinished(std::shared_ptr<OngoingCall> call) {
  in_flight_.erase(call);
  if (call->cancelled()) return;
  if (!call->Torn()) return call->Finish();
  Drop(call->connection());
  if (call->TakeSecondChance()) return Submit(std::move(call));
  call->Fail(ConnectionLost(address_.text, call->options().changes));
}

void BackendChannel::Impl::Tick() {
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->shut_down_) return;
    self->Drain();
    self->ticking_ = false;
    if (!self->in_flight_.empty()) self->Tick();
  });
}

void BackendChannel::Impl::Shutdown() {
  shut_down_ = true;
  tick_.cancel();
  reconnect_.cancel();
  for (const auto& call : waiting_) call->Cancel();
  waiting_.clear();
  for (const auto& call : in_flight_) call->Cancel();
  if (connection_ != nullptr) {
    // gRPC gives up its descriptor later, on a thread of its own; a backend
    // that drains would wait for that.
    shutdown(connection_->watch.native_handle(), SHUT_RDWR);
    Drop(connection_);
  }
  queue_.Shutdown();
  // Cancelled calls end at once; streams need a second event to finish.
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    const auto call = static_cast<OngoingCall*>(tag)->shared_from_this();
    in_flight_.erase(call);
  }
}

BackendChannel::BackendChannel(boost::asio::io_context& io,
                               BackendAddress address, BackendGate* gate)
    : impl_(std::make_shared<Impl>(io, std::move(address), gate)) {}

BackendChannel::~BackendChannel() { impl_->Shutdown(); }

std::shared_ptr<OutgoingCall> BackendChannel::Call(const std::string& path,
                                                   const Message& request,
                                                   const CallOptions& options,
                                                   Answered answered) {
  auto call = MakeUnaryCall(path, request, options, std::move(answered));
  impl_->Submit(call);
  return call;
}

std::shared_ptr<OutgoingCall> BackendChannel::Stream(
    const std::string& path, const Message& request, Message& response,
    const CallOptions& options, std::function<void()> on_message, Done done) {
  auto call = MakeStreamCall(path, request, response, options,
                             std::move(on_message), std::move(done));
  impl_->Submit(call);
  return call;
}

}  // namespace howdah::upstream
