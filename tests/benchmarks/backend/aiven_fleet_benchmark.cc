// What query_services costs over 30 projects whose API answers after 100 ms:
// cold (nothing remembered, no connection) and warm.
//
//   bazel run //tests/benchmarks/backend:aiven_fleet_benchmark
//   => {"latency_ms":100,"round_ms":…,"cold_ms":…,"cold_rounds":…,"warm_ms":…}
//
// A round is what it takes to ask for the services of the 30 projects at once
// and get the answers: a thread, a new connection and nothing but the bytes of
// HTTP for each, no library, no token bucket, no reading of the answers. It is
// measured in turns with the calls that it is compared with. query_services has
// to ask for the projects first, so two latencies are its least.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/aiven/accounts.h"
#include "backend/aiven/client/rest_account.h"
#include "backend/net/clock.h"
#include "backend/services/aiven_fleet_service.h"
#include "tests/support/http_imposter.h"

namespace {

namespace aiven = howdah::aiven;
namespace pb = howdah::aiven::v1;
using howdah::testing::Exchange;
using howdah::testing::HttpImposter;

constexpr int kProjects = 30;
constexpr int kServicesEach = 4;
constexpr std::chrono::milliseconds kLatency{100};
constexpr int kTurns = 25;
constexpr int kWarmCalls = 200;

std::string Projects() {
  std::string list;
  for (int i = 0; i < kProjects; ++i) {
    absl::StrAppend(&list, i > 0 ? "," : "", R"({"project_name":"p)", i,
                    R"("})");
  }
  return absl::StrCat(R"({"projects":[)", list, "]}");
}

// As long as real ones: most of an object is settings.
std::string Services() {
  std::string settings;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&settings, i > 0 ? "," : "", R"("setting_)", i,
                    R"(":"a value of some length")");
  }
  std::string list;
  for (int i = 0; i < kServicesEach; ++i) {
    absl::StrAppend(
        &list, i > 0 ? "," : "", R"({"service_name":"s)", i,
        R"(","service_type":"pg","state":"RUNNING","plan":"business-8",)",
        R"("cloud_name":"aws-eu-west-1","node_count":2,)",
        R"("metadata":{"pg_version":"16.4"},"user_config":{)", settings, "}}");
  }
  return absl::StrCat(R"({"services":[)", list, "]}");
}

// Answers after the latency, as a far upstream does.
void Serve(HttpImposter& upstream) {
  upstream.Otherwise(
      [projects = Projects(), services = Services()](Exchange& exchange) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable never;
        never.wait_for(lock, kLatency);
        const std::string& target = exchange.request().target;
        if (absl::EndsWith(target, "/v1/project")) {
          exchange.Reply({.body = projects});
        } else if (absl::EndsWith(target, "/service_versions")) {
          exchange.Reply({.body = R"({"service_versions":[]})"});
        } else {
          exchange.Reply({.body = services});
        }
      });
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "wrong answer: %s\n", why.c_str());
  std::exit(1);
}

// All of the answer: the server keeps the connection open.
bool IsWhole(const std::string& answer) {
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::string names = absl::AsciiStrToLower(answer.substr(0, head));
  const std::string length_name = "content-length:";
  const size_t at = names.find(length_name);
  if (at == std::string::npos) Fail(names);
  const size_t begin = at + length_name.size();
  uint64_t length = 0;
  if (!absl::SimpleAtoi(names.substr(begin, names.find('\r', begin) - begin),
                        &length)) {
    Fail(names);
  }
  return answer.size() >= head + 4 + length;
}

void AskOnce(uint16_t port, int project) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    Fail(std::strerror(errno));
  }
  const std::string request =
      absl::StrCat("GET /v1/project/p", project,
                   "/service HTTP/1.1\r\nHost: localhost\r\n"
                   "Authorization: aivenv1 token\r\n\r\n");
  if (send(socket, request.data(), request.size(), 0) !=
      static_cast<ssize_t>(request.size())) {
    Fail(std::strerror(errno));
  }
  std::string answer;
  char buffer[64 * 1024];
  while (!IsWhole(answer)) {
    const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
    if (got <= 0) Fail("torn");
    answer.append(buffer, static_cast<size_t>(got));
  }
  close(socket);
  if (!absl::StartsWith(answer, "HTTP/1.1 200")) Fail(answer.substr(0, 100));
}

// One round of parallel calls.
void AskAllAtOnce(uint16_t port) {
  std::vector<std::jthread> callers;
  for (int i = 0; i < kProjects; ++i) callers.emplace_back(AskOnce, port, i);
}

double Milliseconds(absl::Time since) {
  return absl::ToDoubleMilliseconds(absl::Now() - since);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  HttpImposter upstream;
  Serve(upstream);
  pb::QueryServicesRequest request;
  request.set_sort_by(pb::SERVICE_PROPERTY_REGION);
  request.add_group_by(pb::SERVICE_PROPERTY_TIER);
  request.set_page_size(50);
  const std::string url = upstream.url();
  uint32_t port = 0;
  if (!absl::SimpleAtoi(url.substr(url.rfind(':') + 1), &port)) Fail(url);
  std::vector<double> rounds;
  std::vector<double> cold;
  std::vector<double> ratios;
  std::vector<double> warm;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto ask_all = [&] {
      const absl::Time begun = absl::Now();
      AskAllAtOnce(static_cast<uint16_t>(port));
      rounds.push_back(Milliseconds(begun));
    };
    // Each goes first every other time.
    if (turn % 2 == 0) ask_all();
    aiven::AccountSettings settings;
    settings.name = "benchmark";
    settings.token = "token";
    settings.base_url = upstream.url() + "/v1";
    std::vector<std::unique_ptr<aiven::Account>> list;
    list.push_back(
        aiven::MakeRestAccount(settings, {}, howdah::net::SystemClock()));
    const aiven::Accounts accounts(std::move(list));
    howdah::services::AivenFleetService service(accounts);
    const auto ask = [&] {
      const auto answer = service.QueryServices({}, request);
      if (!answer.ok() || answer->total() != kProjects * kServicesEach) {
        Fail(answer.status().ToString());
      }
    };
    absl::Time begun = absl::Now();
    ask();
    cold.push_back(Milliseconds(begun));
    if (turn % 2 == 1) ask_all();
    ratios.push_back(cold.back() / rounds.back());
    begun = absl::Now();
    for (int i = 0; i < kWarmCalls; ++i) ask();
    warm.push_back(Milliseconds(begun) / kWarmCalls);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf(
      "{\"latency_ms\":%.0f,\"round_ms\":%.1f,\"cold_ms\":%.1f,"
      "\"cold_rounds\":%.2f,\"cold_rounds_least\":%.2f,"
      "\"cold_rounds_most\":%.2f,\"warm_ms\":%.3f}\n",
      static_cast<double>(kLatency.count()), Median(rounds), Median(cold),
      Median(ratios), *least, *most, Median(warm));
  return 0;
}
