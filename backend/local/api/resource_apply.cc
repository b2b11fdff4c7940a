// The part of ResourceHandler that knows who has set which field: what every
// write notes, and server-side apply.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "backend/local/api/admission.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/field_managers.h"
#include "backend/local/api/object_identity.h"
#include "backend/local/api/resource_handler.h"
#include "backend/local/api/scale.h"
#include "backend/local/api/schema.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

absl::Status Conflicts(const std::vector<FieldConflict>& conflicts) {
  Json causes = Json::array();
  std::map<std::string, std::vector<std::string>> by_manager;
  for (const FieldConflict& one : conflicts) {
    const std::string field = FieldPathText(one.path);
    causes.push_back({{"reason", "FieldManagerConflict"},
                      {"message", absl::StrCat("conflict with ", one.manager)},
                      {"field", field}});
    by_manager[one.manager].push_back(field);
  }
  if (conflicts.size() == 1) {
    return ApiError(409, "Conflict",
                    absl::StrCat("Apply failed with 1 conflict: conflict with ",
                                 conflicts[0].manager, ": ",
                                 FieldPathText(conflicts[0].path)),
                    {{"causes", std::move(causes)}});
  }
  std::vector<std::string> lines;
  for (const auto& [manager, fields] : by_manager) {
    lines.push_back(absl::StrCat("conflicts with ", manager, ":"));
    for (const std::string& field : fields) {
      lines.push_back(absl::StrCat("- ", field));
    }
  }
  return ApiError(409, "Conflict",
                  absl::StrCat("Apply failed with ", conflicts.size(),
                               " conflicts: ", absl::StrJoin(lines, "\n")),
                  {{"causes", std::move(causes)}});
}

// "/v1, Kind=Secret", as Go prints a GroupVersionKind.
std::string KindText(absl::string_view api_version, absl::string_view kind) {
  const bool has_group = absl::StrContains(api_version, '/');
  return absl::StrCat(has_group ? "" : "/", api_version, ", Kind=", kind);
}

std::string TextOf(const Json& object, const char* field) {
  const Json value = object.value(field, Json());
  return value.is_string() ? value.get<std::string>() : "";
}

// What is to be laid over the object of the path, or to make it.
absl::StatusOr<Json> ParseConfiguration(const std::string& api_version,
                                        const std::string& kind_wanted,
                                        const ResourcePath& path,
                                        const ApiRequest& request) {
  absl::StatusOr<Json> body = ParseBody(request);
  if (!body.ok()) {
    absl::string_view why = body.status().message();
    absl::ConsumePrefix(&why, "the object provided is unrecognized: ");
    return BadRequest(absl::StrCat(
        "error decoding YAML: error converting YAML to JSON: ", why));
  }
  Json config = *std::move(body);
  if (!config.is_object()) {
    return BadRequest(absl::StrCat(
        "error decoding YAML: error unmarshaling JSON: while decoding JSON: "
        "json: cannot unmarshal ",
        config.type_name(), " into Go value of type map[string]interface {}"));
  }
  const std::string version = TextOf(config, "apiVersion");
  const std::string kind = TextOf(config, "kind");
  if (version != api_version || kind != kind_wanted) {
    return BadRequest(
        absl::StrCat("invalid object type: ", KindText(version, kind)));
  }
  if (!config["metadata"].is_object()) config["metadata"] = Json::object();
  if (!config["metadata"].value("managedFields", Json()).is_null()) {
    return BadRequest("metadata.managedFields must be nil");
  }
  RETURN_IF_ERROR(CheckIdentity(path, config));
  return config;
}

// A Scale stands for one field of a Cluster.
Json ClusterOfScale(const ResourceInfo& info, const Json& scale) {
  Json cluster = {{"apiVersion", info.ApiVersion()},
                  {"kind", info.kind},
                  {"metadata", scale.at("metadata")}};
  const Json replicas =
      scale.value(Json::json_pointer("/spec/replicas"), Json());
  if (!replicas.is_null()) cluster["spec"]["instances"] = replicas;
  return cluster;
}

void TellOfScale(const ResourceInfo& info,
                 std::vector<FieldConflict>& conflicts) {
  for (FieldConflict& one : conflicts) {
    one.manager = absl::StrReplaceAll(
        one.manager, {{absl::StrCat(" using ", info.ApiVersion()),
                       " using autoscaling/v1"}});
    one.path = {"f:spec", "f:replicas"};
  }
}

absl::Status DoesNotFit(const ResourceInfo& info, const Json& config,
                        absl::string_view why) {
  return ApiError(
      500, "",
      absl::StrCat("failed to create typed patch object (", NamespaceOf(config),
                   "/", NameOf(config), "; ",
                   KindText(info.ApiVersion(), info.kind), "): ", why));
}

}  // namespace

FieldManager ResourceHandler::Manager(const Call& call) const {
  return ManagerOf(
      call.info,
      ManagerName(call.options.field_manager, call.request.user_agent),
      call.path.subresource, clock_());
}

void ResourceHandler::CompleteFields(const Call& call, const Json* before,
                                     Json& object) {
  // What is applied is not read a second time: a null in it stays, and is
  // refused.
  if (call.info.custom && !call.applies) DropNulls(call.info.schema, object);
  DefaultObject(call.info, object);
  if (!call.applies) {
    TrackUpdate(WholeSchemaOf(call.info), Manager(call),
                before == nullptr ? Json::object() : *before, object);
  }
  CompleteObject(call.info, object);
}

absl::StatusOr<ApiResponse> ResourceHandler::Apply(Call& call) {
  const ResourceInfo& info = call.info;
  const bool scale = call.path.subresource == "scale";
  ASSIGN_OR_RETURN(
      Json config,
      ParseConfiguration(scale ? "autoscaling/v1" : info.ApiVersion(),
                         scale ? "Scale" : info.kind, call.path, call.request));
  if (scale) config = ClusterOfScale(info, config);
  call.applies = true;
  const auto laid_over = [&](const Json& before) -> absl::StatusOr<Json> {
    absl::StatusOr<Applied> applied = ApplyFields(
        WholeSchemaOf(info), Manager(call), before, config, call.options.force);
    if (!applied.ok()) {
      return DoesNotFit(info, config, applied.status().message());
    }
    if (scale) TellOfScale(info, applied->conflicts);
    if (!applied->conflicts.empty()) return Conflicts(applied->conflicts);
    return std::move(applied->object);
  };
  for (int attempt = 0;; ++attempt) {
    absl::StatusOr<Json> stored = Write(call, laid_over, false);
    if (stored.ok()) return Respond(call, scale ? ScaleOf(*stored) : *stored);
    if (HttpCode(stored.status()) != 404 || !call.path.subresource.empty()) {
      return stored.status();
    }
    if (!UidOf(config).empty()) {
      return Conflict(
          info.type, call.path.name,
          absl::StrCat("uid mismatch: the provided object specified uid ",
                       UidOf(config), ", and no existing object was found"));
    }
    ASSIGN_OR_RETURN(Json object, laid_over(Json::object()));
    object["metadata"].erase("resourceVersion");
    absl::StatusOr<ApiResponse> made = CreateObject(call, std::move(object));
    // Unless somebody else was quicker.
    if (made.ok() || HttpCode(made.status()) != 409 || attempt > 4) return made;
  }
}

}  // namespace howdah::local
