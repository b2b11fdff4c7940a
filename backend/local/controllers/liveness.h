// Tells a server that hangs from one that was slow once.
//
//   liveness.Heard();                 // it answered
//   liveness.Silent(now);             // it did not
//   if (liveness.Hangs(absl::Seconds(30), now)) { ...end it... }
//
// As a liveness probe of Kubernetes: several looks in a row must fail, so that
// a machine that slept, or a plane that was stopped, condemns nobody.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_LIVENESS_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_LIVENESS_H_

#include <algorithm>

#include "absl/time/time.h"

namespace howdah::local::controllers {

// Threads: none; a value.
class Liveness {
 public:
  void Heard() { *this = Liveness(); }
  void Silent(absl::Time now) {
    since_ = std::min(since_, now);
    ++looks_;
  }
  bool Hangs(absl::Duration patience, absl::Time now) const {
    return looks_ >= kLooks && now - since_ >= patience;
  }

 private:
  static constexpr int kLooks = 3;
  absl::Time since_ = absl::InfiniteFuture();
  int looks_ = 0;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_LIVENESS_H_
