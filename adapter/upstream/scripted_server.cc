#include "adapter/upstream/scripted_server.h"

#include <algorithm>
#include <utility>

#include "boost/asio/buffer.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"

namespace howdah::upstream {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

nghttp2_nv Field(const std::string& name, const std::string& value) {
  auto bytes = [](const std::string& text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct ScriptedServer::Peer {
  struct Body {
    std::string bytes;
    std::size_t sent = 0;
    Ending ending = Ending::kNone;
  };

  Peer(ScriptedServer& owner, asio::local::stream_protocol::socket accepted)
      : server(owner), socket(std::move(accepted)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_server_new(&session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Peer() { nghttp2_session_del(session); }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    Peer& self = *static_cast<Peer*>(data);
    if (frame->hd.type == NGHTTP2_RST_STREAM) ++self.server.resets_;
    if (frame->hd.type == NGHTTP2_PING) ++self.server.pings_;
    if (frame->hd.type == NGHTTP2_DATA &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.requests.push_back(frame->hd.stream_id);
    }
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t stream, uint8_t* to,
                          std::size_t size, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    Body& body = *static_cast<Body*>(source->ptr);
    const std::size_t part = std::min(size, body.bytes.size() - body.sent);
    if (part == 0 && body.ending == Ending::kNone) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(body.bytes.data() + body.sent, part, to);
    body.sent += part;
    if (body.ending == Ending::kNone || body.sent < body.bytes.size()) {
      return static_cast<ssize_t>(part);
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (body.ending == Ending::kTrailer) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::string name = "grpc-status";
      const std::string ok = "0";
      const nghttp2_nv trailer = Field(name, ok);
      nghttp2_submit_trailer(session, stream, &trailer, 1);
    }
    return static_cast<ssize_t>(part);
  }

  ScriptedServer& server;
  asio::local::stream_protocol::socket socket;
  nghttp2_session* session = nullptr;
  std::array<uint8_t, 64 * 1024> in;
  std::string unread;
  std::vector<int32_t> requests;
  std::map<int32_t, Body> bodies;
};

ScriptedServer::ScriptedServer(asio::io_context& io, const std::string& path)
    : acceptor_(io, asio::local::stream_protocol::endpoint(path)) {
  Accept();
}

ScriptedServer::~ScriptedServer() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& peer : peers_) peer->socket.close(ignored);
}

void ScriptedServer::Accept() {
  acceptor_.async_accept(
      [this](error_code error, asio::local::stream_protocol::socket socket) {
        if (error) return;
        ++connections_;
        peers_.push_back(std::make_shared<Peer>(*this, std::move(socket)));
        if (greeting.empty()) {
          Read(peers_.back());
        } else {
          Greet(peers_.back());
        }
        Accept();
      });
}

// What comes is read and not understood.
void ScriptedServer::Greet(std::shared_ptr<Peer> peer) {
  error_code ignored;
  asio::write(peer->socket, asio::buffer(greeting), ignored);
  if (then_closes) peer->socket.shutdown(asio::socket_base::shutdown_send);
  asio::async_read(peer->socket, asio::dynamic_buffer(peer->unread),
                   [this, peer](error_code, std::size_t) { ++left_; });
}

void ScriptedServer::Read(std::shared_ptr<Peer> peer) {
  Peer& from = *peer;
  from.socket.async_read_some(
      asio::buffer(from.in),
      [this, peer = std::move(peer)](error_code error, std::size_t size) {
        if (error) {
          ++left_;
          return;
        }
        peer_ = peer;
        nghttp2_session_mem_recv(peer->session, peer->in.data(), size);
        for (const int32_t stream : std::exchange(peer->requests, {})) {
          ++requests_;
          if (on_request) on_request(stream);
        }
        Flush();
        if (peer->socket.is_open() && !deaf) Read(peer);
      });
}

void ScriptedServer::Flush() {
  const uint8_t* bytes = nullptr;
  error_code error;
  while (!error && peer_->socket.is_open()) {
    const ssize_t size = nghttp2_session_mem_send(peer_->session, &bytes);
    if (size <= 0) break;
    asio::write(peer_->socket, asio::buffer(bytes, size), error);
  }
}

void ScriptedServer::Respond(int32_t stream, const std::string& status,
                             const std::string& content_type,
                             const std::string& body, Ending ending) {
  const std::array<std::string, 2> names = {":status", "content-type"};
  const std::array<nghttp2_nv, 2> fields = {Field(names[0], status),
                                            Field(names[1], content_type)};
  Peer::Body& kept = peer_->bodies[stream];
  kept.bytes = body;
  kept.ending = ending;
  nghttp2_data_provider provider;
  provider.source.ptr = &kept;
  provider.read_callback = Peer::ReadBody;
  nghttp2_submit_response(peer_->session, stream, fields.data(), fields.size(),
                          &provider);
  Flush();
}

void ScriptedServer::Begin(int32_t stream, const std::string& body) {
  Respond(stream, "200", "application/grpc", body, Ending::kNone);
}

void ScriptedServer::Answer(int32_t stream, const std::string& body) {
  Respond(stream, "200", "application/grpc", body, Ending::kTrailer);
}

void ScriptedServer::AnswerHttp(int32_t stream, const std::string& status,
                                const std::string& body, bool ends) {
  Respond(stream, status, "text/html", body,
          ends ? Ending::kStream : Ending::kNone);
}

void ScriptedServer::Reset(int32_t stream, uint32_t code) {
  nghttp2_submit_rst_stream(peer_->session, NGHTTP2_FLAG_NONE, stream, code);
  Flush();
}

void ScriptedServer::GoAway(int32_t last) {
  nghttp2_submit_goaway(peer_->session, NGHTTP2_FLAG_NONE, last,
                        NGHTTP2_NO_ERROR, nullptr, 0);
  Flush();
}

void ScriptedServer::CloseConnection() {
  error_code ignored;
  peer_->socket.close(ignored);
}

}  // namespace howdah::upstream
