#include "backend/local/http/listener.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace howdah::local {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

}  // namespace

bool ConnectionSet::Add(const std::shared_ptr<OpenConnection>& connection,
                        size_t limit) {
  std::lock_guard lock(mutex_);
  if (open_.size() >= limit) return false;
  open_.insert({connection.get(), connection});
  return true;
}

void ConnectionSet::Remove(OpenConnection* connection) {
  std::lock_guard lock(mutex_);
  open_.erase(connection);
}

void ConnectionSet::CloseAll() {
  // A connection may end here, and then removes itself: not under the lock.
  std::vector<std::shared_ptr<OpenConnection>> all;
  {
    std::lock_guard lock(mutex_);
    for (auto& [pointer, weak] : open_) {
      if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
  }
  for (auto& connection : all) connection->Close();
}

class Listener::Impl {
 public:
  Impl(ListenerOptions options, std::function<void(tcp::socket)> on_socket)
      : options_(std::move(options)),
        on_socket_(std::move(on_socket)),
        acceptor_(asio::make_strand(io_)) {}

  absl::Status Start() {
    error_code error;
    auto address = asio::ip::make_address(options_.host, error);
    if (error || !address.is_loopback()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--host ", options_.host,
          " is no loopback address; the local plane listens on 127.0.0.1 or "
          "::1 only."));
    }
    tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error == boost::system::errc::address_in_use) {
      return absl::AlreadyExistsError(absl::StrCat(
          "Port ", options_.port, " on ", options_.host,
          " is taken by another program; give another ", options_.port_flag,
          ", or ", options_.port_flag, " 0 for a free one."));
    }
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("Cannot listen on ", options_.host, ":", options_.port,
                       ": ", error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return absl::OkStatus();
  }

  void Stop(ConnectionSet* connections) {
    if (threads_.empty()) return;
    asio::post(acceptor_.get_executor(), [this, connections] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      if (connections != nullptr) connections->CloseAll();
    });
    // The threads leave when the last connection has gone.
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept(
        asio::make_strand(io_), [this](error_code error, tcp::socket socket) {
          if (stopping_ || error == asio::error::operation_aborted) return;
          if (!error) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            on_socket_(std::move(socket));
          }
          if (acceptor_.is_open()) Accept();
        });
  }

  const ListenerOptions options_;
  const std::function<void(tcp::socket)> on_socket_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{
      io_.get_executor()};
  tcp::acceptor acceptor_;
  bool stopping_ = false;  // on the acceptor's strand
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { impl_->Stop(nullptr); }

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(
    const ListenerOptions& options,
    std::function<void(tcp::socket)> on_socket) {
  auto impl = std::make_unique<Impl>(options, std::move(on_socket));
  absl::Status status = impl->Start();
  if (!status.ok()) return status;
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

uint16_t Listener::port() const { return impl_->port(); }

void Listener::Stop(ConnectionSet& connections) { impl_->Stop(&connections); }

}  // namespace howdah::local
