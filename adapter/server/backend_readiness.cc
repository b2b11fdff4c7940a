#include "adapter/server/backend_readiness.h"

#include <utility>

#include "grpc/health/v1/health.pb.h"

namespace howdah::adapter {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kReadiness[] = "howdah.readiness";
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kRemembered = absl::Seconds(1);
constexpr absl::Duration kForgiven = absl::Seconds(5);

}  // namespace

void BackendReadiness::Ask(Done done) {
  if (!may_ask_()) return done(true, "not needed yet");
  if (now_() - asked_ < kRemembered) return done(ready_, state_);
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  HealthCheckRequest request;
  request.set_service(kReadiness);
  upstream::CallOptions options;
  options.timeout = kPatience;
  options.repeatable = true;
  caller_.Call(kCheck, request, options,
               [this](const absl::StatusOr<absl::string_view>& answer) {
                 OnAnswer(answer);
               });
}

void BackendReadiness::OnAnswer(
    const absl::StatusOr<absl::string_view>& answer) {
  HealthCheckResponse response;
  const bool serves = answer.ok() &&
                      response.ParseFromArray(
                          answer->data(), static_cast<int>(answer->size())) &&
                      response.status() == HealthCheckResponse::SERVING;
  state_ = !answer.ok() ? "unreachable" : serves ? "ready" : "not ready";
  asked_ = now_();
  if (serves) was_ready_ = asked_;
  ready_ = asked_ - was_ready_ < kForgiven;
  for (const Done& done : std::exchange(waiting_, {})) done(ready_, state_);
}

}  // namespace howdah::adapter
