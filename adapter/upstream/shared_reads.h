// One call of the backend for equal reads that wait together.
//
// Where many clients watch the same cluster, their equal questions often reach
// the adapter with one look at its sockets. Those that have not left for the
// backend yet leave as one, whose answer is everybody's.
//
//   SharedReads shared(channel, [&](auto wake) { asio::post(io, wake); });
//   shared.Call(path, request, options, first);    // is sent
//   shared.Call(path, request, options, second);   // waits for the same answer
//
// Nothing is older than it would be alone: the call is sent when all who wait
// for it have asked, so whatever any of them has seen before lies before it.
// Equal means all that the backend is told: method, request, who asks and how
// he is narrowed. Shared is only what its caller calls shareable, and not what
// is traced: a trace is of one call.
#ifndef HOWDAH_ADAPTER_UPSTREAM_SHARED_READS_H_
#define HOWDAH_ADAPTER_UPSTREAM_SHARED_READS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::upstream {

// Threads: one. Owns: nothing. The other caller must outlive it.
class SharedReads : public UnaryCaller {
 public:
  // Calls the function on this thread after what is under way there, and before
  // anything is read that has come since.
  using Soon = std::function<void(std::function<void()>)>;

  SharedReads(UnaryCaller& caller, Soon soon);
  ~SharedReads() override;

  std::shared_ptr<OutgoingCall> Call(const std::string& path,
                                     const google::protobuf::Message& request,
                                     const CallOptions& options,
                                     Answered answered) override;
  std::shared_ptr<OutgoingCall> Stream(const std::string& path,
                                       const google::protobuf::Message& request,
                                       google::protobuf::Message& response,
                                       const CallOptions& options,
                                       std::function<void()> on_message,
                                       Done done) override;

 private:
  class Read;
  class Share;

  UnaryCaller& caller_;
  const Soon soon_;
  // By everything that the backend is told.
  absl::flat_hash_map<std::string, std::shared_ptr<Read>> unsent_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_SHARED_READS_H_
