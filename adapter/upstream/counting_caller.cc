#include "adapter/upstream/counting_caller.h"

#include <numeric>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace howdah::upstream {
namespace {

// "/howdah.postgres.v1.ClusterService/GetCluster" => "GetCluster".
absl::string_view MethodOf(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// => "ClusterService".
absl::string_view ServiceOf(absl::string_view path) {
  path = path.substr(0, path.rfind('/'));
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

void CountingCaller::Count(const std::string& path, const absl::Status& status,
                           absl::Time begin) {
  Counts& counts = counts_[path];
  const auto code = static_cast<size_t>(status.code());
  ++counts
        .ended[code < kCodes ? code
                             : static_cast<size_t>(absl::StatusCode::kUnknown)];
  counts.time += absl::Now() - begin;
}

std::shared_ptr<OutgoingCall> CountingCaller::Call(
    const std::string& path, const google::protobuf::Message& request,
    const CallOptions& options, Answered answered) {
  return caller_.Call(
      path, request, options,
      [this, path, begin = absl::Now(), answered = std::move(answered)](
          const absl::StatusOr<absl::string_view>& answer) {
        Count(path, answer.status(), begin);
        answered(answer);
      });
}

std::shared_ptr<OutgoingCall> CountingCaller::Stream(
    const std::string& path, const google::protobuf::Message& request,
    google::protobuf::Message& response, const CallOptions& options,
    std::function<void()> on_message, Done done) {
  return caller_.Stream(path, request, response, options, std::move(on_message),
                        [this, path, begin = absl::Now(),
                         done = std::move(done)](const absl::Status& status) {
                          Count(path, status, begin);
                          done(status);
                        });
}

void CountingCaller::TellMetrics(support::MetricsText& text) const {
  text.Family("howdah_mcp_backend_calls_total", "counter",
              "Calls of the backend that ended.");
  for (const auto& [path, counts] : counts_) {
    for (size_t code = 0; code < kCodes; ++code) {
      if (counts.ended[code] == 0) continue;
      const std::string name =
          absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
      text.Sample({{"service", ServiceOf(path)},
                   {"method", MethodOf(path)},
                   {"code", name}},
                  static_cast<double>(counts.ended[code]));
    }
  }
  text.Family("howdah_mcp_backend_call_seconds", "summary",
              "How long calls of the backend took.");
  for (const auto& [path, counts] : counts_) {
    const auto all =
        std::accumulate(counts.ended.begin(), counts.ended.end(), uint64_t{0});
    text.Sample({{"service", ServiceOf(path)}, {"method", MethodOf(path)}},
                absl::ToDoubleSeconds(counts.time), "_sum");
    text.Sample({{"service", ServiceOf(path)}, {"method", MethodOf(path)}},
                static_cast<double>(all), "_count");
  }
}

}  // namespace howdah::upstream
