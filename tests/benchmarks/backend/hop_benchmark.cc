// What the call chain costs: calls answered from memory over a Unix socket, by
// the real server and by a bare asynchronous gRPC server with generated code,
// in turns, so that both see the same machine.
//
//   bazel run //tests/benchmarks/backend:hop_benchmark
//   => {"in_flight":16,"bare_per_second":…,"server_per_second":…,"ratio":…}
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "backend/auth/connection_authenticator.h"
#include "backend/server/server.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server_builder.h"
#include "howdah/operations/v1/operations_service.grpc.pb.h"

namespace {

namespace ops = howdah::operations::v1;
using howdah::services::CallContext;

constexpr int kRounds = 5;
constexpr std::chrono::milliseconds kRound{1000};
constexpr int kMessageBytes = 900;

ops::Operation Answer() {
  ops::Operation operation;
  operation.set_message(std::string(kMessageBytes, 'x'));
  return operation;
}

// The real server, answering from memory.
class Echo {
 public:
  absl::StatusOr<ops::Operation> Get(const CallContext&,
                                     const ops::GetOperationRequest&) {
    return answer_;
  }
  std::optional<absl::StatusOr<ops::Operation>> GetFromMemory(
      const CallContext&, const ops::GetOperationRequest&) {
    return answer_;
  }
  void Wait(const CallContext&, const ops::WaitOperationRequest&,
            std::shared_ptr<howdah::services::StreamReply<ops::Operation>>) {}
  absl::StatusOr<ops::CancelOperationResponse> Cancel(
      const CallContext&, const ops::CancelOperationRequest&) {
    return ops::CancelOperationResponse();
  }

 private:
  const ops::Operation answer_ = Answer();
};

void ServeReal(const std::string& address) {
  Echo echo;
  howdah::server::MethodRegistry registry;
  registry.Bind("howdah.operations.v1.OperationsService", echo)
      .Unary("GetOperation", &Echo::Get, &Echo::GetFromMemory)
      .Stream("WaitOperation", &Echo::Wait)
      .Unary("CancelOperation", &Echo::Cancel);
  howdah::server::ServerOptions options;
  options.net.addresses = {address};
  howdah::observability::StderrAuditLog audit;
  howdah::auth::ConnectionAuthenticator authenticator;
  auto server = howdah::server::Server::Start(options, std::move(registry),
                                              {authenticator, audit});
  if (!server.ok()) std::abort();
  while (true) ::pause();
}

// The floor: generated code, one queue, one thread, nothing else.
using BareService = ops::OperationsService::WithAsyncMethod_GetOperation<
    ops::OperationsService::Service>;

struct BareCall {
  grpc::ServerContext context;
  ops::GetOperationRequest request;
  grpc::ServerAsyncResponseWriter<ops::Operation> responder{&context};
  bool arrived = false;
};

void ServeBare(const std::string& address) {
  constexpr int kArmed = 128;
  BareService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  auto queue = builder.AddCompletionQueue();
  auto server = builder.BuildAndStart();
  const ops::Operation answer = Answer();
  const auto arm = [&] {
    auto* call = new BareCall;
    service.RequestGetOperation(&call->context, &call->request,
                                &call->responder, queue.get(), queue.get(),
                                call);
  };
  for (int i = 0; i < kArmed; ++i) arm();
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    auto* call = static_cast<BareCall*>(tag);
    if (std::exchange(call->arrived, true)) {
      delete call;
      continue;
    }
    arm();
    call->responder.Finish(answer, grpc::Status::OK, call);
  }
}

struct ClientCall {
  grpc::ClientContext context;
  ops::Operation response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<ops::Operation>> reader;
};

// Calls per second with so many in flight.
double Measure(ops::OperationsService::Stub& stub, int in_flight) {
  grpc::CompletionQueue queue;
  ops::GetOperationRequest request;
  request.set_name("orders-db");
  const auto start = [&] {
    auto* call = new ClientCall;
    call->context.set_wait_for_ready(true);
    call->reader =
        stub.PrepareAsyncGetOperation(&call->context, request, &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  };
  for (int i = 0; i < in_flight; ++i) start();
  const auto begin = std::chrono::steady_clock::now();
  auto now = begin;
  int done = 0;
  int left = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (left > 0 && queue.Next(&tag, &ok)) {
    std::unique_ptr<ClientCall> call(static_cast<ClientCall*>(tag));
    if (!call->status.ok()) std::abort();
    ++done;
    if (done % 64 == 0) now = std::chrono::steady_clock::now();
    if (now - begin < kRound) {
      start();
    } else {
      --left;
    }
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return done / took.count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

pid_t Fork(const std::function<void()>& serve) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    serve();
    ::_exit(1);
  }
  return pid;
}

}  // namespace

int main() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  char directory[] = "/tmp/howdah-hop-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return 1;
  const std::string base = std::string("unix:") + directory;
  // gRPC does not survive a fork: the servers come first.
  const pid_t bare_pid = Fork([&] { ServeBare(base + "/bare"); });
  const pid_t real_pid = Fork([&] { ServeReal(base + "/real"); });
  auto bare = ops::OperationsService::NewStub(
      grpc::CreateChannel(base + "/bare", grpc::InsecureChannelCredentials()));
  auto real = ops::OperationsService::NewStub(
      grpc::CreateChannel(base + "/real", grpc::InsecureChannelCredentials()));
  for (const int in_flight : {1, 16, 64}) {
    std::vector<double> bare_rates, real_rates;
    for (int round = 0; round < kRounds; ++round) {
      bare_rates.push_back(Measure(*bare, in_flight));
      real_rates.push_back(Measure(*real, in_flight));
    }
    const double floor = Median(bare_rates);
    const double rate = Median(real_rates);
    std::printf(
        "{\"in_flight\":%d,\"bare_per_second\":%.0f,"
        "\"server_per_second\":%.0f,\"ratio\":%.2f}\n",
        in_flight, floor, rate, rate / floor);
    std::fflush(stdout);
  }
  for (const pid_t pid : {bare_pid, real_pid}) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  for (const char* name : {"/bare", "/real"}) {
    ::unlink((std::string(directory) + name).c_str());
  }
  ::rmdir(directory);
  return 0;
}
