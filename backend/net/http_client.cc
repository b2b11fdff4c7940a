#include "backend/net/http_client.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/net/curl_library.h"
#include "backend/net/curl_loop.h"
#include "backend/net/http_error.h"
#include "backend/net/url.h"

namespace howdah::net {
namespace {

// A stream whose reader is this far behind is paused.
constexpr size_t kMaxUnreadStreamBytes = size_t{4} << 20;
constexpr size_t kMaxHeaderBytes = size_t{256} << 10;
// A dead peer is noticed by TCP after about a minute and a half.
// What libcurl's options take.
using Number = long;  // NOLINT(google-runtime-int)

constexpr Number kKeepAliveIdleSeconds = 30;
constexpr Number kKeepAliveIntervalSeconds = 15;
constexpr Number kLongBodyBuffer = Number{256} << 10;
// libcurl's timer counts whole milliseconds.
constexpr absl::Duration kTimerSlack = absl::Milliseconds(5);

curl_blob Blob(const std::string& text) {
  // libcurl copies the text (CURL_BLOB_COPY) although the pointer is not const.
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
}

void SetPemOrFile(CURL* easy, const std::string& pem, CURLoption blob_option,
                  const std::string& file, CURLoption file_option) {
  if (!pem.empty()) {
    const curl_blob blob = Blob(pem);
    Curl().easy_setopt(easy, blob_option, &blob);
  } else if (!file.empty()) {
    Curl().easy_setopt(easy, file_option, file.c_str());
  }
}

void SetTls(CURL* easy, const TlsOptions& tls,
            const ClientCertificate& client) {
  Curl().easy_setopt(easy, CURLOPT_SSLVERSION, Number{CURL_SSLVERSION_TLSv1_2});
  if (tls.insecure_skip_verify) {
    Curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    Curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!tls.ca_pem.empty() || !tls.ca_file.empty()) {
    // Given authorities replace the system's; they do not add to them.
    Curl().easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    SetPemOrFile(easy, tls.ca_pem, CURLOPT_CAINFO_BLOB, tls.ca_file,
                 CURLOPT_CAINFO);
  }
  SetPemOrFile(easy, client.certificate_pem, CURLOPT_SSLCERT_BLOB,
               client.certificate_file, CURLOPT_SSLCERT);
  SetPemOrFile(easy, client.key_pem, CURLOPT_SSLKEY_BLOB, client.key_file,
               CURLOPT_SSLKEY);
}

// One request under way. Lives on the caller's stack: the caller waits for
// OnDone in every case.
class Transfer final : public TransferListener {
 public:
  Transfer(const HttpRequest& request, bool streaming)
      : request_(request), streaming_(streaming), easy_(Curl().easy_init()) {}
  ~Transfer() override {
    Curl().slist_free_all(header_list_);
    Curl().slist_free_all(connect_to_);
    Curl().easy_cleanup(easy_);
  }

  absl::Status Configure(const HttpClientOptions& options);
  absl::StatusOr<HttpResponse> Wait(
      CurlLoop& loop, uint64_t id,
      const std::function<absl::Status(absl::string_view)>& on_bytes);

  CURL* easy() const { return easy_; }
  void OnDone(CURLcode code, bool cancelled) override;

 private:
  absl::Status SetUrl(const HttpClientOptions& options);
  absl::Status SetHeaders();
  void SetBody();
  absl::Status Error() const;
  bool NothingSent() const;

  size_t OnBody(absl::string_view bytes);
  void MakeRoom();
  size_t OnHeader(absl::string_view line);
  size_t OnSend(char* buffer, size_t size);

  static size_t WriteBody(char* data, size_t, size_t size, void* self) {
    return static_cast<Transfer*>(self)->OnBody({data, size});
  }
  static size_t WriteHeader(char* data, size_t, size_t size, void* self) {
    return static_cast<Transfer*>(self)->OnHeader({data, size});
  }
  static size_t ReadBody(char* buffer, size_t, size_t size, void* self) {
    return static_cast<Transfer*>(self)->OnSend(buffer, size);
  }
  static int RefuseRewind(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

  const HttpRequest& request_;
  const bool streaming_;
  CURL* const easy_;
  curl_slist* header_list_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::string host_header_;
  char error_text_[CURL_ERROR_SIZE] = {};

  // Used by the loop's thread until done, then by the caller.
  HttpResponse response_;
  size_t header_bytes_ = 0;
  size_t sent_ = 0;
  bool too_large_ = false;
  CURLcode code_ = CURLE_OK;
  bool cancelled_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::string unread_;
  bool paused_ = false;
  bool done_ = false;
};

absl::Status Transfer::Configure(const HttpClientOptions& options) {
  if (absl::Status status = SetUrl(options); !status.ok()) return status;
  if (absl::Status status = SetHeaders(); !status.ok()) return status;
  SetBody();
  SetTls(easy_, options.tls,
         request_.client_certificate != nullptr ? *request_.client_certificate
                                                : options.tls.client);
  Curl().easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  Curl().easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  Curl().easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                     Number{CURL_HTTP_VERSION_2TLS});
  // A second request to an HTTP/2 server shares the connection under way.
  Curl().easy_setopt(easy_, CURLOPT_PIPEWAIT, 1L);
  Curl().easy_setopt(easy_, CURLOPT_USERAGENT, options.user_agent.c_str());
  Curl().easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_);
  Curl().easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  Curl().easy_setopt(easy_, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  Curl().easy_setopt(easy_, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  Curl().easy_setopt(
      easy_, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<Number>(absl::ToInt64Milliseconds(options.connect_timeout)));
  if (request_.deadline != absl::InfiniteFuture()) {
    const int64_t left =
        absl::ToInt64Milliseconds(request_.deadline - absl::Now());
    if (left <= 0) {
      return HttpError(absl::StatusCode::kDeadlineExceeded, kDeadlineExceeded,
                       request_.url,
                       "the deadline was over before the request");
    }
    Curl().easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<Number>(left));
  }
  if (!streaming_) Curl().easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  // A long body comes in fewer, larger pieces than the 16 KiB of libcurl.
  if (request_.spare_memory != nullptr) {
    Curl().easy_setopt(easy_, CURLOPT_BUFFERSIZE, kLongBodyBuffer);
  }
  Curl().easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::WriteBody);
  Curl().easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  Curl().easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::WriteHeader);
  Curl().easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  return absl::OkStatus();
}

absl::Status Transfer::SetUrl(const HttpClientOptions& options) {
  const std::optional<UrlParts> url = ParseUrl(request_.url);
  if (!url) return MalformedRequest("its URL is not valid");
  if (!options.tls.server_name.empty() && url->scheme == "https") {
    // libcurl names in SNI, and verifies, the URL's host: so the URL carries
    // the certificate's name, and the connection goes where it should.
    std::string renamed = request_.url;
    const size_t begin = renamed.find("://") + 3;
    const size_t end =
        std::min(renamed.find_first_of("/?#", begin), renamed.size());
    host_header_ = renamed.substr(begin, end - begin);
    renamed.replace(begin, end - begin,
                    absl::StrCat(options.tls.server_name, ":", url->port));
    Curl().easy_setopt(easy_, CURLOPT_URL, renamed.c_str());
    connect_to_ = Curl().slist_append(
        nullptr, absl::StrCat("::", url->host, ":", url->port).c_str());
    Curl().easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
  } else {
    Curl().easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  }
  if (!options.proxy_url.empty()) {
    Curl().easy_setopt(easy_, CURLOPT_PROXY, options.proxy_url.c_str());
    Curl().easy_setopt(easy_, CURLOPT_NOPROXY, "");
  } else if (IsLoopback(url->host)) {
    Curl().easy_setopt(easy_, CURLOPT_PROXY, "");
  }
  return absl::OkStatus();
}

absl::Status Transfer::SetHeaders() {
  const auto add = [this](const std::string& line) {
    header_list_ = Curl().slist_append(header_list_, line.c_str());
  };
  for (const auto& [name, value] : request_.headers) {
    const std::string line = absl::StrCat(name, ": ", value);
    // A value from outside must not be able to add a header.
    if (name.empty() || value.empty() ||
        std::any_of(line.begin(), line.end(), absl::ascii_iscntrl)) {
      return MalformedRequest(absl::StrCat(
          "the header ", name, " is empty or has a control character"));
    }
    add(line);
  }
  if (!host_header_.empty()) add(absl::StrCat("Host: ", host_header_));
  add("Expect:");
  Curl().easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_);
  return absl::OkStatus();
}

void Transfer::SetBody() {
  if (request_.method == "POST" || !request_.body.empty()) {
    // On a kept connection that turns out to be dead libcurl sends again by
    // itself. For a write that is right only if no part of the body was sent,
    // so the body comes from a source that cannot be rewound.
    Curl().easy_setopt(easy_, CURLOPT_POST, 1L);
    Curl().easy_setopt(easy_, CURLOPT_READFUNCTION, &Transfer::ReadBody);
    Curl().easy_setopt(easy_, CURLOPT_READDATA, this);
    Curl().easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &Transfer::RefuseRewind);
    Curl().easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.body.size()));
  }
  if (request_.method == "HEAD") Curl().easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  Curl().easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

size_t Transfer::OnSend(char* buffer, size_t size) {
  const size_t count = std::min(size, request_.body.size() - sent_);
  std::memcpy(buffer, request_.body.data() + sent_, count);
  sent_ += count;
  return count;
}

size_t Transfer::OnHeader(absl::string_view line) {
  const size_t size = line.size();
  line = absl::StripAsciiWhitespace(line);
  if (absl::StartsWith(line, "HTTP/")) {
    // Also after a 1xx response and a proxy's answer: only the last one counts.
    response_ = {};
    header_bytes_ = 0;
    absl::string_view code = line.substr(std::min(line.find(' '), line.size()));
    code = absl::StripAsciiWhitespace(code).substr(0, 3);
    if (!absl::SimpleAtoi(code, &response_.status)) response_.status = 0;
    return size;
  }
  header_bytes_ += size;
  if (header_bytes_ > kMaxHeaderBytes) {
    too_large_ = true;
    return 0;
  }
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return size;
  response_.headers.emplace_back(
      absl::AsciiStrToLower(line.substr(0, colon)),
      absl::StripAsciiWhitespace(line.substr(colon + 1)));
  return size;
}

size_t Transfer::OnBody(absl::string_view bytes) {
  if (streaming_ && response_.status / 100 == 2) {
    const std::lock_guard lock(mutex_);
    if (unread_.size() > kMaxUnreadStreamBytes) {
      paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    unread_.append(bytes.data(), bytes.size());
    changed_.notify_one();
    return bytes.size();
  }
  if (response_.body.size() + bytes.size() > request_.max_response_bytes) {
    too_large_ = true;
    return 0;
  }
  if (response_.body.empty()) MakeRoom();
  response_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

// A long body would else be moved each time it doubles.
void Transfer::MakeRoom() {
  if (request_.spare_memory != nullptr) {
    response_.body.swap(*request_.spare_memory);
    response_.body.clear();
  }
  if (size_t announced = 0;
      absl::SimpleAtoi(response_.Header("content-length"), &announced)) {
    response_.body.reserve(std::min(announced, request_.max_response_bytes));
  }
}

void Transfer::OnDone(CURLcode code, bool cancelled) {
  const std::lock_guard lock(mutex_);
  code_ = code;
  cancelled_ = cancelled;
  done_ = true;
  changed_.notify_one();
}

absl::StatusOr<HttpResponse> Transfer::Wait(
    CurlLoop& loop, uint64_t id,
    const std::function<absl::Status(absl::string_view)>& on_bytes) {
  const std::stop_callback on_cancel(request_.cancelled,
                                     [&] { loop.Cancel(id); });
  absl::Status refused;
  std::string bytes;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return done_ || !unread_.empty(); });
    if (unread_.empty()) break;
    bytes.clear();
    bytes.swap(unread_);
    const bool resume = std::exchange(paused_, false);
    lock.unlock();
    if (refused.ok() && !request_.cancelled.stop_requested()) {
      refused = on_bytes(bytes);
      if (!refused.ok()) loop.Cancel(id);
    }
    if (resume) loop.Resume(id);
    lock.lock();
  }
  if (!refused.ok()) return refused;
  if (code_ == CURLE_OK && !cancelled_) return std::move(response_);
  return Error();
}

bool Transfer::NothingSent() const {
  curl_off_t until_transfer = 0;
  return Curl().easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T,
                             &until_transfer) == CURLE_OK &&
         until_transfer == 0;
}

absl::Status Transfer::Error() const {
  Failed failed;
  failed.code = code_;
  failed.detail =
      error_text_[0] != '\0' ? error_text_ : Curl().easy_strerror(code_);
  failed.cancelled = cancelled_;
  if (too_large_) failed.larger_than = request_.max_response_bytes;
  failed.nothing_sent =
      NothingSent() && absl::Now() < request_.deadline - kTimerSlack;
  return ErrorOfCurl(request_.url, failed);
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(HttpClientOptions options) : options_(std::move(options)) {}

  absl::StatusOr<HttpResponse> Run(
      const HttpRequest& request, bool streaming,
      const std::function<absl::Status(absl::string_view)>& on_bytes) {
    if (absl::Status status = LoadCurl(); !status.ok()) return status;
    std::call_once(started_, [this] { loop_.emplace(); });
    Transfer transfer(request, streaming);
    if (absl::Status status = transfer.Configure(options_); !status.ok()) {
      return status;
    }
    const uint64_t id = loop_->Start(transfer.easy(), transfer, !streaming);
    return transfer.Wait(*loop_, id, on_bytes);
  }

 private:
  const HttpClientOptions options_;
  std::once_flag started_;
  std::optional<CurlLoop> loop_;
};

absl::string_view HttpResponse::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

HttpClient::HttpClient(HttpClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  return impl_->Run(request, false, nullptr);
}

absl::StatusOr<HttpResponse> HttpClient::Stream(
    const HttpRequest& request,
    const std::function<absl::Status(absl::string_view)>& on_bytes) {
  return impl_->Run(request, true, on_bytes);
}

}  // namespace howdah::net
