#include "backend/kubernetes/rest_control_plane.h"

#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/kubernetes/api_path.h"
#include "backend/kubernetes/json_text.h"
#include "backend/kubernetes/warnings.h"
#include "backend/kubernetes/watch.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

using nlohmann::json;

constexpr absl::string_view kFieldManager = "howdah";
constexpr absl::Duration kDiscoveryLifetime = absl::Seconds(30);
// The server ends a watch after 5 to 10 minutes, so that clients spread over
// its replicas again; one that is silent for longer is torn down here.
constexpr absl::Duration kShortestWatch = absl::Minutes(5);
constexpr absl::Duration kWatchGrace = absl::Seconds(30);

void AddWriteQuery(bool dry_run, std::string& path) {
  AddQuery("fieldManager", kFieldManager, path);
  AddQuery("fieldValidation", "Strict", path);
  if (dry_run) AddQuery("dryRun", "All", path);
}

void AddListQuery(const ListOptions& options, std::string& path) {
  AddQuery("labelSelector", options.label_selector, path);
  AddQuery("fieldSelector", options.field_selector, path);
  if (options.limit > 0) AddQuery("limit", absl::StrCat(options.limit), path);
  AddQuery("continue", options.continue_token, path);
}

// A write is safe to repeat when the server checks the version it was made for,
// or when nothing is written.
bool NamesVersion(PatchType type, const json& patch) {
  return type == PatchType::kMerge &&
         !TextAt(ValueAt(patch, "metadata"), "resourceVersion").empty();
}

class RestControlPlane final : public ControlPlane {
 public:
  RestControlPlane(Connection connection, ApiClientOptions options,
                   net::Clock& clock)
      : random_(options.random),
        clock_(clock),
        client_(std::move(connection), std::move(options), clock) {}

  std::string default_namespace() const override {
    return client_.connection().default_namespace;
  }

  absl::StatusOr<json> Get(const Resource& resource, const ObjectKey& key,
                           const Call& call) override {
    ApiRequest request;
    request.asked = {"get", resource, key};
    request.repeatable = true;
    ASSIGN_OR_RETURN(request.path, ObjectPath(resource, key));
    ASSIGN_OR_RETURN(const net::HttpResponse response,
                     client_.Execute(request, call));
    return ReadObject(request.asked, response.body);
  }

  absl::StatusOr<ListPage> List(const Resource& resource,
                                absl::string_view namespace_name,
                                const ListOptions& options,
                                const Call& call) override {
    std::string text;
    RETURN_IF_ERROR(ListRaw(resource, namespace_name, options, call, text));
    return ReadPage(ListAsked(resource, namespace_name), text);
  }

  absl::Status ListRaw(const Resource& resource,
                       absl::string_view namespace_name,
                       const ListOptions& options, const Call& call,
                       std::string& page) override {
    ApiRequest request;
    request.asked = ListAsked(resource, namespace_name);
    request.repeatable = true;
    request.spare_memory = &page;
    ASSIGN_OR_RETURN(request.path, CollectionPath(resource, namespace_name));
    AddListQuery(options, request.path);
    ASSIGN_OR_RETURN(net::HttpResponse response,
                     client_.Execute(request, call));
    page = std::move(response.body);
    return absl::OkStatus();
  }

  absl::Status Watch(
      const Resource& resource, absl::string_view namespace_name,
      absl::string_view resource_version, const Call& call,
      const std::function<void(const WatchEvent&)>& on_event) override {
    const absl::Duration length =
        absl::Trunc(kShortestWatch * (1 + random_()), absl::Seconds(1));
    ApiRequest request;
    request.asked = {"watch", resource, {std::string(namespace_name), ""}};
    ASSIGN_OR_RETURN(request.path, CollectionPath(resource, namespace_name));
    AddQuery("watch", "1", request.path);
    AddQuery("allowWatchBookmarks", "true", request.path);
    AddQuery("resourceVersion", resource_version, request.path);
    AddQuery("timeoutSeconds", absl::StrCat(absl::ToInt64Seconds(length)),
             request.path);
    Call limited = call;
    const absl::Time longest = clock_.Now() + length + kWatchGrace;
    limited.deadline = std::min(call.deadline, longest);
    WatchParser parser(request.asked, on_event);
    absl::Status status = client_.Stream(
        request, limited,
        [&](absl::string_view bytes) { return parser.Feed(bytes); });
    // Our own limit, not the caller's: to the caller the stream was torn.
    if (absl::IsDeadlineExceeded(status) && call.deadline > longest) {
      return ErrorOfTransport(
          request.asked, absl::UnavailableError("the watch fell silent"),
          client_.connection().server, client_.connection().context);
    }
    return status;
  }

  absl::StatusOr<Written> Create(const Resource& resource,
                                 absl::string_view namespace_name,
                                 const json& object,
                                 const WriteOptions& options,
                                 const Call& call) override {
    ApiRequest request;
    request.asked = {"create",
                     resource,
                     {std::string(namespace_name),
                      TextAt(ValueAt(object, "metadata"), "name")}};
    request.method = "POST";
    request.body = DumpJson(object);
    request.repeatable = options.dry_run;
    ASSIGN_OR_RETURN(request.path, CollectionPath(resource, namespace_name));
    AddWriteQuery(options.dry_run, request.path);
    return Write(request, call);
  }

  absl::StatusOr<Written> Patch(const Resource& resource, const ObjectKey& key,
                                PatchType type, const json& patch,
                                const WriteOptions& options,
                                const Call& call) override {
    ApiRequest request;
    request.asked = {"patch", resource, key};
    request.method = "PATCH";
    request.body = DumpJson(patch);
    request.content_type = type == PatchType::kMerge
                               ? "application/merge-patch+json"
                               : "application/json-patch+json";
    request.repeatable = options.dry_run || NamesVersion(type, patch);
    ASSIGN_OR_RETURN(request.path,
                     ObjectPath(resource, key, options.subresource));
    AddWriteQuery(options.dry_run, request.path);
    return Write(request, call);
  }

  absl::Status Delete(const Resource& resource, const ObjectKey& key,
                      const DeleteOptions& options, const Call& call) override {
    json body = {{"apiVersion", "v1"},
                 {"kind", "DeleteOptions"},
                 {"propagationPolicy", "Background"}};
    if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
    if (!options.resource_version.empty()) {
      body["preconditions"]["resourceVersion"] = options.resource_version;
    }
    // Of a deletion with a body, the API server does not read the query.
    if (options.dry_run) body["dryRun"] = {"All"};
    ApiRequest request;
    request.asked = {"delete", resource, key};
    request.method = "DELETE";
    request.body = DumpJson(body);
    // Preconditions name one object: another of the same name is safe.
    request.repeatable = options.dry_run || body.contains("preconditions");
    ASSIGN_OR_RETURN(request.path, ObjectPath(resource, key));
    bool repeated = false;
    absl::Status status = client_.Execute(request, call, &repeated).status();
    // The answer to the first try was lost, the deletion was not.
    if (repeated && support::ErrorReason(status) == "OBJECT_NOT_FOUND") {
      return absl::OkStatus();
    }
    return status;
  }

  absl::StatusOr<bool> Serves(const Resource& resource,
                              const Call& call) override {
    const std::string group = GroupPath(resource);
    const std::string plural(resource.plural);
    {
      const std::lock_guard lock(mutex_);
      const auto known = served_.find(group);
      if (known != served_.end() && clock_.Now() < known->second.until) {
        return known->second.plurals.contains(plural);
      }
    }
    ASSIGN_OR_RETURN(Served served, Discover(resource, group, call));
    const bool serves = served.plurals.contains(plural);
    const std::lock_guard lock(mutex_);
    served_[group] = std::move(served);
    return serves;
  }

 private:
  struct Served {
    std::set<std::string> plurals;
    absl::Time until;
  };

  static Asked ListAsked(const Resource& resource,
                         absl::string_view namespace_name) {
    return {"list", resource, {std::string(namespace_name), ""}};
  }

  static absl::StatusOr<json> ReadObject(const Asked& asked,
                                         absl::string_view body) {
    json object;
    if (!ParseJson(body, object) || !object.is_object()) {
      return MalformedAnswer(asked, "the answer is not a JSON object");
    }
    return object;
  }

  static absl::StatusOr<ListPage> ReadPage(const Asked& asked,
                                           absl::string_view text) {
    ListPage page;
    ASSIGN_OR_RETURN(json list, ReadObject(asked, text));
    const json& metadata = ValueAt(list, "metadata");
    page.resource_version = TextAt(metadata, "resourceVersion");
    page.continue_token = TextAt(metadata, "continue");
    const auto items = list.find("items");
    if (items == list.end() || (!items->is_array() && !items->is_null())) {
      return MalformedAnswer(asked, "the answer is not a list");
    }
    if (items->is_array()) {
      for (json& item : *items) page.items.push_back(std::move(item));
    }
    return page;
  }

  absl::StatusOr<Written> Write(const ApiRequest& request, const Call& call) {
    ASSIGN_OR_RETURN(const net::HttpResponse response,
                     client_.Execute(request, call));
    Written written;
    ASSIGN_OR_RETURN(written.object, ReadObject(request.asked, response.body));
    written.warnings = ReadWarnings(response);
    return written;
  }

  absl::StatusOr<Served> Discover(const Resource& resource,
                                  const std::string& path, const Call& call) {
    ApiRequest request;
    request.asked = {"discover", resource, {}};
    request.path = path;
    request.repeatable = true;
    Served served{{}, clock_.Now() + kDiscoveryLifetime};
    const absl::StatusOr<net::HttpResponse> response =
        client_.Execute(request, call);
    // No such group or version.
    if (support::ErrorReason(response.status()) == "RESOURCE_TYPE_MISSING") {
      return served;
    }
    RETURN_IF_ERROR(response.status());
    ASSIGN_OR_RETURN(const json list,
                     ReadObject(request.asked, response->body));
    const json& resources = ValueAt(list, "resources");
    if (!resources.is_array()) {
      return MalformedAnswer(request.asked, "the answer is not discovery");
    }
    for (const json& entry : resources) {
      served.plurals.insert(TextAt(entry, "name"));
    }
    return served;
  }

  const std::function<double()> random_;
  net::Clock& clock_;
  ApiClient client_;

  std::mutex mutex_;
  // By group path; guarded by mutex_.
  std::map<std::string, Served> served_;
};

}  // namespace

std::unique_ptr<ControlPlane> MakeRestControlPlane(Connection connection) {
  return MakeRestControlPlane(std::move(connection), {}, net::SystemClock());
}

std::unique_ptr<ControlPlane> MakeRestControlPlane(Connection connection,
                                                   ApiClientOptions options,
                                                   net::Clock& clock) {
  return std::make_unique<RestControlPlane>(std::move(connection),
                                            std::move(options), clock);
}

}  // namespace howdah::kubernetes
