#include "backend/server/health.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "proto/support/status_details.h"

namespace howdah::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using support::ErrorBuilder;

std::string Bytes(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response.SerializeAsString();
}

absl::StatusOr<HealthCheckRequest> Parse(absl::string_view bytes) {
  HealthCheckRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return ErrorBuilder(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
                        support::kHowdahDomain)
        .Message("The request is not a grpc.health.v1.HealthCheckRequest.")
        .Build();
  }
  return request;
}

}  // namespace

Health::Health(const std::vector<std::string>& services,
               std::function<bool()> ready)
    : services_(services.begin(), services.end()), ready_(std::move(ready)) {
  services_.insert(kReadiness);
}

std::string Health::StateOf(const std::string& service) const {
  const bool good = serving_ && (service != kReadiness || !ready_ || ready_());
  return Bytes(good ? HealthCheckResponse::SERVING
                    : HealthCheckResponse::NOT_SERVING);
}

bool Health::Knows(const std::string& service) const {
  return service.empty() || services_.count(service) > 0;
}

std::vector<SideMethod> Health::Methods() {
  SideMethod check;
  check.path = "/grpc.health.v1.Health/Check";
  check.then = SideMethod::Then::kEnd;
  check.answer = [this](absl::string_view request) { return Check(request); };
  SideMethod watch;
  watch.path = "/grpc.health.v1.Health/Watch";
  watch.then = SideMethod::Then::kStayOpen;
  watch.answer = [this](absl::string_view request) { return Watch(request); };
  watch.last_message = Bytes(HealthCheckResponse::NOT_SERVING);
  return {check, watch};
}

absl::StatusOr<std::string> Health::Check(absl::string_view bytes) const {
  const absl::StatusOr<HealthCheckRequest> request = Parse(bytes);
  if (!request.ok()) return request.status();
  if (!Knows(request->service())) {
    return ErrorBuilder(absl::StatusCode::kNotFound, "SERVICE_UNKNOWN",
                        support::kHowdahDomain)
        .Message("This server does not have that service.")
        .Build();
  }
  return StateOf(request->service());
}

absl::StatusOr<std::string> Health::Watch(absl::string_view bytes) const {
  const absl::StatusOr<HealthCheckRequest> request = Parse(bytes);
  if (!request.ok()) return request.status();
  if (!Knows(request->service())) {
    return Bytes(HealthCheckResponse::SERVICE_UNKNOWN);
  }
  return StateOf(request->service());
}

}  // namespace howdah::server
