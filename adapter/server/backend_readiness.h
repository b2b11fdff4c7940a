// Whether the backend would find what calls need.
//
// Behind a load balancer the one backend that answers may be about to stop
// while the others serve on. So what was good a moment ago counts as good: else
// all adapters would go with that one.
//
//   BackendReadiness readiness(channel, [] { return true; });
//   readiness.Ask([](bool ready, absl::string_view backend) {
//     // true, "ready"; false, "not ready" or "unreachable"
//   });
#ifndef HOWDAH_ADAPTER_SERVER_BACKEND_READINESS_H_
#define HOWDAH_ADAPTER_SERVER_BACKEND_READINESS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::adapter {

// Threads: one. Owns: nothing; the caller must outlive it.
// Limits: asks the backend once a second at most, however many ask here; is
// ready for five seconds longer than the backend.
class BackendReadiness {
 public:
  using Done = std::function<void(bool ready, absl::string_view backend)>;

  // `may_ask` is false while a backend of our own has not been needed yet: it
  // comes up with the first call, and until then nothing is amiss.
  BackendReadiness(
      upstream::UnaryCaller& caller, std::function<bool()> may_ask,
      std::function<absl::Time()> now = [] { return absl::Now(); })
      : caller_(caller), may_ask_(std::move(may_ask)), now_(std::move(now)) {}

  // `done` is called once, now or later.
  void Ask(Done done);

 private:
  void OnAnswer(const absl::StatusOr<absl::string_view>& answer);

  upstream::UnaryCaller& caller_;
  const std::function<bool()> may_ask_;
  const std::function<absl::Time()> now_;
  std::vector<Done> waiting_;
  bool ready_ = false;
  absl::string_view state_;
  absl::Time asked_ = absl::InfinitePast();
  absl::Time was_ready_ = absl::InfinitePast();
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_BACKEND_READINESS_H_
