#include "tests/support/http_imposter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace howdah::testing {
namespace {

constexpr std::chrono::seconds kLongestWait(10);

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

SslContext MakeContext(const HttpImposterOptions& options) {
  SslContext context(nullptr, SSL_CTX_free);
  if (options.certificate.empty()) return context;
  context.reset(SSL_CTX_new(TLS_server_method()));
  const Bio certificate_text(
      BIO_new_mem_buf(options.certificate.data(), options.certificate.size()),
      BIO_free);
  const Bio key_text(BIO_new_mem_buf(options.key.data(), options.key.size()),
                     BIO_free);
  X509* certificate =
      PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key =
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr);
  if (SSL_CTX_use_certificate(context.get(), certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key) != 1) {
    std::abort();
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

// A connected socket, with or without TLS.
class Connection {
 public:
  Connection(int fd, SSL_CTX* context) : fd_(fd), ssl_(nullptr, SSL_free) {
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd_);
    usable_ = SSL_accept(ssl_.get()) == 1;
  }

  // Adds to `text`; false at the end.
  bool Read(std::string& text) {
    char buffer[16384];
    if (!usable_) return false;
    const int count = ssl_ != nullptr
                          ? SSL_read(ssl_.get(), buffer, sizeof(buffer))
                          : recv(fd_, buffer, sizeof(buffer), 0);
    if (count <= 0) return usable_ = false;
    text.append(buffer, count);
    return true;
  }

  void Write(absl::string_view text) {
    while (usable_ && !text.empty()) {
      const int count = ssl_ != nullptr
                            ? SSL_write(ssl_.get(), text.data(), text.size())
                            : send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) usable_ = false;
      text.remove_prefix(count > 0 ? count : 0);
    }
  }

  void Shut() {
    usable_ = false;
    shutdown(fd_, SHUT_RDWR);
  }

  bool usable() const { return usable_; }

 private:
  const int fd_;
  Ssl ssl_;
  bool usable_ = true;
};

std::string HeadOf(int status, const Headers& headers) {
  std::string head = absl::StrCat("HTTP/1.1 ", status, " Status\r\n");
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  return head;
}

class ExchangeOnConnection final : public Exchange {
 public:
  ExchangeOnConnection(Connection& connection, RecordedRequest request)
      : connection_(connection), request_(std::move(request)) {}

  const RecordedRequest& request() const override { return request_; }

  void Reply(const Answered& answer) override {
    connection_.Write(absl::StrCat(HeadOf(answer.status, answer.headers),
                                   "Content-Length: ", answer.body.size(),
                                   "\r\n\r\n", answer.body));
  }
  void Begin(int status, const Headers& headers) override {
    connection_.Write(absl::StrCat(HeadOf(status, headers),
                                   "Transfer-Encoding: chunked\r\n\r\n"));
  }
  void Write(absl::string_view piece) override {
    if (piece.empty()) return;
    connection_.Write(
        absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n"));
  }
  void End() override { connection_.Write("0\r\n\r\n"); }
  void Tear() override { connection_.Shut(); }
  void WaitUntilClientLeaves() override {
    std::string ignored;
    while (connection_.Read(ignored)) continue;
  }

 private:
  Connection& connection_;
  const RecordedRequest request_;
};

// Reads one request; `buffer` keeps what follows it. Nothing at the end.
std::optional<RecordedRequest> ReadRequest(Connection& connection,
                                           std::string& buffer) {
  size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!connection.Read(buffer)) return std::nullopt;
  }
  RecordedRequest request;
  const std::vector<std::string> lines =
      absl::StrSplit(buffer.substr(0, end), "\r\n");
  const std::vector<std::string> first = absl::StrSplit(lines[0], ' ');
  request.method = first[0];
  request.target = first.size() > 1 ? first[1] : "";
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
    request.headers.emplace_back(absl::AsciiStrToLower(header.first),
                                 absl::StripAsciiWhitespace(header.second));
  }
  size_t length = 0;
  (void)absl::SimpleAtoi(request.Header("content-length"), &length);
  buffer.erase(0, end + 4);
  while (buffer.size() < length) {
    if (!connection.Read(buffer)) return std::nullopt;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return request;
}

}  // namespace

struct Gate::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
};

Gate::Gate() : state_(std::make_shared<State>()) {}

Gate::~Gate() { Open(); }

void Gate::Open() {
  const std::lock_guard lock(state_->mutex);
  state_->open = true;
  state_->changed.notify_all();
}

void Gate::Wait() const {
  const std::shared_ptr<State> state = state_;
  std::unique_lock lock(state->mutex);
  state->changed.wait_for(lock, kLongestWait, [&] { return state->open; });
}

std::string RecordedRequest::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

class HttpImposter::Impl {
 public:
  explicit Impl(const HttpImposterOptions& options)
      : context_(MakeContext(options)) {
    // SSL_write has no MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 128) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      shutdown(listener_, SHUT_RDWR);
      for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
    }
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }

  std::string url() const {
    return absl::StrCat(context_ != nullptr ? "https" : "http",
                        "://127.0.0.1:", port_);
  }
  int port() const { return port_; }

  void Then(Handler handler) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(handler));
  }
  void Otherwise(Handler handler) {
    const std::lock_guard lock(mutex_);
    otherwise_ = std::move(handler);
  }
  std::vector<RecordedRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  bool WaitForRequests(size_t count) const {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, kLongestWait,
                             [&] { return requests_.size() >= count; });
  }

 private:
  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex_);
      if (fd < 0 || ending_) {
        if (fd >= 0) close(fd);
        return;
      }
      const int no_delay = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
      sockets_.push_back(fd);
      const int number = static_cast<int>(sockets_.size());
      threads_.emplace_back([this, fd, number] { Serve(fd, number); });
    }
  }

  void Serve(int fd, int number) {
    {
      Connection connection(fd, context_.get());
      std::string buffer;
      while (auto request = ReadRequest(connection, buffer)) {
        request->connection = number;
        const Handler handler = Take(*request);
        ExchangeOnConnection exchange(connection, *std::move(request));
        handler(exchange);
        if (!connection.usable()) break;
      }
    }
    const std::lock_guard lock(mutex_);
    // Keeps its place, so that numbers stay; -1 is nobody's.
    sockets_[number - 1] = -1;
    close(fd);
  }

  Handler Take(const RecordedRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    arrived_.notify_all();
    if (!script_.empty()) {
      Handler handler = std::move(script_.front());
      script_.pop_front();
      return handler;
    }
    if (otherwise_) return otherwise_;
    return [](Exchange& exchange) {
      exchange.Reply({501, "the test gave no answer", {}});
    };
  }

  const SslContext context_;
  int listener_ = -1;
  int port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  // Guarded by mutex_.
  bool ending_ = false;
  std::deque<Handler> script_;
  Handler otherwise_;
  std::vector<RecordedRequest> requests_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;

  std::thread acceptor_;
};

HttpImposter::HttpImposter(HttpImposterOptions options)
    : impl_(std::make_unique<Impl>(options)) {}

HttpImposter::~HttpImposter() = default;

std::string HttpImposter::url() const { return impl_->url(); }
int HttpImposter::port() const { return impl_->port(); }

void HttpImposter::Answer(Answered answer) {
  impl_->Then([answer = std::move(answer)](Exchange& exchange) {
    exchange.Reply(answer);
  });
}

void HttpImposter::Then(Handler handler) { impl_->Then(std::move(handler)); }

void HttpImposter::Otherwise(Handler handler) {
  impl_->Otherwise(std::move(handler));
}

std::vector<RecordedRequest> HttpImposter::requests() const {
  return impl_->requests();
}

bool HttpImposter::WaitForRequests(size_t count) const {
  return impl_->WaitForRequests(count);
}

}  // namespace howdah::testing
