#include "backend/local/postgres/forwarder.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace howdah::local::postgres {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint Loopback(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)};
}

// One client and its server; lives as long as a read of it is under way.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(tcp::socket client, int target)
      : client_(std::move(client)),
        server_(client_.get_executor()),
        target_(target) {}

  int target() const { return target_; }

  void Start() {
    server_.async_connect(
        Loopback(target_), [self = shared_from_this()](error_code error) {
          if (error) return self->Close();
          error_code ignored;
          self->client_.set_option(tcp::no_delay(true), ignored);
          self->server_.set_option(tcp::no_delay(true), ignored);
          self->Pump(self->client_, self->server_, self->upward_);
          self->Pump(self->server_, self->client_, self->downward_);
        });
  }

  void Close() {
    error_code ignored;
    client_.close(ignored);
    server_.close(ignored);
  }

 private:
  using Buffer = std::array<char, 16384>;

  void Pump(tcp::socket& from, tcp::socket& to, Buffer& buffer) {
    from.async_read_some(
        asio::buffer(buffer), [this, self = shared_from_this(), &from, &to,
                               &buffer](error_code error, size_t size) {
          if (error) return HalfClose(to);
          asio::async_write(
              to, asio::buffer(buffer, size),
              [this, self, &from, &to, &buffer](error_code failed, size_t) {
                if (failed) return Close();
                Pump(from, to, buffer);
              });
        });
  }

  // What the other side still sends must arrive.
  void HalfClose(tcp::socket& to) {
    error_code error;
    to.shutdown(tcp::socket::shutdown_send, error);
    if (error || ++ended_ == 2) Close();
  }

  tcp::socket client_;
  tcp::socket server_;
  const int target_;
  int ended_ = 0;
  Buffer upward_;
  Buffer downward_;
};

// One stable port. Used on the forwarder's thread only.
struct Entrance {
  explicit Entrance(tcp::acceptor acceptor) : acceptor(std::move(acceptor)) {}
  tcp::acceptor acceptor;
  std::set<int> targets;
  int last = 0;
  std::list<std::weak_ptr<Pipe>> pipes;

  int Next() {
    auto it = targets.upper_bound(last);
    if (it == targets.end()) it = targets.begin();
    last = it == targets.end() ? 0 : *it;
    return last;
  }
};

}  // namespace

class Forwarder::Impl {
 public:
  Impl() : work_(asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}

  ~Impl() {
    asio::post(io_, [this] {
      for (auto& [name, entrance] : entrances_) Cut(*entrance, {});
      io_.stop();
    });
    thread_.join();
  }

  absl::Status Listen(const std::string& name, int port) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (listening_.count(name) > 0 && listening_[name] == port) {
      return absl::OkStatus();
    }
    error_code error;
    tcp::acceptor acceptor(io_);
    acceptor.open(tcp::v4(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(Loopback(port), error);
    if (!error) {
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return absl::AlreadyExistsError(absl::StrCat(
          "cannot listen on 127.0.0.1:", port, ": ", error.message()));
    }
    listening_[name] = port;
    auto entrance = std::make_shared<Entrance>(std::move(acceptor));
    asio::post(io_, [this, name, entrance] {
      Drop(name);
      entrances_[name] = entrance;
      Accept(entrance);
    });
    return absl::OkStatus();
  }

  void SetTargets(const std::string& name, std::set<int> ports) {
    asio::post(io_, [this, name, ports = std::move(ports)] {
      auto it = entrances_.find(name);
      if (it == entrances_.end() || it->second->targets == ports) return;
      it->second->targets = ports;
      Cut(*it->second, ports);
    });
  }

  void Remove(const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex_);
    listening_.erase(name);
    asio::post(io_, [this, name] { Drop(name); });
  }

 private:
  void Drop(const std::string& name) {
    auto it = entrances_.find(name);
    if (it == entrances_.end()) return;
    Cut(*it->second, {});
    error_code ignored;
    it->second->acceptor.close(ignored);
    entrances_.erase(it);
  }

  // Closes the connections to servers that are not in `kept`.
  void Cut(Entrance& entrance, const std::set<int>& kept) {
    entrance.pipes.remove_if([&](const std::weak_ptr<Pipe>& weak) {
      std::shared_ptr<Pipe> pipe = weak.lock();
      if (pipe == nullptr) return true;
      if (kept.count(pipe->target()) > 0) return false;
      pipe->Close();
      return true;
    });
  }

  void Accept(const std::shared_ptr<Entrance>& entrance) {
    entrance->acceptor.async_accept(
        [this, entrance](error_code error, tcp::socket client) {
          if (error == asio::error::operation_aborted) return;
          if (!entrance->acceptor.is_open()) return;
          if (int target = error ? 0 : entrance->Next(); target != 0) {
            auto pipe = std::make_shared<Pipe>(std::move(client), target);
            entrance->pipes.remove_if(
                [](const std::weak_ptr<Pipe>& weak) { return weak.expired(); });
            entrance->pipes.push_back(pipe);
            pipe->Start();
          }
          Accept(entrance);
        });
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::map<std::string, std::shared_ptr<Entrance>> entrances_;  // on the thread
  std::mutex mutex_;
  std::map<std::string, int> listening_;  // guarded by mutex_
  std::thread thread_;
};

Forwarder::Forwarder() : impl_(std::make_unique<Impl>()) {}
Forwarder::~Forwarder() = default;

absl::Status Forwarder::Listen(const std::string& name, int port) {
  return impl_->Listen(name, port);
}

void Forwarder::SetTargets(const std::string& name, std::set<int> ports) {
  impl_->SetTargets(name, std::move(ports));
}

void Forwarder::Remove(const std::string& name) { impl_->Remove(name); }

}  // namespace howdah::local::postgres
