// A client's connection, with TLS or without: one way to read and write either.
//
//   ClientSocket socket(std::move(accepted), tls_context_or_null);
//   socket.AsyncHandshake(handler);                 // only if socket.secure()
//   socket.AsyncRead(buffer, handler);
#ifndef HOWDAH_ADAPTER_TRANSPORTS_CLIENT_SOCKET_H_
#define HOWDAH_ADAPTER_TRANSPORTS_CLIENT_SOCKET_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace howdah::transports {

// A socket without the indirections of a type-erased executor.
using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

// Threads: the one that runs the io_context. Owns: the socket.
class ClientSocket {
 public:
  // `tls` is null for plain connections, and needs to live only during the
  // call.
  ClientSocket(HttpSocket socket, boost::asio::ssl::context* tls)
      : socket_(std::move(socket)),
        tls_(tls == nullptr ? nullptr : std::make_unique<Tls>(socket_, *tls)) {}
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  bool secure() const { return tls_ != nullptr; }
  // The connection below TLS.
  HttpSocket& transport() { return socket_; }

  template <typename Handler>
  void AsyncHandshake(Handler&& handler) {
    tls_->async_handshake(Tls::server, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void AsyncRead(const Buffers& buffers, Handler&& handler) {
    if (tls_ == nullptr) {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void AsyncWrite(const Buffers& buffers, Handler&& handler) {
    if (tls_ == nullptr) {
      boost::asio::async_write(socket_, buffers,
                               std::forward<Handler>(handler));
    } else {
      boost::asio::async_write(*tls_, buffers, std::forward<Handler>(handler));
    }
  }

 private:
  using Tls = boost::asio::ssl::stream<HttpSocket&>;

  HttpSocket socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_CLIENT_SOCKET_H_
