#include "backend/local/api/resource_handler.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/page_token.h"
#include "backend/local/api/pod_log.h"
#include "backend/local/api/scale.h"
#include "backend/local/api/watch_stream.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {

absl::StatusOr<ApiResponse> ResourceHandler::Handle(const ResourceInfo& info,
                                                    const ResourcePath& path,
                                                    const Query& query,
                                                    const ApiRequest& request) {
  ASSIGN_OR_RETURN(Representation representation,
                   Representation::FromAccept(
                       request.accept, QueryValue(query, "includeObject")));
  Call call{info, path, query, request, representation, false, "Warn", {}};
  std::string dry_run = QueryValue(query, "dryRun");
  if (!dry_run.empty() && dry_run != "All" && request.method != "DELETE") {
    return InvalidObject(
        "meta.k8s.io", "CreateOptions", "",
        {UnsupportedValue("dryRun", Json::array({dry_run}), {"All"})});
  }
  call.dry_run = dry_run == "All";
  std::string validation = QueryValue(query, "fieldValidation");
  if (!validation.empty()) {
    if (validation != "Ignore" && validation != "Warn" &&
        validation != "Strict") {
      return InvalidObject(
          "meta.k8s.io", "CreateOptions", "",
          {UnsupportedValue("fieldValidation", validation,
                            {"", "Ignore", "Strict", "Warn"})});
    }
    call.validation = validation;
  }
  bool status = path.subresource == "status" && info.has_status;
  bool scale = path.subresource == "scale" && info.has_scale;
  if (path.subresource == "log" && info.has_log && request.method == "GET") {
    absl::StatusOr<Json> pod =
        store_.Get(info.type, path.namespace_name, path.name);
    if (!pod.ok()) return FromStore(pod.status(), info.type, path.name);
    return ReadPodLog(*pod, query);
  }
  if (!path.subresource.empty() && !status && !scale) {
    return info.custom ? NotFound(info.type, path.name) : UnknownResource();
  }
  if (info.namespaced && path.namespace_name.empty() && !path.name.empty()) {
    return UnknownResource();
  }
  if (!info.namespaced && !path.namespace_name.empty()) {
    return UnknownResource();
  }
  const std::string& method = request.method;
  if (path.name.empty()) {
    if (method == "GET") {
      return QueryFlag(query, "watch") ? Watch(call) : List(call);
    }
    bool everywhere = info.namespaced && path.namespace_name.empty();
    if (method == "POST" && info.creatable && !everywhere) return Create(call);
    if (method == "DELETE" && !everywhere) return DeleteCollection(call);
    if (info.custom && (method == "PUT" || method == "PATCH")) {
      return BadRequest("name must be provided");
    }
    return MethodNotAllowed();
  }
  if (method == "GET") {
    return QueryFlag(query, "watch") ? Watch(call) : Get(call);
  }
  if (method == "PUT") return Update(call);
  if (method == "PATCH") return Patch(call);
  if (method == "DELETE" && path.subresource.empty()) return Delete(call);
  return MethodNotAllowed();
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

std::string BadVersion(absl::string_view wanted) {
  return absl::StrCat("resourceVersion: Invalid value: \"", wanted,
                      "\": strconv.ParseUint: parsing \"", wanted,
                      "\": invalid syntax");
}

// Whether the options of a list or watch go together.
absl::Status CheckVersionMatch(const Query& query) {
  std::string match = QueryValue(query, "resourceVersionMatch");
  std::vector<FieldCause> causes;
  if (!match.empty() && QueryValue(query, "resourceVersion").empty() &&
      !QueryFlag(query, "watch")) {
    causes.push_back(ForbiddenValue(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden unless resourceVersion is "
        "provided"));
  }
  if (!match.empty() && match != "Exact" && match != "NotOlderThan") {
    causes.push_back(UnsupportedValue("resourceVersionMatch", match,
                                      {"Exact", "NotOlderThan", ""}));
  }
  if (causes.empty()) return absl::OkStatus();
  return InvalidObject("meta.k8s.io", "ListOptions", "", causes);
}

absl::Status NotANumber(absl::string_view text) {
  return BadRequest(
      absl::StrCat("strconv.ParseInt: parsing \"", text, "\": invalid syntax"));
}

// 0 if there is none; the same for lists, which do not heed it, and watches.
absl::StatusOr<int64_t> ParseTimeout(const Query& query) {
  const std::string text = QueryValue(query, "timeoutSeconds");
  int64_t seconds = 0;
  if (!text.empty() && !absl::SimpleAtoi(text, &seconds)) {
    return NotANumber(text);
  }
  return seconds;
}

// Whether a list at the present version is what the query asks for.
absl::Status CheckWantedVersion(const Query& query, uint64_t version) {
  std::string wanted = QueryValue(query, "resourceVersion");
  if (wanted.empty() || wanted == "0") return absl::OkStatus();
  uint64_t number = 0;
  if (!absl::SimpleAtoi(wanted, &number)) {
    return BadRequest(
        absl::StrCat("invalid resource version: ", BadVersion(wanted)));
  }
  if (number > version) return VersionTooLarge(wanted, version);
  if (QueryValue(query, "resourceVersionMatch") == "Exact" &&
      number != version) {
    return Expired("The resourceVersion for the provided list is too old.");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ApiResponse> ResourceHandler::Get(Call& call) {
  absl::StatusOr<Json> object =
      store_.Get(call.info.type, call.path.namespace_name, call.path.name);
  if (!object.ok()) {
    return FromStore(object.status(), call.info.type, call.path.name);
  }
  if (call.path.subresource == "scale") return Respond(call, ScaleOf(*object));
  return Respond(call, *object);
}

absl::StatusOr<ResourceHandler::Selection> ResourceHandler::ParseSelection(
    const Call& call) {
  Selection selection;
  ASSIGN_OR_RETURN(selection.labels, LabelSelector::Parse(QueryValue(
                                         call.query, "labelSelector")));
  std::string fields = QueryValue(call.query, "fieldSelector");
  // A watch of one object by its path.
  if (!call.path.name.empty()) {
    absl::StrAppend(&fields, fields.empty() ? "" : ",",
                    "metadata.name=", call.path.name);
  }
  ASSIGN_OR_RETURN(selection.fields,
                   FieldSelector::Parse(fields, call.info.selectable_fields));
  return selection;
}

absl::StatusOr<ApiResponse> ResourceHandler::List(Call& call) {
  RETURN_IF_ERROR(CheckVersionMatch(call.query));
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(call));
  std::string limit_text = QueryValue(call.query, "limit");
  int64_t limit = 0;
  if (!limit_text.empty() && !absl::SimpleAtoi(limit_text, &limit)) {
    return NotANumber(limit_text);
  }
  RETURN_IF_ERROR(ParseTimeout(call.query).status());
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
  RETURN_IF_ERROR(CheckWantedVersion(call.query, version));
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
  WatchOptions options;
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(call));
  options.labels = std::move(selection.labels);
  options.fields = std::move(selection.fields);
  options.namespace_name = call.path.namespace_name;
  options.representation = call.representation;
  options.clock = clock_;
  options.bookmarks = QueryFlag(call.query, "allowWatchBookmarks");
  ASSIGN_OR_RETURN(const int64_t seconds, ParseTimeout(call.query));
  if (seconds > 0) options.timeout = absl::Seconds(seconds);
  std::string version = QueryValue(call.query, "resourceVersion");
  bool send_initial = QueryFlag(call.query, "sendInitialEvents");
  if (send_initial &&
      (!options.bookmarks ||
       QueryValue(call.query, "resourceVersionMatch") != "NotOlderThan")) {
    return InvalidObject(
        "meta.k8s.io", "ListOptions", "",
        {ForbiddenValue("resourceVersionMatch",
                        "sendInitialEvents requires setting "
                        "resourceVersionMatch to NotOlderThan")});
  }
  if (!version.empty() && version != "0" &&
      !absl::SimpleAtoi(version, &options.after)) {
    // The API server calls this its own fault.
    return ApiError(500, "", BadVersion(version));
  }
  options.initial_events = send_initial || version.empty() || version == "0";
  options.initial_events_end = send_initial;
  ApiResponse response;
  response.watch =
      std::make_shared<WatchStream>(store_, call.info, std::move(options));
  return response;
}

}  // namespace howdah::local
