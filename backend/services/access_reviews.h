// Whether a caller whom Kubernetes does not know from us may read what the
// cache holds: the cache is filled with this server's own rights, and must not
// give a caller more than the cluster's RBAC does.
//
//   AccessReviews reviews(plane, SystemClock());
//   if (!reviews.Allows(call, {"get", kClusters, "shop"})) → read it directly
//
// Without impersonation everything is allowed: who may call, may read. With it,
// Kubernetes is asked as the caller (SelfSubjectAccessReview), once for each
// caller, verb, type and namespace; the answer is kept briefly.
#ifndef HOWDAH_BACKEND_SERVICES_ACCESS_REVIEWS_H_
#define HOWDAH_BACKEND_SERVICES_ACCESS_REVIEWS_H_

#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/net/clock.h"

namespace howdah::services {

// What somebody wants to do. An empty namespace means all of them.
struct Access {
  absl::string_view verb;
  kubernetes::Resource resource;
  absl::string_view namespace_name;
};

// Threads: safe. Owns: nothing but answers. Plane and clock must outlive it.
// Limits: a right that is taken away is gone here within half a minute; at
// 10,000 answers it begins anew.
class AccessReviews {
 public:
  AccessReviews(kubernetes::ControlPlane& plane, net::Clock& clock)
      : plane_(plane), clock_(clock) {}

  // Nothing if it is not known. Never blocks.
  std::optional<bool> Known(const kubernetes::Call& call, const Access& access);

  // Asks where it is not known. What cannot be asked is not allowed.
  bool Allows(const kubernetes::Call& call, const Access& access);

 private:
  struct Answer {
    bool allowed;
    absl::Time until;
  };

  kubernetes::ControlPlane& plane_;
  net::Clock& clock_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Answer> answers_;
};

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_ACCESS_REVIEWS_H_
