// What query_services costs over 30 projects whose API answers after 100 ms:
// cold (nothing remembered, no connection) and warm.
//
//   bazel run //tests/benchmarks/backend:aiven_fleet_benchmark
//   => {"latency_ms":100,"cold_ms":…,"cold_rounds":…,"warm_ms":…}
//
// A round is one time the latency: the projects are one, their services
// another.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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
constexpr int kRounds = 9;
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
  std::vector<double> cold;
  std::vector<double> warm;
  for (int round = 0; round < kRounds; ++round) {
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
        std::fprintf(stderr, "wrong answer: %s\n",
                     answer.status().ToString().c_str());
        std::exit(1);
      }
    };
    absl::Time begun = absl::Now();
    ask();
    cold.push_back(Milliseconds(begun));
    begun = absl::Now();
    for (int i = 0; i < kWarmCalls; ++i) ask();
    warm.push_back(Milliseconds(begun) / kWarmCalls);
  }
  const double latency = static_cast<double>(kLatency.count());
  std::printf(
      "{\"latency_ms\":%.0f,\"cold_ms\":%.1f,\"cold_rounds\":%.2f,"
      "\"warm_ms\":%.3f}\n",
      latency, Median(cold), Median(cold) / latency, Median(warm));
  return 0;
}
