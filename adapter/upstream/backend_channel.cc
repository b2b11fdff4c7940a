#include "adapter/upstream/backend_channel.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"
#include "adapter/upstream/errors.h"
#include "adapter/upstream/http2_connection.h"
#include "adapter/upstream/ongoing_call.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"

namespace howdah::upstream {
namespace {

using ::google::protobuf::Message;

constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
// A backend of our own that dies closes its sockets one by one, and only then
// its gate learns of it and starts another. Until then it may still accept a
// connection, or refuse it: after a tear one waits, and a refusal is tried
// again.
constexpr auto kPauseAfterTear = std::chrono::milliseconds(100);
constexpr auto kPauseAfterRefusal = std::chrono::milliseconds(20);
constexpr int kMostRefusals = 25;

}  // namespace

class BackendChannel::Impl : public CallOwner,
                             public std::enable_shared_from_this<Impl> {
 public:
  using CallPtr = std::shared_ptr<OngoingCall>;

  Impl(boost::asio::io_context& io, BackendAddress address, BackendGate* gate,
       const Keepalive& keepalive)
      : io_(io),
        address_(std::move(address)),
        gate_(gate),
        keepalive_(keepalive),
        deadline_(io),
        reconnect_(io) {}

  void Submit(const CallPtr& call);
  void Shutdown();

 private:
  void OnEnded(const CallPtr& call) override;
  void OnCancelled(const CallPtr& call) override { calls_.erase(call); }
  absl::string_view authority() const override {
    return address_.is_unix() ? "localhost" : absl::string_view(address_.text);
  }
  void Send(const CallPtr& call);
  void Fail(const CallPtr& call, const absl::Status& status);
  void Connect();
  void OnConnected(absl::StatusOr<BackendSocket> socket);
  void ConnectAfter(std::chrono::milliseconds pause);
  void FailWaiting(const absl::Status& status);
  void Drop(const std::shared_ptr<Http2Connection>& connection);
  void WatchDeadline(absl::Time deadline);
  void OnDeadline();

  boost::asio::io_context& io_;
  const BackendAddress address_;
  BackendGate* const gate_;
  const Keepalive keepalive_;
  // Takes new calls; null if there is none yet or any more.
  std::shared_ptr<Http2Connection> connection_;
  bool connecting_ = false;
  bool shut_down_ = false;
  // All that are not over, and those of them that wait for a connection.
  absl::flat_hash_set<CallPtr> calls_;
  std::vector<CallPtr> waiting_;
  // Set for the earliest deadline of a call, or for an earlier time: calls come
  // and go far more often than their time is up.
  boost::asio::steady_timer deadline_;
  absl::Time watched_ = absl::InfiniteFuture();
  boost::asio::steady_timer reconnect_;
  // Refused connections in a row.
  int refusals_ = 0;
  // The last connection was lost, and none has been tried since.
  bool torn_ = false;
};

void BackendChannel::Impl::Submit(const CallPtr& call) {
  calls_.insert(call);
  Send(call);
}

void BackendChannel::Impl::Send(const CallPtr& call) {
  if (const absl::Status sendable = call->Sendable(); !sendable.ok()) {
    return boost::asio::post(io_, [weak = weak_from_this(), call, sendable] {
      const auto self = weak.lock();
      if (self != nullptr) self->Fail(call, sendable);
    });
  }
  WatchDeadline(call->expires());
  // What cannot be repeated must not be sent into a connection that is known to
  // be dead.
  if (connection_ != nullptr && !call->options().repeatable &&
      connection_->ClosedByPeer()) {
    Drop(connection_);
  }
  if (connection_ != nullptr) return call->Begin(connection_);
  waiting_.push_back(call);
  Connect();
}

void BackendChannel::Impl::OnEnded(const CallPtr& call) {
  if (!call->Torn()) {
    calls_.erase(call);
    return call->Finish();
  }
  Drop(call->connection());
  if (call->TakeSecondChance()) return Send(call);
  Fail(call, call->never_processed()
                 ? Unreachable(address_.text,
                               absl::UnavailableError("it takes no calls"))
                 : ConnectionLost(address_.text, call->options().changes));
}

void BackendChannel::Impl::Fail(const CallPtr& call,
                                const absl::Status& status) {
  calls_.erase(call);
  call->Fail(status);
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
                   [weak](absl::StatusOr<BackendSocket> socket) {
                     const auto self = weak.lock();
                     if (self != nullptr && !self->shut_down_) {
                       self->OnConnected(std::move(socket));
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

void BackendChannel::Impl::OnConnected(absl::StatusOr<BackendSocket> socket) {
  if (!socket.ok()) {
    if (gate_ != nullptr && refusals_++ < kMostRefusals) {
      return ConnectAfter(kPauseAfterRefusal);
    }
    refusals_ = 0;
    return FailWaiting(Unreachable(address_.text, socket.status()));
  }
  refusals_ = 0;
  connecting_ = false;
  connection_ = Http2Connection::Make(*std::move(socket), keepalive_, [this] {
    torn_ = true;
    connection_ = nullptr;
  });
  for (const auto& call : std::exchange(waiting_, {})) {
    if (!call->over()) Send(call);
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
  for (const auto& call : std::exchange(waiting_, {})) Fail(call, status);
}

// Answers that are under way on it may still come.
void BackendChannel::Impl::Drop(
    const std::shared_ptr<Http2Connection>& connection) {
  connection->Retire();
  if (connection_ != connection) return;
  connection_ = nullptr;
  torn_ = true;
}

void BackendChannel::Impl::WatchDeadline(absl::Time deadline) {
  if (deadline >= watched_) return;
  watched_ = deadline;
  deadline_.expires_after(absl::ToChronoNanoseconds(
      std::max(deadline - absl::Now(), absl::ZeroDuration())));
  deadline_.async_wait(
      [weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self != nullptr && !self->shut_down_) self->OnDeadline();
      });
}

void BackendChannel::Impl::OnDeadline() {
  watched_ = absl::InfiniteFuture();
  const absl::Time now = absl::Now();
  absl::Time next = absl::InfiniteFuture();
  std::vector<CallPtr> late;
  for (const auto& call : calls_) {
    if (call->expires() <= now) {
      late.push_back(call);
    } else {
      next = std::min(next, call->expires());
    }
  }
  if (next != absl::InfiniteFuture()) WatchDeadline(next);
  for (const auto& call : late) {
    if (call->over()) continue;
    Fail(call, call->connection() == nullptr
                   ? TooLate()
                   : TimeIsUp(call->options().changes));
  }
}

void BackendChannel::Impl::Shutdown() {
  shut_down_ = true;
  deadline_.cancel();
  reconnect_.cancel();
  waiting_.clear();
  for (const auto& call : std::exchange(calls_, {})) {
    call->Cancel();
    // Also what lives on until its last answer.
    if (call->connection() != nullptr) call->connection()->Close();
  }
  if (connection_ != nullptr) {
    connection_->Retire();
    connection_->Close();
  }
}

BackendChannel::BackendChannel(boost::asio::io_context& io,
                               BackendAddress address, BackendGate* gate,
                               const Keepalive& keepalive)
    : impl_(std::make_shared<Impl>(io, std::move(address), gate, keepalive)) {}

BackendChannel::~BackendChannel() { impl_->Shutdown(); }

std::shared_ptr<OutgoingCall> BackendChannel::Call(const std::string& path,
                                                   const Message& request,
                                                   const CallOptions& options,
                                                   Answered answered) {
  auto call =
      MakeUnaryCall(*impl_, path, request, options, std::move(answered));
  impl_->Submit(call);
  return call;
}

std::shared_ptr<OutgoingCall> BackendChannel::Stream(
    const std::string& path, const Message& request, Message& response,
    const CallOptions& options, std::function<void()> on_message, Done done) {
  auto call = MakeStreamCall(*impl_, path, request, response, options,
                             std::move(on_message), std::move(done));
  impl_->Submit(call);
  return call;
}

}  // namespace howdah::upstream
