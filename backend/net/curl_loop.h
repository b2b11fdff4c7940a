// The thread that drives libcurl's multi handle: the part of HttpClient that
// knows when transfers begin, make progress and end.
//
//   CurlLoop loop;
//   const uint64_t id = loop.Start(easy, listener, /*awaited=*/true);
//   loop.Cancel(id);   // from any thread; the listener hears OnDone once
#ifndef HOWDAH_BACKEND_NET_CURL_LOOP_H_
#define HOWDAH_BACKEND_NET_CURL_LOOP_H_

#include <cstdint>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "backend/net/curl_library.h"

namespace howdah::net {

// Told, on the loop's thread, that a transfer has ended; libcurl does not touch
// the handle any more.
class TransferListener {
 public:
  virtual ~TransferListener() = default;
  virtual void OnDone(CURLcode code, bool cancelled) = 0;
};

// Threads: Start, Cancel and Resume from any thread. Owns: the multi handle,
// its thread and what is shared between transfers (TLS sessions). Limits: the
// destructor cancels what is under way. LoadCurl has said OK before.
class CurlLoop {
 public:
  CurlLoop();
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // `easy` and `listener` must live until OnDone. `awaited`: somebody waits for
  // its end, as nobody does for that of a stream.
  uint64_t Start(CURL* easy, TransferListener& listener, bool awaited);
  void Cancel(uint64_t id);
  // Goes on with a transfer whose write callback returned PAUSE.
  void Resume(uint64_t id);

 private:
  struct Command {
    enum class Kind { kStart, kCancel, kResume };
    Kind kind;
    uint64_t id;
    CURL* easy = nullptr;
    TransferListener* listener = nullptr;
    bool awaited = false;
  };
  struct Transfer {
    CURL* easy;
    TransferListener* listener;
    bool awaited;
  };

  void Post(const Command& command);
  void Run();
  void Apply(const Command& command);
  void FinishCompleted();
  void Finish(uint64_t id, CURLcode code, bool cancelled);

  CURLM* multi_;
  CURLSH* share_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Command> commands_;
  uint64_t next_id_ = 1;
  bool stopping_ = false;

  // Used by the loop's thread only.
  std::unordered_map<uint64_t, Transfer> transfers_;
  std::unordered_map<CURL*, uint64_t> ids_;
  // How many of the transfers are awaited.
  int awaited_ = 0;

  std::thread thread_;
};

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_CURL_LOOP_H_
