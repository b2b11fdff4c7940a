// The gRPC floor D: GetCluster called directly over the backend's Unix socket.
//
//   direct_call unix:/path/to.sock CLUSTER CALLS   prints one JSON line.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "howdah/postgres/v1/cluster_service.grpc.pb.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: direct_call ADDRESS CLUSTER CALLS\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  using Clock = std::chrono::steady_clock;
  const auto channel =
      grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = howdah::postgres::v1::ClusterService::NewStub(channel);
  howdah::postgres::v1::GetClusterRequest request;
  request.set_name(argv[2]);
  request.set_namespace_("default");
  const int calls = std::atoi(argv[3]);
  std::vector<double> micros;
  for (int i = -100; i < calls; ++i) {
    grpc::ClientContext context;
    context.set_wait_for_ready(i == -100);
    howdah::postgres::v1::Cluster response;
    const auto begin = Clock::now();
    const grpc::Status status = stub->GetCluster(&context, request, &response);
    const auto end = Clock::now();
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.error_message().c_str());
      return 1;
    }
    if (i >= 0) {
      micros.push_back(
          std::chrono::duration<double, std::micro>(end - begin).count());
    }
  }
  std::sort(micros.begin(), micros.end());
  std::printf("{\"n\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
              micros.size(), micros[micros.size() / 2],
              micros[micros.size() * 99 / 100]);
}
