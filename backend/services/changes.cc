#include "backend/services/changes.h"

namespace howdah::services {
namespace {

using Kind = ChangeSubject::Kind;

// Calls `tell(before, after)` for each object that differs; one of the two is
// null for an object that came or went.
template <typename T, typename Tell>
void ForEachDifference(const kubernetes::Snapshot<T>& before,
                       const kubernetes::Snapshot<T>& after, Tell tell) {
  auto old_one = before.objects.begin();
  auto new_one = after.objects.begin();
  const auto old_end = before.objects.end();
  const auto new_end = after.objects.end();
  while (old_one != old_end || new_one != new_end) {
    const bool only_old =
        new_one == new_end ||
        (old_one != old_end && old_one->first < new_one->first);
    if (only_old) {
      tell((old_one++)->second.value.get(), nullptr);
      continue;
    }
    const bool only_new = old_one == old_end || new_one->first < old_one->first;
    if (only_new) {
      tell(nullptr, (new_one++)->second.value.get());
      continue;
    }
    const T* old_value = (old_one++)->second.value.get();
    const T* new_value = (new_one++)->second.value.get();
    if (old_value != new_value) tell(old_value, new_value);
  }
}

template <typename T, typename Tell>
void Compare(const Picture::SnapshotOf<T>& before,
             const Picture::SnapshotOf<T>& after, Changes& changes, Tell tell) {
  if (before == after) return;
  if (before == nullptr || after == nullptr) {
    changes.anything = true;
    return;
  }
  ForEachDifference(*before, *after, tell);
}

void Add(Kind kind, const std::string& namespace_name,
         const std::string& cluster_name, bool gone, Changes& changes) {
  changes.subjects[{kind, namespace_name, cluster_name}] = {.gone = gone};
}

}  // namespace

void CollectChanges(const Picture& before, const Picture& after,
                    Changes& changes) {
  Compare(before.databases, after.databases, changes,
          [&](const cnpg::Database* old_one, const cnpg::Database* new_one) {
            const cnpg::Database& any = new_one ? *new_one : *old_one;
            Add(Kind::kDatabase, any.meta.namespace_name, any.cluster_name,
                false, changes);
          });
  Compare(before.database_roles, after.database_roles, changes,
          [&](const cnpg::DatabaseRole* old_one,
              const cnpg::DatabaseRole* new_one) {
            const cnpg::DatabaseRole& any = new_one ? *new_one : *old_one;
            Add(Kind::kRole, any.meta.namespace_name, any.cluster_name, false,
                changes);
          });
  // Last: what goes with its cluster is gone.
  Compare(
      before.clusters, after.clusters, changes,
      [&](const cnpg::Cluster* old_one, const cnpg::Cluster* new_one) {
        const cnpg::Cluster& any = new_one ? *new_one : *old_one;
        const std::string& space = any.meta.namespace_name;
        const bool gone = new_one == nullptr;
        Add(Kind::kCluster, space, any.meta.name, gone, changes);
        if (old_one == nullptr || gone || !(old_one->roles == new_one->roles)) {
          Add(Kind::kRole, space, any.meta.name, gone, changes);
        }
        if (gone) Add(Kind::kDatabase, space, any.meta.name, true, changes);
      });
}

}  // namespace howdah::services
