#include "adapter/server/health_door.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace howdah::adapter {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

}  // namespace

void HealthDoor::Probe(absl::string_view target,
                       std::function<void(transports::Reply)> done) {
  if (absl::StartsWith(target, "/health/live")) {
    return done({kOk, R"({"status":"ok"})"});
  }
  if (leaving_) {
    return done({kUnavailable, R"({"status":"unavailable","checks":{)"
                               R"("serving":"draining"}})"});
  }
  readiness_.Ask(
      [done = std::move(done)](bool ready, absl::string_view backend) {
        done({ready ? kOk : kUnavailable,
              absl::StrCat(R"({"status":")", ready ? "ok" : "unavailable",
                           R"(","checks":{"backend":")", backend, R"("}})")});
      });
}

void HealthDoor::OnFetch(Exchange& exchange) {
  if (!absl::StartsWith(exchange.Target(), "/health")) {
    return door_.OnFetch(exchange);
  }
  waiting_.insert(&exchange);
  Probe(exchange.Target(), [this, &exchange](transports::Reply reply) {
    if (waiting_.erase(&exchange) > 0) exchange.Finish(std::move(reply));
  });
}

void HealthDoor::OnGone(Exchange& exchange) {
  if (waiting_.erase(&exchange) == 0) door_.OnGone(exchange);
}

}  // namespace howdah::adapter
