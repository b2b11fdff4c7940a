// gRPC calls to the backend on the adapter's one thread.
//
// gRPC's own client has its own idea of threads and costs more than everything
// else that a call does, so the adapter speaks gRPC's protocol itself:
// grpc_wire knows what is said, http2_connection carries it, ongoing_call is
// one call. Here is what spans calls: connecting (first asking at the
// BackendGate, while calls wait), reconnecting, sending again, and the
// deadlines. docs/decisions/0007-own-grpc-client.md tells why.
//
//   BackendChannel channel(io, address, /*gate=*/nullptr);
//   channel.Call("/howdah.postgres.v1.ClusterService/GetCluster", ...);
//   io.run();
#ifndef HOWDAH_ADAPTER_UPSTREAM_BACKEND_CHANNEL_H_
#define HOWDAH_ADAPTER_UPSTREAM_BACKEND_CHANNEL_H_

#include <memory>

#include "adapter/upstream/backend_address.h"
#include "adapter/upstream/backend_gate.h"
#include "adapter/upstream/http2_connection.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::upstream {

// Threads: the one that runs the io_context, for everything.
// Owns: the connection. The io_context and the gate must outlive it.
// Limits: no TLS; one connection, on which calls are multiplexed. No
// compression. Answers of at most 64 MiB.
class BackendChannel : public UnaryCaller {
 public:
  // `gate` may be null: the backend is then expected to be up.
  BackendChannel(boost::asio::io_context& io, BackendAddress address,
                 BackendGate* gate, const Keepalive& keepalive = {});
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
