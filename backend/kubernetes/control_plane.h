// The seam to Kubernetes: the few verbs that this project needs, as values.
//
//   ASSIGN_OR_RETURN(nlohmann::json cluster,
//                    plane.Get(kClusters, {"default", "demo"}, call));
//   ASSIGN_OR_RETURN(Written written,
//                    plane.Patch(kClusters, {"default", "demo"},
//                                PatchType::kMerge, {{"spec", ...}}, {},
//                                call));
//
// Contract. Every method blocks until the API server has answered, the call's
// deadline is over (DEADLINE_EXCEEDED) or it is cancelled (CANCELLED). Errors
// carry google.rpc details and follow the mapping table in api_error.h: a
// missing object is NOT_FOUND, a missing resource type is FAILED_PRECONDITION
// with reason "RESOURCE_TYPE_MISSING", a lost race is ABORTED with reason
// "CONFLICT". Reads and writes with a resourceVersion are retried on connection
// loss, 429 and 5xx within the deadline; a POST only where the server has
// surely not taken it.
#ifndef HOWDAH_BACKEND_KUBERNETES_CONTROL_PLANE_H_
#define HOWDAH_BACKEND_KUBERNETES_CONTROL_PLANE_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "proto/support/trace_context.h"

namespace howdah::kubernetes {

// A resource type, for example {"postgresql.cnpg.io", "v1", "clusters"}; the
// core group is "".
struct Resource {
  absl::string_view group;
  absl::string_view version;
  absl::string_view plural;
};

inline constexpr Resource kClusters{"postgresql.cnpg.io", "v1", "clusters"};
inline constexpr Resource kDatabases{"postgresql.cnpg.io", "v1", "databases"};
inline constexpr Resource kDatabaseRoles{"postgresql.cnpg.io", "v1",
                                         "databaseroles"};
inline constexpr Resource kBackups{"postgresql.cnpg.io", "v1", "backups"};
inline constexpr Resource kSecrets{"", "v1", "secrets"};
inline constexpr Resource kPods{"", "v1", "pods"};
inline constexpr Resource kEvents{"", "v1", "events"};
inline constexpr Resource kNamespaces{"", "v1", "namespaces"};

// Names one object. An empty namespace is right for cluster-scoped resources
// only; for lists and watches it means all namespaces.
struct ObjectKey {
  std::string namespace_name = {};
  std::string name = {};

  bool operator==(const ObjectKey&) const = default;

  // The order of the API server's lists: that of the text "namespace/name", in
  // which "a-b/x" comes before "a/x".
  std::strong_ordering operator<=>(const ObjectKey& other) const {
    const std::string& mine = namespace_name;
    const std::string& others = other.namespace_name;
    const size_t common = std::min(mine.size(), others.size());
    const int begin = mine.compare(0, common, others, 0, common);
    // NOLINTBEGIN(modernize-use-nullptr): none, clang-tidy 14 errs.
    if (begin != 0) return begin <=> 0;
    if (mine.size() == others.size()) return name <=> other.name;
    return mine.size() == common ? '/' <=> others[common]
                                 : mine[common] <=> '/';
    // NOLINTEND(modernize-use-nullptr)
  }
};

// Limits of one call, and on whose behalf it is made.
struct Call {
  absl::Time deadline = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  // Sent as Impersonate-User and Impersonate-Group when set.
  std::string impersonate_user = {};
  std::vector<std::string> impersonate_groups = {};
  // Sent as `traceparent` when set.
  support::TraceContext trace = {};
};

enum class PatchType { kMerge, kJson };

struct WriteOptions {
  // Asks the server to do everything but the write (dryRun=All).
  bool dry_run = false;
  // The part that a patch changes, for example "status"; empty for the object.
  std::string subresource = {};
};

struct DeleteOptions {
  bool dry_run = false;
  // Preconditions; empty for none.
  std::string uid = {};
  std::string resource_version = {};
};

// An object as the server has it after a write.
struct Written {
  nlohmann::json object = {};
  // Texts of the `Warning: 299` headers.
  std::vector<std::string> warnings = {};
};

struct ListOptions {
  std::string label_selector = {};
  std::string field_selector = {};
  // Objects per page; 0 for the server's choice.
  int64_t limit = 0;
  std::string continue_token = {};
};

struct ListPage {
  std::vector<nlohmann::json> items = {};
  std::string resource_version = {};
  // Empty on the last page.
  std::string continue_token = {};
};

// One event of a watch. `object` is the raw JSON text of the object, valid only
// during the callback: watches are parsed by their reader, once.
struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark };
  Type type;
  absl::string_view object;
};

// Threads: safe for concurrent use.
class ControlPlane {
 public:
  virtual ~ControlPlane() = default;

  // Namespace that calls without one mean.
  virtual std::string default_namespace() const = 0;

  virtual absl::StatusOr<nlohmann::json> Get(const Resource& resource,
                                             const ObjectKey& key,
                                             const Call& call) = 0;

  virtual absl::StatusOr<ListPage> List(const Resource& resource,
                                        absl::string_view namespace_name,
                                        const ListOptions& options,
                                        const Call& call) = 0;

  // As List, but gives the raw JSON text of the page, for readers with a faster
  // parser. The memory of what is in `page` is used again.
  virtual absl::Status ListRaw(const Resource& resource,
                               absl::string_view namespace_name,
                               const ListOptions& options, const Call& call,
                               std::string& page) = 0;

  // Streams changes after `resource_version` until the server ends the stream
  // (OK), it is torn (UNAVAILABLE), the version is too old (OUT_OF_RANGE: list
  // again) or the call is cancelled. Bookmarks are asked for.
  virtual absl::Status Watch(
      const Resource& resource, absl::string_view namespace_name,
      absl::string_view resource_version, const Call& call,
      const std::function<void(const WatchEvent&)>& on_event) = 0;

  // `object` holds apiVersion, kind and metadata.name.
  virtual absl::StatusOr<Written> Create(const Resource& resource,
                                         absl::string_view namespace_name,
                                         const nlohmann::json& object,
                                         const WriteOptions& options,
                                         const Call& call) = 0;

  virtual absl::StatusOr<Written> Patch(const Resource& resource,
                                        const ObjectKey& key, PatchType type,
                                        const nlohmann::json& patch,
                                        const WriteOptions& options,
                                        const Call& call) = 0;

  virtual absl::Status Delete(const Resource& resource, const ObjectKey& key,
                              const DeleteOptions& options,
                              const Call& call) = 0;

  // Whether the server serves this resource type (discovery, cached briefly).
  virtual absl::StatusOr<bool> Serves(const Resource& resource,
                                      const Call& call) = 0;
};

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_CONTROL_PLANE_H_
