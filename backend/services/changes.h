// What differs between two pictures of a plane, as clients want to know it:
// clusters, and the roles and databases of clusters.
//
//   Changes changes;
//   CollectChanges(before, after, changes);
//   // {{kRole, "default", "orders"}, gone = false}, ...
//
// Snapshots share what has not changed, so that the comparison is one of
// pointers.
#ifndef HOWDAH_BACKEND_SERVICES_CHANGES_H_
#define HOWDAH_BACKEND_SERVICES_CHANGES_H_

#include <compare>
#include <map>
#include <memory>
#include <string>

#include "backend/cnpg/cluster.h"
#include "backend/cnpg/databases.h"
#include "backend/cnpg/roles.h"
#include "backend/kubernetes/watch_cache.h"

namespace howdah::services {

// What can change. Roles and databases are told by cluster, as they are read.
struct ChangeSubject {
  enum class Kind { kCluster, kRole, kDatabase };
  Kind kind = Kind::kCluster;
  std::string namespace_name;
  std::string cluster_name;

  // NOLINTNEXTLINE(modernize-use-nullptr): not one, clang-tidy 14 errs.
  auto operator<=>(const ChangeSubject&) const = default;
};

// Each subject once. Threads: a value.
struct Changes {
  struct Fate {
    bool gone = false;
  };
  std::map<ChangeSubject, Fate> subjects;
  // A picture is new or was lost: there is nothing to compare with.
  bool anything = false;

  bool empty() const { return subjects.empty() && !anything; }
};

// The caches of a plane at one moment. Threads: a value, of immutable parts.
struct Picture {
  template <typename T>
  using SnapshotOf = std::shared_ptr<const kubernetes::Snapshot<T>>;

  // Null: not known, or not looked at.
  SnapshotOf<cnpg::Cluster> clusters;
  SnapshotOf<cnpg::Database> databases;
  SnapshotOf<cnpg::DatabaseRole> database_roles;
};

// Adds what differs to `changes`.
void CollectChanges(const Picture& before, const Picture& after,
                    Changes& changes);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_CHANGES_H_
