#include "backend/net/curl_loop.h"

#include <utility>

namespace howdah::net {
namespace {

// Connections kept open; beyond, the oldest idle one is closed.
constexpr long kMaxKeptConnections = 64;
constexpr int kIdlePollMilliseconds = 60'000;

void InitialiseCurlOnce() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)result;
}

}  // namespace

CurlLoop::CurlLoop() {
  InitialiseCurlOnce();
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxKeptConnections);
  // Without locks: only the loop's thread uses it.
  share_ = curl_share_init();
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  thread_ = std::thread([this] { Run(); });
}

CurlLoop::~CurlLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
  curl_share_cleanup(share_);
}

uint64_t CurlLoop::Start(CURL* easy, TransferListener& listener) {
  uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = next_id_++;
    commands_.push_back({Command::Kind::kStart, id, easy, &listener});
  }
  curl_multi_wakeup(multi_);
  return id;
}

void CurlLoop::Cancel(uint64_t id) { Post({Command::Kind::kCancel, id}); }

void CurlLoop::Resume(uint64_t id) { Post({Command::Kind::kResume, id}); }

void CurlLoop::Post(const Command& command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  curl_multi_wakeup(multi_);
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
    curl_multi_perform(multi_, &running);
    FinishCompleted();
    curl_multi_poll(multi_, nullptr, 0, kIdlePollMilliseconds, nullptr);
  }
  for (const Command& command : commands) Apply(command);
  while (!transfers_.empty()) {
    Finish(transfers_.begin()->first, CURLE_ABORTED_BY_CALLBACK, true);
  }
}

void CurlLoop::Apply(const Command& command) {
  if (command.kind == Command::Kind::kStart) {
    transfers_[command.id] = {command.easy, command.listener};
    ids_[command.easy] = command.id;
    curl_easy_setopt(command.easy, CURLOPT_SHARE, share_);
    if (curl_multi_add_handle(multi_, command.easy) != CURLM_OK) {
      Finish(command.id, CURLE_FAILED_INIT, false);
    }
    return;
  }
  // The transfer may have ended in the meantime.
  const auto found = transfers_.find(command.id);
  if (found == transfers_.end()) return;
  if (command.kind == Command::Kind::kResume) {
    curl_easy_pause(found->second.easy, CURLPAUSE_CONT);
  } else {
    Finish(command.id, CURLE_ABORTED_BY_CALLBACK, true);
  }
}

void CurlLoop::FinishCompleted() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto id = ids_.find(message->easy_handle);
    if (id != ids_.end()) Finish(id->second, message->data.result, false);
  }
}

void CurlLoop::Finish(uint64_t id, CURLcode code, bool cancelled) {
  const auto found = transfers_.find(id);
  const Transfer transfer = found->second;
  transfers_.erase(found);
  ids_.erase(transfer.easy);
  curl_multi_remove_handle(multi_, transfer.easy);
  curl_easy_setopt(transfer.easy, CURLOPT_SHARE, nullptr);
  transfer.listener->OnDone(code, cancelled);
}

}  // namespace howdah::net
