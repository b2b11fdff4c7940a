// The deleting part of ResourceHandler.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/resource_handler.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

// The propagationPolicy of DeleteOptions; "Background" is what none means.
std::string Propagation(const Json& options) {
  return options.value("propagationPolicy", "Background");
}

absl::StatusOr<Json> OptionsOfQuery(const Query& query) {
  Json options = Json::object();
  for (const char* name : {"propagationPolicy", "orphanDependents", "dryRun",
                           "gracePeriodSeconds"}) {
    if (query.contains(name)) options[name] = QueryValue(query, name);
  }
  if (options.contains("dryRun")) options["dryRun"] = {options["dryRun"]};
  if (options.contains("orphanDependents")) {
    options["orphanDependents"] = QueryFlag(query, "orphanDependents");
  }
  if (options.contains("gracePeriodSeconds")) {
    const std::string text = QueryValue(query, "gracePeriodSeconds");
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(text, &seconds)) {
      return BadRequest(absl::StrCat("strconv.ParseInt: parsing \"", text,
                                     "\": invalid syntax"));
    }
    options["gracePeriodSeconds"] = seconds;
  }
  return options;
}

absl::StatusOr<Json> OptionsOfBody(const ApiRequest& request) {
  ASSIGN_OR_RETURN(Json options, ParseBody(request));
  if (options.is_null()) return Json::object();
  if (!options.is_object()) return BadRequest("DeleteOptions are an object");
  const auto kind = options.find("kind");
  if (kind != options.end() && kind->is_string() && *kind != "" &&
      *kind != "DeleteOptions") {
    return BadRequest(absl::StrCat("no kind ", kind->dump(),
                                   " is registered for version "
                                   "\"meta.k8s.io/v1\""));
  }
  return options;
}

// The DeleteOptions: of the body, or of the query if there is no body. As in
// kube-apiserver, beside a body the query counts for nothing.
absl::StatusOr<Json> ParseDeleteOptions(const ApiRequest& request,
                                        const Query& query) {
  absl::StatusOr<Json> read =
      request.body.empty() ? OptionsOfQuery(query) : OptionsOfBody(request);
  RETURN_IF_ERROR(read.status());
  Json options = *std::move(read);
  const std::string misfit = Decode(DeleteOptionsType(), options);
  if (!misfit.empty()) return BadRequest(misfit);
  std::vector<FieldCause> causes;
  const std::string propagation = Propagation(options);
  if (options.contains("orphanDependents")) {
    if (options.contains("propagationPolicy")) {
      causes.push_back(InvalidValue("propagationPolicy", propagation,
                                    "orphanDependents and deletionPropagation "
                                    "cannot be both set"));
    } else {
      options["propagationPolicy"] =
          options["orphanDependents"] == true ? "Orphan" : "Background";
    }
  }
  if (propagation != "Foreground" && propagation != "Background" &&
      propagation != "Orphan") {
    causes.push_back(
        UnsupportedValue("propagationPolicy", propagation,
                         {"Foreground", "Background", "Orphan", "nil"}));
  }
  for (const Json& wanted : options.value("dryRun", Json::array())) {
    if (wanted == "All") continue;
    causes.push_back(UnsupportedValue("dryRun", options["dryRun"], {"All"}));
    break;
  }
  if (causes.empty()) return options;
  return InvalidObject("meta.k8s.io", "DeleteOptions", "", causes);
}

bool WantsDryRun(const Json& options) {
  return !options.value("dryRun", Json::array()).empty();
}

}  // namespace

absl::StatusOr<Json> ResourceHandler::DeleteOne(Call& call,
                                                const std::string& space,
                                                const std::string& name,
                                                const Json& options) {
  const ResourceType& type = call.info.type;
  Expected expected = {
      .uid = TextAt(options, "preconditions", "uid"),
      .resource_version = TextAt(options, "preconditions", "resourceVersion")};
  std::string propagation = Propagation(options);
  absl::StatusOr<Json> before = store_.Get(type, space, name);
  if (!before.ok()) return before;
  std::string finalizer =
      propagation == "Foreground" ? std::string(kForegroundFinalizer)
      : propagation == "Orphan"   ? std::string(kOrphanFinalizer)
                                  : "";
  if (!expected.uid.empty() && expected.uid != UidOf(*before)) {
    return PreconditionConflict(type, call.info.kind, name, "UID", expected.uid,
                                UidOf(*before));
  }
  const std::string version = TextAt(*before, "metadata", "resourceVersion");
  if (!expected.resource_version.empty() &&
      expected.resource_version != version) {
    return PreconditionConflict(type, call.info.kind, name, "ResourceVersion",
                                expected.resource_version, version);
  }
  if (call.options.dry_run) return before;
  if (!finalizer.empty() && !HasFinalizer(*before, finalizer) &&
      !IsTerminating(*before)) {
    absl::StatusOr<Json> marked =
        store_.Update(type, space, name, [&](Json& object) -> absl::Status {
          if ((!expected.uid.empty() && expected.uid != UidOf(object)) ||
              (!expected.resource_version.empty() &&
               expected.resource_version !=
                   TextAt(object, "metadata", "resourceVersion"))) {
            return absl::AbortedError(absl::StrCat(
                "Operation cannot be fulfilled on ", QualifiedResource(type),
                " \"", name, "\": the precondition does not match"));
          }
          object["metadata"]["finalizers"].push_back(finalizer);
          return absl::OkStatus();
        });
    if (!marked.ok()) return marked;
    expected.resource_version.clear();
  }
  return store_.Delete(type, space, name, expected);
}

absl::StatusOr<ApiResponse> ResourceHandler::Delete(Call& call) {
  const ResourceInfo& info = call.info;
  ASSIGN_OR_RETURN(Json options, ParseDeleteOptions(call.request, call.query));
  call.options.dry_run = WantsDryRun(options);
  absl::StatusOr<Json> gone =
      DeleteOne(call, call.path.namespace_name, call.path.name, options);
  if (!gone.ok()) return FromStore(gone.status(), info.type, call.path.name);
  bool pod = info.type == ResourceType{"", "pods"};
  if (pod || HasFinalizers(info.type, *gone)) return Respond(call, *gone);
  Json details = {{"name", call.path.name},
                  {"kind", info.type.plural},
                  {"uid", UidOf(*gone)}};
  if (!info.type.group.empty()) details["group"] = info.type.group;
  return Respond(call, {{"kind", "Status"},
                        {"apiVersion", "v1"},
                        {"metadata", Json::object()},
                        {"status", "Success"},
                        {"details", std::move(details)}});
}

absl::StatusOr<ApiResponse> ResourceHandler::DeleteCollection(Call& call) {
  ASSIGN_OR_RETURN(Json options, ParseDeleteOptions(call.request, call.query));
  call.options.dry_run = WantsDryRun(options);
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(call));
  absl::StatusOr<ObjectStore::Listing> listing =
      store_.List(call.info.type, call.path.namespace_name);
  if (!listing.ok()) return FromStore(listing.status(), call.info.type, "");
  std::vector<Json> gone;
  for (const Json& item : listing->items) {
    if (!selection.labels.Matches(item) || !selection.fields.Matches(item)) {
      continue;
    }
    absl::StatusOr<Json> one =
        DeleteOne(call, NamespaceOf(item), NameOf(item), options);
    if (one.ok()) {
      gone.push_back(*std::move(one));
    } else if (!absl::IsNotFound(one.status())) {
      return FromStore(one.status(), call.info.type, NameOf(item));
    }
  }
  Json metadata = {
      {"resourceVersion", std::to_string(listing->resource_version)}};
  if (call.info.custom) metadata["continue"] = "";
  ApiResponse response;
  response.body =
      call.representation.OfList(call.info, gone, metadata, clock_())
          .dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace howdah::local
