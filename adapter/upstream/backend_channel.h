// gRPC calls to the backend on the adapter's one thread.
//
// gRPC has its own idea of threads: a completion is found by a thread that
// waits in the completion queue, and a hand-over from it to the thread that
// serves MCP would cost more than everything else a call does. So nobody waits
// in the queue. The channel is made from a socket that this file connected;
// a duplicate of its descriptor is watched by Asio, like every other socket of
// the adapter. When it becomes readable, the completion queue is drained with a
// deadline in the past: gRPC reads the socket, decodes, and hands out what is
// complete, all on this thread and without waiting.
//
// Three things need more than that:
//  - Deadlines. They fire on a timer thread of gRPC and do not touch the
//    socket. While calls are in flight a tick of 20 ms drains, too.
//  - Reconnecting. A channel made from a descriptor never does. When the
//    descriptor reads as closed the whole connection (descriptor, channel,
//    stub) is dropped, and the next call makes a new one.
//  - Starting. A backend that is not up yet is asked about at the BackendGate;
//    calls wait for it.
//
//   BackendChannel channel(io, address, /*gate=*/nullptr);
//   channel.Call("/howdah.postgres.v1.ClusterService/GetCluster", ...);
//   io.run();
#ifndef HOWDAH_ADAPTER_UPSTREAM_BACKEND_CHANNEL_H_
#define HOWDAH_ADAPTER_UPSTREAM_BACKEND_CHANNEL_H_

#include <memory>

#include "adapter/upstream/backend_address.h"
#include "adapter/upstream/backend_gate.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::upstream {

// Threads: the one that runs the io_context, for everything.
// Owns: the connection. The io_context and the gate must outlive it.
// Limits: no TLS; one connection, on which calls are multiplexed. Answers of at
// most 64 MiB.
class BackendChannel : public UnaryCaller {
 public:
  // `gate` may be null: the backend is then expected to be up.
  BackendChannel(boost::asio::io_context& io, BackendAddress address,
                 BackendGate* gate);
  // Cancels what is in flight; its callbacks are not called.
  ~BackendChannel() override;

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
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_BACKEND_CHANNEL_H_
