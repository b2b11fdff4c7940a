// A fleet read over gRPC, page by page, by the clock.
//
//   fleet_call unix:/path/to.sock NAMESPACE PAGE_SIZE NAME_CONTAINS ROUNDS
//
// prints one JSON line: clusters of a round, times of pages, median time of a
// round.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "howdah/postgres/v1/cluster_service.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;

double MicrosSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin)
      .count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: fleet_call ADDRESS NAMESPACE PAGE_SIZE NAME_CONTAINS "
                 "ROUNDS\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto stub = howdah::postgres::v1::ClusterService::NewStub(
      grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials()));
  howdah::postgres::v1::ListClustersRequest request;
  request.set_namespace_(argv[2]);
  request.set_page_size(std::atoi(argv[3]));
  if (argv[4][0] != 0) request.set_name_contains(argv[4]);
  std::vector<double> pages, rounds;
  int clusters = 0;
  // The first round connects and warms up.
  for (int round = -1; round < std::atoi(argv[5]); ++round) {
    clusters = 0;
    const auto begin = Clock::now();
    request.clear_page_token();
    do {
      grpc::ClientContext context;
      context.set_wait_for_ready(round < 0);
      howdah::postgres::v1::ListClustersResponse response;
      const auto page_begin = Clock::now();
      const grpc::Status status =
          stub->ListClusters(&context, request, &response);
      if (!status.ok()) {
        std::fprintf(stderr, "%s\n", status.error_message().c_str());
        return 1;
      }
      if (round >= 0) pages.push_back(MicrosSince(page_begin));
      clusters += response.clusters_size();
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    if (round >= 0) rounds.push_back(MicrosSince(begin));
  }
  std::sort(pages.begin(), pages.end());
  std::sort(rounds.begin(), rounds.end());
  std::printf(
      "{\"clusters\": %d, \"page_p50_us\": %.1f, \"page_p99_us\": %.1f, "
      "\"round_ms\": %.2f}\n",
      clusters, pages[pages.size() / 2], pages[pages.size() * 99 / 100],
      rounds[rounds.size() / 2] / 1e3);
}
