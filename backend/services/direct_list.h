// Lists objects of the API server: what it has now, page by page.
//
//   RETURN_IF_ERROR(ListEach(plane, kClusters, range, call,
//                            [&](const kubernetes::RawObject& object) { ...
//                            }));
//
// Contract. The list has what was written before the call, by whomever. What
// the range does not want is not shown; a page that begins anywhere costs a
// request of its own size, whatever comes before it. Of a server whose pages
// are not those of etcd (howdah-local) the whole list is read.
#ifndef HOWDAH_BACKEND_SERVICES_DIRECT_LIST_H_
#define HOWDAH_BACKEND_SERVICES_DIRECT_LIST_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "backend/kubernetes/control_plane.h"
#include "backend/kubernetes/raw_object.h"

namespace howdah::services {

// What of a list is wanted; by itself all of all namespaces. Lists are in the
// order of ObjectKey. Threads: a value.
struct ListRange {
  bool Includes(const kubernetes::ObjectKey& key) const {
    return (!after || key > *after) &&
           absl::StrContains(key.name, name_contains);
  }

  // Empty: all namespaces.
  std::string namespace_name = {};
  // Only what comes behind this.
  std::optional<kubernetes::ObjectKey> after = {};
  std::string name_contains = {};
  size_t most = std::numeric_limits<size_t>::max();
};

// Calls `take` with each object of the range, which says whether it wants it,
// until it has wanted as many as the range or there are no more. Of a server
// with an order of its own it gets all of the range, in that order.
absl::Status ListEach(
    kubernetes::ControlPlane& plane, const kubernetes::Resource& resource,
    const ListRange& range, const kubernetes::Call& call,
    absl::FunctionRef<absl::StatusOr<bool>(const kubernetes::RawObject&)> take);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_DIRECT_LIST_H_
