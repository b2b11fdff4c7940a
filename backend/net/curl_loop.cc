#include "backend/net/curl_loop.h"

#include <utility>

namespace howdah::net {
namespace {

// Connections kept open; beyond, the oldest idle one is closed. A long is what
// libcurl takes.
// NOLINTNEXTLINE(google-runtime-int)
constexpr long kMaxKeptConnections = 64;
constexpr int kIdlePollMilliseconds = 60'000;
// While somebody waits for an answer: libcurl 7.88 at times waits for the
// socket though it has read an HTTP/2 answer to its end, until a timer of the
// transfer runs out. Lists of 10,000 clusters stood still so, for the ten
// seconds of the connect timeout, about once in a thousand requests. To look
// again finds it.
constexpr int kAwaitedPollMilliseconds = 100;

}  // namespace

CurlLoop::CurlLoop() {
  multi_ = Curl().multi_init();
  Curl().multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  Curl().multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxKeptConnections);
  // Without locks: only the loop's thread uses it.
  share_ = Curl().share_init();
  Curl().share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  thread_ = std::thread([this] { Run(); });
}

CurlLoop::~CurlLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Curl().multi_wakeup(multi_);
  thread_.join();
  Curl().multi_cleanup(multi_);
  Curl().share_cleanup(share_);
}

uint64_t CurlLoop::Start(CURL* easy, TransferListener& listener, bool awaited) {
  uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = next_id_++;
    commands_.push_back({Command::Kind::kStart, id, easy, &listener, awaited});
  }
  Curl().multi_wakeup(multi_);
  return id;
}

void CurlLoop::Cancel(uint64_t id) { Post({Command::Kind::kCancel, id}); }

void CurlLoop::Resume(uint64_t id) { Post({Command::Kind::kResume, id}); }

void CurlLoop::Post(const Command& command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  Curl().multi_wakeup(multi_);
}

void CurlLoop::Run() {
  std::vector<Command> commands;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      commands.swap(commands_);
      if (stopping_) break;
    }
    for (const Command& command : commands) Apply(command);
    commands.clear();
    int running = 0;
    Curl().multi_perform(multi_, &running);
    FinishCompleted();
    Curl().multi_poll(
        multi_, nullptr, 0,
        awaited_ > 0 ? kAwaitedPollMilliseconds : kIdlePollMilliseconds,
        nullptr);
  }
  for (const Command& command : commands) Apply(command);
  while (!transfers_.empty()) {
    Finish(transfers_.begin()->first, CURLE_ABORTED_BY_CALLBACK, true);
  }
}

void CurlLoop::Apply(const Command& command) {
  if (command.kind == Command::Kind::kStart) {
    transfers_[command.id] = {command.easy, command.listener, command.awaited};
    if (command.awaited) ++awaited_;
    ids_[command.easy] = command.id;
    Curl().easy_setopt(command.easy, CURLOPT_SHARE, share_);
    if (Curl().multi_add_handle(multi_, command.easy) != CURLM_OK) {
      Finish(command.id, CURLE_FAILED_INIT, false);
    }
    return;
  }
  // The transfer may have ended in the meantime.
  const auto found = transfers_.find(command.id);
  if (found == transfers_.end()) return;
  if (command.kind == Command::Kind::kResume) {
    Curl().easy_pause(found->second.easy, CURLPAUSE_CONT);
  } else {
    Finish(command.id, CURLE_ABORTED_BY_CALLBACK, true);
  }
}

void CurlLoop::FinishCompleted() {
  int left = 0;
  while (const CURLMsg* message = Curl().multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto id = ids_.find(message->easy_handle);
    if (id != ids_.end()) Finish(id->second, message->data.result, false);
  }
}

void CurlLoop::Finish(uint64_t id, CURLcode code, bool cancelled) {
  const auto found = transfers_.find(id);
  const Transfer transfer = found->second;
  transfers_.erase(found);
  if (transfer.awaited) --awaited_;
  ids_.erase(transfer.easy);
  Curl().multi_remove_handle(multi_, transfer.easy);
  Curl().easy_setopt(transfer.easy, CURLOPT_SHARE, nullptr);
  transfer.listener->OnDone(code, cancelled);
}

}  // namespace howdah::net
