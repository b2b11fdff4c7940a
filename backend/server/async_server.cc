#include "backend/server/async_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/server/completion.h"
#include "backend/server/grpc_calls.h"
#include "backend/server/health.h"
#include "backend/server/listen_address.h"
#include "backend/server/raw_service.h"
#include "backend/server/reflection.h"
#include "backend/server/side_calls.h"
#include "backend/server/tls_credentials.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

using support::ErrorBuilder;

// Calls of one method that are waited for, at about 3 KB each. More than that
// may arrive at once: gRPC keeps the others until the next is armed, which
// happens at once. It matters to methods that answer faster than that.
constexpr int kArmedFast = 8;
constexpr int kArmedOthers = 1;

constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kShortestPingIntervalMs = 10'000;
constexpr int kMaxMetadataBytes = 16 << 10;

absl::Status CannotStart(absl::string_view reason, absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, reason,
                      support::kHowdahDomain)
      .Message(message)
      .Build();
}

void SetLimits(const AsyncServerOptions& options,
               grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  // Two servers on one port would share its calls without anyone noticing.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // Requests are short; no bandwidth has to be probed for with pings.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kShortestPingIntervalMs);
}

// What reflection lists.
std::vector<std::string> AllServices(const MethodRegistry& registry) {
  std::vector<std::string> services = registry.services();
  services.push_back("grpc.health.v1.Health");
  services.push_back("grpc.reflection.v1.ServerReflection");
  return services;
}

class GrpcAsyncServer : public AsyncServer {
 public:
  GrpcAsyncServer(const MethodRegistry& registry, CallChain& chain,
                  std::function<bool()> ready)
      : service_(registry),
        registry_(registry),
        chain_(chain),
        health_(registry.services(), std::move(ready)),
        reflection_(AllServices(registry)) {}

  ~GrpcAsyncServer() override {
    Drain(absl::ZeroDuration());
    for (const ListenAddress& address : addresses_) {
      if (address.is_unix()) ::unlink(address.socket_path.c_str());
    }
  }

  const std::vector<std::string>& listening() const override {
    return listening_;
  }

  absl::Status Listen(const AsyncServerOptions& options);
  void Leave() override;
  void Drain(absl::Duration grace) override;

 private:
  absl::Status AddAddresses(const AsyncServerOptions& options,
                            grpc::ServerBuilder& builder);
  void Open();
  void TakeEvents();

  std::shared_ptr<grpc::ServerCredentials> tcp_credentials_;
  RawService service_;
  const MethodRegistry& registry_;
  CallChain& chain_;
  Health health_;
  Reflection reflection_;
  grpc::AsyncGenericService side_service_;
  std::vector<ListenAddress> addresses_;
  std::vector<std::string> listening_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  LiveCount calls_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<SideDoor> side_door_;
  std::unique_ptr<grpc::Server> server_;
  std::once_flag drained_;
  std::thread thread_;
};

absl::Status GrpcAsyncServer::AddAddresses(const AsyncServerOptions& options,
                                           grpc::ServerBuilder& builder) {
  ASSIGN_OR_RETURN(tcp_credentials_, MakeTlsCredentials(options.tls));
  const bool tls = !options.tls.certificate_file.empty();
  for (const std::string& text : options.addresses) {
    ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(text));
    if (address.is_unix()) {
      RETURN_IF_ERROR(PrepareSocketPath(address.socket_path));
    } else if (!address.is_loopback() && !tls && !options.insecure_anywhere) {
      return CannotStart(
          "TLS_REQUIRED",
          absl::StrCat("Will not listen on ", text,
                       " without TLS: give --tls-cert and --tls-key, or a "
                       "loopback address such as 127.0.0.1:50051."));
    }
    addresses_.push_back(std::move(address));
  }
  for (ListenAddress& address : addresses_) {
    // gRPC writes the real port there when the server has started.
    builder.AddListeningPort(address.ToString(),
                             address.is_unix()
                                 ? grpc::InsecureServerCredentials()
                                 : tcp_credentials_,
                             address.is_unix() ? nullptr : &address.port);
  }
  return absl::OkStatus();
}

absl::Status GrpcAsyncServer::Listen(const AsyncServerOptions& options) {
  grpc::EnableDefaultHealthCheckService(false);
  grpc::ServerBuilder builder;
  RETURN_IF_ERROR(AddAddresses(options, builder));
  SetLimits(options, builder);
  builder.RegisterService(&service_);
  builder.RegisterAsyncGenericService(&side_service_);
  queue_ = builder.AddCompletionQueue();
  // Unix sockets are created by gRPC: for their owner only.
  const mode_t mask = ::umask(S_IRWXG | S_IRWXO | S_IXUSR);
  server_ = builder.BuildAndStart();
  ::umask(mask);
  if (server_ == nullptr) {
    queue_->Shutdown();
    addresses_.clear();
    return CannotStart(
        "CANNOT_LISTEN",
        absl::StrCat("Cannot listen on ",
                     options.addresses.empty() ? "no address"
                                               : options.addresses.front(),
                     "; is it in use?"));
  }
  for (const ListenAddress& address : addresses_) {
    listening_.push_back(address.ToString());
  }
  Open();
  thread_ = std::thread([this] { TakeEvents(); });
  return absl::OkStatus();
}

void GrpcAsyncServer::Open() {
  std::vector<SideMethod> side_methods = health_.Methods();
  for (SideMethod& method : reflection_.Methods()) {
    side_methods.push_back(std::move(method));
  }
  side_door_ = std::make_unique<SideDoor>(std::move(side_methods),
                                          side_service_, *queue_, calls_);
  side_door_->Open();
  door_.reset(new Door{registry_, service_, chain_, *queue_, calls_});
  for (size_t index = 0; index < registry_.methods().size(); ++index) {
    const Method& method = *registry_.methods()[index];
    for (int i = 0; i < (method.from_memory ? kArmedFast : kArmedOthers); ++i) {
      if (method.stream) {
        StreamCall::Arm(*door_, index);
      } else {
        UnaryCall::Arm(*door_, index);
      }
    }
  }
}

void GrpcAsyncServer::TakeEvents() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Event*>(tag)->Deliver(ok);
}

void GrpcAsyncServer::Leave() {
  health_.StopServing();
  side_door_->EndWatches();
}

void GrpcAsyncServer::Drain(absl::Duration grace) {
  if (server_ == nullptr) return;
  std::call_once(drained_, [&] {
    health_.StopServing();
    door_->closed = true;
    side_door_->Close();
    chain_.Drain();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    // gRPC does not wait for the methods of cancelled calls, which will report
    // to the queue when they end.
    calls_.WaitForNone();
    queue_->Shutdown();
    thread_.join();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<AsyncServer>> AsyncServer::Start(
    const AsyncServerOptions& options, const MethodRegistry& registry,
    CallChain& chain) {
  auto server =
      std::make_unique<GrpcAsyncServer>(registry, chain, options.ready);
  RETURN_IF_ERROR(server->Listen(options));
  return std::unique_ptr<AsyncServer>(std::move(server));
}

}  // namespace howdah::server
