// Calls of the backend with messages that are known only at run time.
//
//   ASSIGN_OR_RETURN(auto rpc, Rpc::Connect(options));
//   RETURN_IF_ERROR(rpc->Call(command, *request, *response));
#ifndef HOWDAH_CLIENTS_CTL_RPC_H_
#define HOWDAH_CLIENTS_CTL_RPC_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/ctl/command.h"
#include "clients/ctl/global_options.h"
#include "google/protobuf/message.h"
#include "howdah/operations/v1/operations_service.pb.h"

namespace grpc {
class ChannelInterface;
}

namespace howdah::ctl {

// Threads: not safe. Owns: its channel.
class Rpc {
 public:
  // Reads certificates and token; does not wait for the backend.
  static absl::StatusOr<std::unique_ptr<Rpc>> Connect(
      const GlobalOptions& options);

  Rpc(std::shared_ptr<grpc::ChannelInterface> channel, std::string address,
      std::string token);
  ~Rpc();

  // One call with the deadline that the contract gives the method. Errors carry
  // the backend's details; UNAVAILABLE says how to start a backend.
  absl::Status Call(const Command& command,
                    const google::protobuf::Message& request,
                    google::protobuf::Message& response);

  // A stream of answers: each is in `response` when `on_message` is called.
  // Ends with the backend's deadline or an error.
  absl::Status Listen(const Command& command,
                      const google::protobuf::Message& request,
                      google::protobuf::Message& response,
                      const std::function<void()>& on_message);

  using OnProgress = std::function<void(const operations::v1::Operation&)>;

  // Follows an operation to its end or for `timeout`; 0: as long as the backend
  // has it by default. The last state; an error only if the call fails.
  absl::StatusOr<operations::v1::Operation> Wait(const std::string& operation,
                                                 int timeout_seconds,
                                                 const OnProgress& on_progress);

 private:
  absl::Status Explain(absl::Status status) const;

  const std::shared_ptr<grpc::ChannelInterface> channel_;
  const std::string address_;
  const std::string token_;
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_RPC_H_
