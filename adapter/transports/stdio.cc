#include "adapter/transports/stdio.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/transports/line_framer.h"

namespace howdah::transports {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64 * 1024;

// A duplicate of a descriptor, watched by the io_context where that is
// possible. Regular files cannot be watched; they never make a caller wait.
class Channel {
 public:
  Channel(asio::io_context& io, int fd)
      : original_(fd), flags_(fcntl(fd, F_GETFL)), stream_(io) {
    fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    error_code error;
    if (fd_ >= 0) stream_.assign(fd_, error);
    pollable_ = fd_ >= 0 && !error;
    if (pollable_) stream_.non_blocking(true, error);
  }
  ~Channel() { Close(); }

  bool ok() const { return fd_ >= 0; }
  bool pollable() const { return pollable_; }
  int fd() const { return fd_; }
  asio::posix::stream_descriptor& stream() { return stream_; }

  void Close() {
    if (fd_ < 0) return;
    error_code ignored;
    if (pollable_) {
      stream_.close(ignored);
    } else {
      ::close(fd_);
    }
    fd_ = -1;
    // The mode belongs to the open file, which others may go on using.
    if (flags_ >= 0) fcntl(original_, F_SETFL, flags_);
  }

 private:
  const int original_;
  const int flags_;
  int fd_ = -1;
  bool pollable_ = false;
  asio::posix::stream_descriptor stream_;
};

}  // namespace

class StdioTransport::Impl : public Exchange,
                             public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, StdioOptions options, MessageSink& sink)
      : io_(io),
        options_(options),
        sink_(sink),
        framer_(options.max_line_bytes),
        input_(io, options.input),
        output_(io, options.output),
        grace_(io) {
    signal(SIGPIPE, SIG_IGN);
  }

  bool Streams() const override { return true; }

  void Start(std::function<void()> on_end) {
    on_end_ = std::move(on_end);
    if (!input_.ok() || !output_.ok()) {
      asio::post(io_, [self = shared_from_this()] { self->End(); });
      return;
    }
    Read();
  }

  void Send(std::string message) override { WriteLine(std::move(message)); }

  void Finish(Reply reply) override {
    --pending_;
    if (!reply.body.empty()) WriteLine(std::move(reply.body));
    if (at_end_ && pending_ == 0) EndWhenWritten();
  }

  void Stop() {
    if (at_end_) return;
    error_code ignored;
    if (input_.pollable()) input_.stream().cancel(ignored);
    OnEndOfInput();
  }

  // The owner goes away: nothing may reach the sink any more.
  void Detach() {
    on_end_ = nullptr;
    End();
  }

 private:
  void Read() {
    if (ended_ || at_end_ || reading_) return;
    if (unwritten_.size() > options_.max_unwritten_bytes) return;
    reading_ = true;
    if (input_.pollable()) {
      input_.stream().async_read_some(
          asio::buffer(chunk_),
          [self = shared_from_this()](error_code error, std::size_t size) {
            self->OnRead(error ? 0 : size);
          });
      return;
    }
    // In turns, so that a long file does not starve everything else.
    asio::post(io_, [self = shared_from_this()] {
      ssize_t size;
      do {
        size = ::read(self->input_.fd(), self->chunk_.data(), kReadBytes);
      } while (size < 0 && errno == EINTR);
      self->OnRead(size > 0 ? size : 0);
    });
  }

  void OnRead(std::size_t size) {
    reading_ = false;
    if (ended_ || at_end_) return;
    if (size == 0) {
      Visit([this](const auto& visitor) { framer_.End(visitor); });
      OnEndOfInput();
      return;
    }
    Visit([this, size](const auto& visitor) {
      framer_.Feed(absl::string_view(chunk_.data(), size), visitor);
    });
    Read();
  }

  // Answers given while lines are being cut are written together.
  template <typename Feed>
  void Visit(Feed feed) {
    auto line = [this](absl::string_view text) {
      if (ended_) return;
      ++pending_;
      sink_.OnMessage(text, *this);
    };
    auto too_long = [this] {
      WriteLine(sink_.Refusal(
          413, absl::StrCat("A line may have ", options_.max_line_bytes,
                            " bytes at most; this one was skipped. Send "
                            "smaller arguments.")));
    };
    corked_ = true;
    feed(LineFramer::Visitor{line, too_long});
    corked_ = false;
    Write();
  }

  void WriteLine(std::string message) {
    if (ended_) return;
    // Newlines in JSON text are blanks between tokens, but here they end it.
    for (char& c : message) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    if (unwritten_.empty()) {
      unwritten_ = std::move(message);
    } else {
      unwritten_ += message;
    }
    unwritten_ += '\n';
    if (!corked_) Write();
  }

  // Writes what can be written now and waits for the rest.
  void Write() {
    while (!ended_ && !waiting_ && written_ < unwritten_.size()) {
      const ssize_t size = ::write(output_.fd(), unwritten_.data() + written_,
                                   unwritten_.size() - written_);
      if (size >= 0) {
        written_ += size;
      } else if (errno == EAGAIN && output_.pollable()) {
        WaitToWrite();
      } else if (errno != EINTR) {
        return End();  // nobody reads any more
      }
    }
    if (ended_ || waiting_) return;
    unwritten_.clear();
    written_ = 0;
    if (at_end_ && pending_ == 0) EndWhenWritten();
  }

  void WaitToWrite() {
    waiting_ = true;
    output_.stream().async_wait(asio::posix::stream_descriptor::wait_write,
                                [self = shared_from_this()](error_code error) {
                                  self->waiting_ = false;
                                  if (error) return;
                                  self->Write();
                                  self->Read();
                                });
  }

  void OnEndOfInput() {
    at_end_ = true;
    EndWhenWritten();
    if (ended_) return;
    grace_.expires_after(
        std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.end_grace)));
    grace_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->End();
    });
  }

  void EndWhenWritten() {
    if (pending_ == 0 && unwritten_.empty()) End();
  }

  void End() {
    if (ended_) return;
    ended_ = true;
    // The last reference may be the sink's or a handler's.
    auto self = shared_from_this();
    sink_.OnGone(*this);
    grace_.cancel();
    input_.Close();
    output_.Close();
    if (on_end_) asio::post(io_, std::exchange(on_end_, nullptr));
  }

  asio::io_context& io_;
  const StdioOptions options_;
  MessageSink& sink_;
  LineFramer framer_;
  Channel input_;
  Channel output_;
  asio::steady_timer grace_;
  std::function<void()> on_end_;
  std::array<char, kReadBytes> chunk_;
  std::string unwritten_;
  std::size_t written_ = 0;
  std::size_t pending_ = 0;  // messages without their Finish
  bool reading_ = false;
  bool waiting_ = false;
  bool corked_ = false;
  bool at_end_ = false;
  bool ended_ = false;
};

StdioTransport::StdioTransport(asio::io_context& io, StdioOptions options,
                               MessageSink& sink)
    : impl_(std::make_shared<Impl>(io, options, sink)) {}

StdioTransport::~StdioTransport() { impl_->Detach(); }

void StdioTransport::Start(std::function<void()> on_end) {
  impl_->Start(std::move(on_end));
}

void StdioTransport::Stop() { impl_->Stop(); }

}  // namespace howdah::transports
