// A Kubernetes API in memory, for tests of what lies above ControlPlane.
//
//   FakeControlPlane plane;
//   plane.DieAfterWrites(2);   // the second write is done, its answer is lost
//   service.CreateRole(...);
//   plane.Revive();
//
// It is never kinder than the real thing: names, labels and Secret data are
// checked, a lost race is ABORTED with reason CONFLICT, a dry run checks all
// and writes nothing, an unchanged patch makes no new version, `status` changes
// only through its subresource, finalizers keep a deleted object, the pages of
// a list show the moment of its first until that is forgotten.
#ifndef HOWDAH_TESTS_SUPPORT_FAKE_CONTROL_PLANE_H_
#define HOWDAH_TESTS_SUPPORT_FAKE_CONTROL_PLANE_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backend/kubernetes/control_plane.h"
#include "nlohmann/json.hpp"

namespace howdah::testing {

// Threads: safe. Owns: the objects.
class FakeControlPlane : public kubernetes::ControlPlane {
 public:
  using Json = nlohmann::json;
  using ObjectKey = kubernetes::ObjectKey;

  // A change, in the order of resource versions.
  struct Change {
    std::string plural;
    kubernetes::WatchEvent::Type type;
    ObjectKey key;
    Json object;
    uint64_t version = 0;
  };

  FakeControlPlane();

  // --- what tests drive ---

  // Resource types that the server does not have.
  void DoNotServe(const std::string& plural);
  void AddNamespace(const std::string& name);

  // After `writes` more writes the server is gone: the last of them is done,
  // but its answer is lost, and so is every later call until Revive().
  void DieAfterWrites(int writes);
  void Revive();
  // The next call of the verb ("get", "list", "create", "patch", "delete") on
  // the type fails so, and does nothing.
  void FailNext(const std::string& verb, const std::string& plural,
                absl::Status error);

  // Forgets all earlier versions, as etcd does after some minutes.
  void Compact();
  // Becomes a server whose lists are in the order of (namespace, name), with
  // page tokens of a kind that only it knows, as howdah-local.
  void HaveItsOwnPages();

  // Edits an object as a controller with all rights would: spec and status. An
  // unchanged object makes no change. False if it does not exist.
  bool Edit(const std::string& plural, const ObjectKey& key,
            const std::function<void(Json& object)>& edit);
  // The object without the way of a call; nullopt if it does not exist.
  std::optional<Json> Peek(const std::string& plural, const ObjectKey& key);
  std::vector<Json> PeekAll(const std::string& plural);
  // Calls that reached the server, for example "patch clusters".
  std::vector<std::string> calls();
  // The limits of the lists among them.
  std::vector<int64_t> limits();
  uint64_t version();

  // Calls `on_change` for every later change, in order, under a lock: it must
  // not call the plane. Begins with kAdded for all objects that are there.
  int Listen(std::function<void(const Change&)> on_change);
  void Unlisten(int id);

  // --- ControlPlane ---

  std::string default_namespace() const override { return "default"; }
  absl::StatusOr<Json> Get(const kubernetes::Resource& resource,
                           const ObjectKey& key,
                           const kubernetes::Call& call) override;
  absl::StatusOr<kubernetes::ListPage> List(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const kubernetes::ListOptions& options,
      const kubernetes::Call& call) override;
  absl::Status ListRaw(const kubernetes::Resource& resource,
                       absl::string_view namespace_name,
                       const kubernetes::ListOptions& options,
                       const kubernetes::Call& call,
                       std::string& page) override;
  absl::Status Watch(const kubernetes::Resource& resource,
                     absl::string_view namespace_name,
                     absl::string_view resource_version,
                     const kubernetes::Call& call,
                     const std::function<void(const kubernetes::WatchEvent&)>&
                         on_event) override;
  absl::StatusOr<kubernetes::Written> Create(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const Json& object, const kubernetes::WriteOptions& options,
      const kubernetes::Call& call) override;
  absl::StatusOr<kubernetes::Written> Patch(
      const kubernetes::Resource& resource, const ObjectKey& key,
      kubernetes::PatchType type, const Json& patch,
      const kubernetes::WriteOptions& options,
      const kubernetes::Call& call) override;
  absl::Status Delete(const kubernetes::Resource& resource,
                      const ObjectKey& key,
                      const kubernetes::DeleteOptions& options,
                      const kubernetes::Call& call) override;
  absl::StatusOr<bool> Serves(const kubernetes::Resource& resource,
                              const kubernetes::Call& call) override;

 private:
  using Objects = std::map<ObjectKey, Json>;

  // Where a page begins.
  struct PageStart {
    // 0: the newest.
    uint64_t version = 0;
    // The first that may be on it, in the text that the order is of.
    std::string text;
  };

  // All of the following with mutex_ held.
  absl::Status Arrive(const std::string& verb,
                      const kubernetes::Resource& resource,
                      const kubernetes::Call& call);
  // What a write answers: an error if the server died of it.
  absl::Status Depart();
  void Store(const std::string& plural, const ObjectKey& key, Json object,
             bool added);
  void Remove(const std::string& plural, const ObjectKey& key);
  void Announce(Change change);
  absl::StatusOr<PageStart> ReadPageStart(const std::string& token);
  std::string MakePageToken(const PageStart& start);
  // What is compared for the order of a list.
  std::string OrderText(absl::string_view namespace_name,
                        const ObjectKey& key) const;
  Objects ObjectsAt(const std::string& plural, uint64_t version);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Objects> objects_;
  std::set<std::string> not_served_;
  std::set<std::string> namespaces_;
  std::vector<Change> changes_;
  std::map<int, std::function<void(const Change&)>> listeners_;
  std::map<std::string, std::vector<absl::Status>> faults_;
  std::vector<std::string> calls_;
  std::vector<int64_t> limits_;
  uint64_t version_ = 100;
  uint64_t forgotten_before_ = 0;
  bool has_its_own_pages_ = false;
  int next_uid_ = 1;
  int next_listener_ = 1;
  std::optional<int> writes_left_;
  bool dead_ = false;
};

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_FAKE_CONTROL_PLANE_H_
