#include "clients/ctl/rpc.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "howdah/operations/v1/operations_service.grpc.pb.h"
#include "proto/support/status_details.h"
#include "proto/support/status_grpc.h"
#include "proto/support/status_macros.h"

namespace howdah::ctl {
namespace {

// For what a deadline of the backend itself takes to come back.
constexpr absl::Duration kSlack = absl::Seconds(5);
// The longest that an operation can be waited for in one call.
constexpr int kLongestWaitSeconds = 600;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat("Cannot read ", path, "."));
  }
  return text.str();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const GlobalOptions& options) {
  if (options.tls_ca.empty() && options.tls_cert.empty() &&
      options.tls_key.empty()) {
    return grpc::InsecureChannelCredentials();
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key belong together.");
  }
  grpc::SslCredentialsOptions ssl;
  if (!options.tls_ca.empty()) {
    ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadFile(options.tls_ca));
  }
  if (!options.tls_cert.empty()) {
    ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadFile(options.tls_cert));
    ASSIGN_OR_RETURN(ssl.pem_private_key, ReadFile(options.tls_key));
  }
  return grpc::SslCredentials(ssl);
}

void Prepare(grpc::ClientContext& context, absl::Duration deadline,
             const std::string& token) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline + kSlack));
  if (!token.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Rpc>> Rpc::Connect(
    const GlobalOptions& options) {
  ASSIGN_OR_RETURN(auto credentials, Credentials(options));
  std::string token;
  if (!options.token_file.empty()) {
    ASSIGN_OR_RETURN(token, ReadFile(options.token_file));
    token = std::string(absl::StripAsciiWhitespace(token));
  }
  return std::make_unique<Rpc>(
      grpc::CreateChannel(options.address, credentials), options.address,
      std::move(token));
}

Rpc::Rpc(std::shared_ptr<grpc::ChannelInterface> channel, std::string address,
         std::string token)
    : channel_(std::move(channel)),
      address_(std::move(address)),
      token_(std::move(token)) {}

Rpc::~Rpc() = default;

absl::Status Rpc::Call(const Command& command,
                       const google::protobuf::Message& request,
                       google::protobuf::Message& response) {
  using google::protobuf::Message;
  grpc::ClientContext context;
  Prepare(context, absl::Seconds(command.facts.deadline_seconds()), token_);
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, command.path(), grpc::StubOptions(), &request,
                 &response, [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  return Explain(support::FromGrpc(status));
}

absl::Status Rpc::Listen(const Command& command,
                         const google::protobuf::Message& request,
                         google::protobuf::Message& response,
                         const std::function<void()>& on_message) {
  using google::protobuf::Message;
  grpc::ClientContext context;
  Prepare(context, absl::Seconds(command.facts.deadline_seconds()), token_);
  const std::string path = command.path();
  const grpc::internal::RpcMethod method(
      path.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, channel_);
  const std::unique_ptr<grpc::ClientReader<Message>> reader(
      grpc::internal::ClientReaderFactory<Message>::Create(
          channel_.get(), method, &context, request));
  while (reader->Read(&response)) on_message();
  return Explain(support::FromGrpc(reader->Finish()));
}

absl::StatusOr<operations::v1::Operation> Rpc::Wait(
    const std::string& operation, int timeout_seconds,
    const OnProgress& on_progress) {
  operations::v1::WaitOperationRequest request;
  request.set_name(operation);
  if (timeout_seconds > 0) request.set_timeout(timeout_seconds);
  grpc::ClientContext context;
  Prepare(context, absl::Seconds(kLongestWaitSeconds), token_);
  const auto stub = operations::v1::OperationsService::NewStub(channel_);
  const auto reader = stub->WaitOperation(&context, request);
  operations::v1::Operation state;
  while (reader->Read(&state)) on_progress(state);
  RETURN_IF_ERROR(Explain(support::FromGrpc(reader->Finish())));
  return state;
}

// What gRPC itself says of a backend that is not there helps nobody.
absl::Status Rpc::Explain(absl::Status status) const {
  const bool from_backend = !support::ErrorReason(status).empty();
  if (!absl::IsUnavailable(status) || from_backend) return status;
  // The innermost reason, for example "Connection refused".
  absl::string_view why = status.message();
  if (const size_t colon = why.rfind(": "); colon != why.npos) {
    why.remove_prefix(colon + 2);
  }
  return absl::UnavailableError(absl::StrCat(
      "No Howdah backend answers at ", address_, " (", why,
      "). \"./howdah up\" starts one; --address or HOWDAH_ADDRESS names "
      "another."));
}

}  // namespace howdah::ctl
