// A tiny operator over the fake control plane: what CloudNativePG would write
// into statuses, and which roles and databases PostgreSQL would have.
//
//   FakeOperator cnpg(plane);          // works on a thread of its own
//   service.CreateRole(...);
//   EXPECT_TRUE(cnpg.HasRole("demo", "app_user"));
#ifndef HOWDAH_TESTS_SUPPORT_FAKE_OPERATOR_H_
#define HOWDAH_TESTS_SUPPORT_FAKE_OPERATOR_H_

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/fake_control_plane.h"

namespace howdah::testing {

// Like the real one it reacts some time after a change, writes a role as
// pending before it acts on it, keeps `managedRolesStatus` as it is when the
// list is empty, and does not drop what owns objects or is in use.
//
// Threads: safe. Owns: one thread.
class FakeOperator {
 public:
  explicit FakeOperator(FakeControlPlane& plane);
  ~FakeOperator();

  // PostgreSQL, by cluster.
  bool HasRole(const std::string& cluster, const std::string& role);
  bool HasDatabase(const std::string& cluster, const std::string& database);
  size_t CountRoles(const std::string& cluster);
  // Attributes and password as PostgreSQL has them.
  FakeControlPlane::Json Role(const std::string& cluster,
                              const std::string& role);

  // The role cannot be dropped: it owns objects.
  void OwnsObjects(const std::string& role, bool owns = true);
  // The database cannot be dropped: sessions use it.
  void InUse(const std::string& database, bool in_use = true);
  // The operator does nothing until it is resumed.
  void Pause();
  void Resume();

 private:
  using Json = FakeControlPlane::Json;
  using ObjectKey = FakeControlPlane::ObjectKey;
  using Name = std::pair<std::string, std::string>;

  void Loop(std::stop_token stop);
  void Reconcile();
  void ReconcileCluster(const Json& cluster);
  void ReconcileInlineRoles(const ObjectKey& key, const Json& cluster);
  void ReconcileDatabaseRole(const Json& object);
  void ReconcileDatabase(const Json& object);
  // Empty, or why PostgreSQL refuses.
  std::string ApplyRole(const ObjectKey& key, const Json& role);
  bool Differs(const std::string& cluster, const Json& role);
  std::string SecretVersion(const ObjectKey& key, const Json& role);
  std::string Drop(const Name& role);

  FakeControlPlane& plane_;
  int listener_ = 0;

  // PostgreSQL; guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<Name, Json> roles_;
  std::set<Name> databases_;
  std::set<std::string> owners_;
  std::set<std::string> in_use_;
  int64_t transaction_ = 700;
  bool dirty_ = true;
  bool paused_ = false;
  std::jthread thread_;
};

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_FAKE_OPERATOR_H_
