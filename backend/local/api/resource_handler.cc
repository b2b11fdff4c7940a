#include "backend/local/api/resource_handler.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/negotiation.h"
#include "backend/local/api/page_token.h"
#include "backend/local/api/pod_log.h"
#include "backend/local/api/scale.h"
#include "backend/local/api/watch_stream.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

// What the API server calls the verb of a request for custom resources.
std::string VerbOf(const ResourcePath& path, const std::string& method) {
  const bool one = !path.name.empty();
  if (method == "GET" || method == "HEAD") return one ? "get" : "list";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return one ? "delete" : "deletecollection";
  return "";
}

bool HasSubresource(const ResourceInfo& info, const std::string& name) {
  return name.empty() || (name == "status" && info.has_status) ||
         (name == "scale" && info.has_scale) || (name == "log" && info.has_log);
}

// What is answered where nothing is; built-in types and custom resources are
// served by different parts of the API server.
std::optional<absl::StatusOr<ApiResponse>> Misses(const ResourceInfo& info,
                                                  const ResourcePath& path,
                                                  const std::string& method) {
  const bool known = HasSubresource(info, path.subresource);
  if (!info.custom) {
    const bool misplaced =
        info.namespaced ? path.namespace_name.empty() && !path.name.empty()
                        : !path.namespace_name.empty();
    if (misplaced || !known || path.deeper) return UnknownResource();
    return std::nullopt;
  }
  if (path.namespace_name.empty() && VerbOf(path, method) != "list") {
    return PageNotFound();
  }
  if (!known) return NotFound(info.type, path.name);
  return std::nullopt;
}

absl::Status CheckVerb(const ResourceInfo& info, const ResourcePath& path,
                       const std::string& method) {
  const std::string verb = VerbOf(path, method);
  const bool changes = verb == "get" || verb == "update" || verb == "patch";
  if (info.custom) {
    if (verb.empty() || (!path.subresource.empty() && !changes)) {
      return VerbNotSupported(info.type, verb);
    }
    if (path.name.empty() && changes) {
      return BadRequest("name must be provided");
    }
    const bool names = verb != "create" && verb != "update";
    if (names && (path.name == "." || path.name == "..")) {
      return BadRequest(absl::StrCat("Name parameter invalid: \"", path.name,
                                     "\": may not be '", path.name, "'"));
    }
    return absl::OkStatus();
  }
  const bool everywhere = info.namespaced && path.namespace_name.empty();
  bool allowed = false;
  if (method == "HEAD") {
    allowed = false;
  } else if (path.subresource == "log") {
    allowed = verb == "get";
  } else if (!path.subresource.empty()) {
    allowed = changes;
  } else if (path.name.empty()) {
    const std::vector<std::string> verbs = info.Verbs();
    allowed =
        verb == "list" ||
        (!everywhere && (verb == "create" || verb == "deletecollection") &&
         std::find(verbs.begin(), verbs.end(), verb) != verbs.end());
  } else {
    allowed = changes || verb == "delete";
  }
  return allowed ? absl::OkStatus() : MethodNotAllowed();
}

}  // namespace

absl::StatusOr<ApiResponse> ResourceHandler::Handle(const ResourceInfo& info,
                                                    const ResourcePath& path,
                                                    const Query& query,
                                                    const ApiRequest& request) {
  if (auto missing = Misses(info, path, request.method)) {
    return *std::move(missing);
  }
  RETURN_IF_ERROR(CheckVerb(info, path, request.method));
  ASSIGN_OR_RETURN(Representation representation,
                   Representation::FromAccept(
                       request.accept, QueryValue(query, "includeObject")));
  ASSIGN_OR_RETURN(WriteOptions options, ParseWriteOptions(request, query));
  Call call{info, path, query, request, representation, options, false, {}};
  const std::string& method = request.method;
  if (path.subresource == "log") {
    ASSIGN_OR_RETURN(const LogRequest wanted,
                     ParseLogRequest(query, path.name, clock_()));
    absl::StatusOr<Json> pod =
        store_.Get(info.type, path.namespace_name, path.name);
    if (!pod.ok()) return FromStore(pod.status(), info.type, path.name);
    return ReadPodLog(store_, *pod, wanted);
  }
  if (method == "POST") return Create(call);
  if (method == "PUT") return Update(call);
  if (method == "PATCH") return Patch(call);
  if (method == "DELETE") {
    return path.name.empty() ? DeleteCollection(call) : Delete(call);
  }
  const bool list = path.name.empty();
  if (list && method == "GET" && QueryFlag(query, "watch")) return Watch(call);
  return list ? List(call) : Get(call);
}

ApiResponse ResourceHandler::Respond(const Call& call, const Json& object,
                                     int code) {
  ApiResponse response;
  response.code = code;
  response.warnings = call.warnings;
  bool own_kind = object.value("kind", "") == call.info.kind;
  response.body =
      (own_kind ? call.representation.OfObject(call.info, object, clock_())
                : object)
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

namespace {

// The version that a query names, or 0.
absl::StatusOr<uint64_t> WantedVersion(const Query& query) {
  const std::string text = QueryValue(query, "resourceVersion");
  absl::StatusOr<uint64_t> version = ParseVersion(text);
  if (version.ok()) return version;
  return ServerFault(absl::StrCat("resourceVersion: Invalid value: \"", text,
                                  "\": ", version.status().message()));
}

// Whether the options of a list or watch go together.
absl::Status CheckOptions(const Query& query, bool watch) {
  const std::string match = QueryValue(query, "resourceVersionMatch");
  const std::string version = QueryValue(query, "resourceVersion");
  const bool initial = query.contains("sendInitialEvents");
  std::vector<FieldCause> causes;
  auto forbid = [&](absl::string_view field, absl::string_view why) {
    causes.push_back(ForbiddenValue(field, why));
  };
  constexpr absl::string_view kField = "resourceVersionMatch";
  if (watch && initial && match != "NotOlderThan") {
    forbid(kField,
           "sendInitialEvents requires setting resourceVersionMatch to "
           "NotOlderThan");
  }
  if (watch && !match.empty() && !initial) {
    forbid(kField,
           "resourceVersionMatch is forbidden for watch unless "
           "sendInitialEvents is provided");
  }
  if (watch && !match.empty() && match != "NotOlderThan") {
    causes.push_back(UnsupportedValue(kField, match, {"NotOlderThan"}));
  }
  if (!watch && !match.empty() && version.empty()) {
    forbid(kField,
           "resourceVersionMatch is forbidden unless resourceVersion is "
           "provided");
  }
  if (!match.empty() && !QueryValue(query, "continue").empty()) {
    forbid(kField,
           "resourceVersionMatch is forbidden when continue is provided");
  }
  if (!watch && !match.empty() && match != "Exact" && match != "NotOlderThan") {
    causes.push_back(
        UnsupportedValue(kField, match, {"Exact", "NotOlderThan", ""}));
  }
  if (!watch && match == "Exact" && version == "0") {
    forbid(kField,
           "resourceVersionMatch \"exact\" is forbidden for resourceVersion "
           "\"0\"");
  }
  if (!watch && initial) {
    forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  }
  if (causes.empty()) return absl::OkStatus();
  return InvalidObject("meta.k8s.io", "ListOptions", "", causes);
}

// 0 if there is none. A timeout is the same for lists, which do not heed it.
absl::StatusOr<int64_t> ParseNumber(const Query& query,
                                    const std::string& name) {
  int64_t number = 0;
  if (!query.contains(name)) return number;
  const std::string text = QueryValue(query, name);
  if (absl::SimpleAtoi(text, &number)) return number;
  const bool digits =
      !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  return BadRequest(
      absl::StrCat("strconv.ParseInt: parsing \"", text,
                   "\": ", digits ? "value out of range" : "invalid syntax"));
}

// Whether a list at the present version is what the query asks for.
absl::Status CheckWantedVersion(const Query& query, uint64_t version,
                                bool paged) {
  const absl::StatusOr<uint64_t> wanted = WantedVersion(query);
  if (!wanted.ok()) {
    return BadRequest(
        absl::StrCat("invalid resource version: ", wanted.status().message()));
  }
  if (*wanted > version) return VersionTooLarge(*wanted, version);
  const std::string match = QueryValue(query, "resourceVersionMatch");
  const bool exact = match == "Exact" || (paged && match.empty());
  if (exact && *wanted != 0 && *wanted != version) {
    return Expired("The resourceVersion for the provided list is too old.");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ApiResponse> ResourceHandler::Get(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t wanted, WantedVersion(call.query));
  absl::StatusOr<Json> object =
      store_.Get(call.info.type, call.path.namespace_name, call.path.name);
  if (wanted > 0) {
    const uint64_t present = store_.resource_version();
    if (wanted > present) return VersionTooLarge(wanted, present);
  }
  if (!object.ok()) {
    return FromStore(object.status(), call.info.type, call.path.name);
  }
  RETURN_IF_ERROR(call.representation.CheckFits(call.info, /*is_list=*/false));
  if (call.path.subresource == "scale") return Respond(call, ScaleOf(*object));
  return Respond(call, *object);
}

absl::StatusOr<ResourceHandler::Selection> ResourceHandler::ParseSelection(
    const Call& call) {
  Selection selection;
  ASSIGN_OR_RETURN(selection.labels, LabelSelector::Parse(QueryValue(
                                         call.query, "labelSelector")));
  ASSIGN_OR_RETURN(selection.fields,
                   FieldSelector::Parse(QueryValue(call.query, "fieldSelector"),
                                        call.info.selectable_fields));
  return selection;
}

absl::StatusOr<ApiResponse> ResourceHandler::List(Call& call) {
  RETURN_IF_ERROR(CheckOptions(call.query, /*watch=*/false));
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(call));
  ASSIGN_OR_RETURN(const int64_t limit, ParseNumber(call.query, "limit"));
  RETURN_IF_ERROR(ParseNumber(call.query, "timeoutSeconds").status());
  PageToken from;
  std::string continued = QueryValue(call.query, "continue");
  std::string wanted = QueryValue(call.query, "resourceVersion");
  if (!continued.empty()) {
    if (!wanted.empty() && wanted != "0") {
      return BadRequest(
          "specifying resource version is not allowed when using continue");
    }
    ASSIGN_OR_RETURN(from, DecodePageToken(continued, clock_()));
  }
  absl::StatusOr<ObjectStore::Listing> listing =
      store_.List(call.info.type, call.path.namespace_name);
  if (!listing.ok()) return FromStore(listing.status(), call.info.type, "");
  uint64_t version = listing->resource_version;
  RETURN_IF_ERROR(CheckWantedVersion(call.query, version, limit > 0));
  RETURN_IF_ERROR(call.representation.CheckFits(call.info, /*is_list=*/true));
  std::vector<Json> items;
  Json metadata = Json::object();
  std::pair<std::string, std::string> start{from.namespace_name, from.name};
  int64_t remaining = 0;
  for (Json& item : listing->items) {
    std::pair<std::string, std::string> key{NamespaceOf(item), NameOf(item)};
    if (!continued.empty() && key <= start) continue;
    if (!selection.labels.Matches(item) || !selection.fields.Matches(item)) {
      continue;
    }
    if (limit > 0 && static_cast<int64_t>(items.size()) == limit) {
      ++remaining;
      continue;
    }
    items.push_back(std::move(item));
  }
  if (!continued.empty()) version = from.version;
  if (call.info.custom) metadata["continue"] = "";
  if (remaining > 0) {
    metadata["continue"] = EncodePageToken(
        {version, NamespaceOf(items.back()), NameOf(items.back()), clock_()});
    if (selection.labels.empty() && selection.fields.empty()) {
      metadata["remainingItemCount"] = remaining;
    }
  }
  metadata["resourceVersion"] = std::to_string(version);
  ApiResponse response;
  response.body =
      call.representation.OfList(call.info, items, metadata, clock_())
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

absl::StatusOr<ApiResponse> ResourceHandler::Watch(Call& call) {
  if (Negotiate(call.request.accept, Transforms::kObjects)->yaml) {
    return NotAcceptable();
  }
  WatchOptions options;
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(call));
  options.labels = std::move(selection.labels);
  options.fields = std::move(selection.fields);
  options.namespace_name = call.path.namespace_name;
  options.representation = call.representation;
  options.clock = clock_;
  options.bookmarks = QueryFlag(call.query, "allowWatchBookmarks");
  ASSIGN_OR_RETURN(const int64_t seconds,
                   ParseNumber(call.query, "timeoutSeconds"));
  RETURN_IF_ERROR(CheckOptions(call.query, /*watch=*/true));
  if (seconds > 0) options.timeout = absl::Seconds(seconds);
  bool send_initial = QueryFlag(call.query, "sendInitialEvents");
  if (send_initial && !options.bookmarks) {
    return InvalidObject(
        "meta.k8s.io", "ListOptions", "",
        {ForbiddenValue("resourceVersionMatch",
                        "sendInitialEvents requires setting "
                        "resourceVersionMatch to NotOlderThan")});
  }
  ASSIGN_OR_RETURN(options.after, WantedVersion(call.query));
  options.initial_events = send_initial || options.after == 0;
  options.initial_events_end = send_initial;
  ApiResponse response;
  response.stream =
      std::make_shared<WatchStream>(store_, call.info, std::move(options));
  return response;
}

}  // namespace howdah::local
