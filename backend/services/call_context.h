// What a service method knows about the call it serves, and how it answers.
//
// A service is a class of plain functions over the messages of the contract:
//
//   absl::StatusOr<Cluster> GetCluster(const CallContext&, const
//   GetClusterRequest&);
//
// It runs after deadline, authentication, authorisation by the declared effect,
// validation and defaults (backend/server/call_chain.h), on the executor, and
// may block. A method that can often answer from memory has a second function,
// which runs first, on the thread where the call arrived, and must not block:
//
//   std::optional<absl::StatusOr<Cluster>> GetClusterFromMemory(
//       const CallContext&, const GetClusterRequest&);
//
// A method whose answer comes later (a wait) takes a Reply and returns at once;
// it holds no thread while it waits, and goes on by CallContext::Resume.
#ifndef HOWDAH_BACKEND_SERVICES_CALL_CONTEXT_H_
#define HOWDAH_BACKEND_SERVICES_CALL_CONTEXT_H_

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/auth/principal.h"
#include "proto/support/trace_context.h"

namespace howdah::services {

// What a call may ask of the server it runs in. Threads: safe.
class CallHost {
 public:
  virtual ~CallHost() = default;
  // Runs the rest of a call that has waited, on the executor, where it may
  // block. It is never refused: the call was let in before.
  virtual void Resume(std::function<void()> rest) = 0;
  // Stops when the server is about to end. Who waits for long then answers with
  // what is known; streams are ended by the server itself.
  virtual std::stop_token draining() const = 0;
};

// What a call turns out to be about, beyond what its request says, for the
// audit line: {"account", "123456789012"}. A read leaves such a line only if it
// notes something, as one that reveals a credential does. Never a secret.
// Threads: safe.
class CallNotes {
 public:
  void Add(std::string name, std::string value) {
    const std::lock_guard lock(mutex_);
    notes_.emplace_back(std::move(name), std::move(value));
  }
  std::vector<std::pair<std::string, std::string>> All() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

// Facts of one call. Threads: immutable; safe.
struct CallContext {
  absl::Time deadline = absl::InfiniteFuture();
  // Stops when the caller has gone or has cancelled.
  std::stop_token cancelled;
  auth::Principal principal;
  // For logs and audit, and for the calls that are made for this one.
  support::TraceContext trace;
  // Null where there is no server, as in tests.
  CallHost* host = nullptr;
  CallNotes* notes = nullptr;

  void Note(std::string name, std::string value) const {
    if (notes != nullptr) notes->Add(std::move(name), std::move(value));
  }

  void Resume(std::function<void()> rest) const {
    if (host == nullptr) return rest();
    host->Resume(std::move(rest));
  }
  std::stop_token draining() const {
    return host == nullptr ? std::stop_token() : host->draining();
  }
};

// Answers a call, exactly once, from any thread.
template <typename Response>
using Reply = std::function<void(absl::StatusOr<Response>)>;

// Answers a server-streaming call. Threads: any thread, one at a time.
template <typename Response>
class StreamReply {
 public:
  virtual ~StreamReply() = default;
  // Sends one message; never blocks. Of the messages that the caller is too
  // slow to take only the newest is kept, or all merged into one where the
  // method was registered with a function for that.
  virtual void Send(Response message) = 0;
  // Ends the stream, after all that was sent; exactly once.
  virtual void Finish(absl::Status status) = 0;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CALL_CONTEXT_H_
