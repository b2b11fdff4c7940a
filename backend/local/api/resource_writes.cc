// The writing part of ResourceHandler.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/api/admission.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/object_identity.h"
#include "backend/local/api/patch.h"
#include "backend/local/api/pod_log.h"
#include "backend/local/api/resource_handler.h"
#include "backend/local/api/scale.h"
#include "backend/local/api/schema.h"
#include "backend/local/store/object_rules.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr char kModified[] =
    "the object has been modified; please apply your changes to the latest "
    "version and try again";

// This much of a body is repeated in an error.
constexpr size_t kShown = 30;

const ResourceType kNamespaceType{"", "namespaces"};

std::string TextOr(const Json& object, const char* field,
                   const std::string& otherwise) {
  const auto found = object.find(field);
  if (found == object.end() || found->is_null() || *found == "") {
    return otherwise;
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// An object of a definition says itself of which kind it is.
absl::Status CheckKind(const ResourceInfo& info, const Json& object) {
  const std::string kind = TextOr(object, "kind", info.kind);
  if (kind == info.kind) return absl::OkStatus();
  return InvalidObject(
      info.type.group, kind, NameOf(object),
      {InvalidValue("kind", kind, absl::StrCat("must be ", info.kind))});
}

absl::StatusOr<Json> ParseObject(const ResourceInfo& info,
                                 const ApiRequest& request) {
  ASSIGN_OR_RETURN(Json object, ParseBody(request));
  if (!object.is_object()) {
    return BadRequest("the object provided is unrecognized: not an object");
  }
  const Json kind_given = object.value("kind", Json());
  if (info.custom && (!kind_given.is_string() || kind_given == "")) {
    return BadRequest(absl::StrCat(
        "the object provided is unrecognized (must be of type ", info.kind,
        "): Object 'Kind' is missing in '", request.body.substr(0, 1000), "' (",
        request.body.empty() ? "<empty>" : request.body.substr(0, kShown),
        request.body.size() > kShown ? " ..." : "", ")"));
  }
  const std::string version =
      TextOr(object, "apiVersion", info.custom ? "" : info.ApiVersion());
  if (version != info.ApiVersion()) {
    return BadRequest(absl::StrCat(
        "the API version in the data (", version,
        ") does not match the expected API version (", info.ApiVersion(), ")"));
  }
  const std::string kind = TextOr(object, "kind", info.kind);
  if (!info.custom && kind != info.kind) {
    return BadRequest(
        absl::StrCat("the object provided is unrecognized (must be of type ",
                     info.kind, "): it is a ", kind));
  }
  if (!object.contains("metadata") || object["metadata"].is_null()) {
    object["metadata"] = Json::object();
  }
  if (!object["metadata"].is_object()) {
    return BadRequest(absl::StrCat(info.kind, " in version \"", info.version,
                                   "\" cannot be handled as a ", info.kind,
                                   ": metadata must be an object"));
  }
  return object;
}

// Fields of ObjectMeta; everything else in metadata is unknown.
void PruneMetadata(Json& object, std::vector<std::string>& unknown) {
  static const auto& known =
      *new std::set<std::string>{"annotations",
                                 "creationTimestamp",
                                 "deletionGracePeriodSeconds",
                                 "deletionTimestamp",
                                 "finalizers",
                                 "generateName",
                                 "generation",
                                 "labels",
                                 "managedFields",
                                 "name",
                                 "namespace",
                                 "ownerReferences",
                                 "resourceVersion",
                                 "selfLink",
                                 "uid"};
  Json& metadata = object["metadata"];
  if (!metadata.is_object()) return;
  const Json all = metadata;
  for (const auto& [field, value] : all.items()) {
    if (known.contains(field)) continue;
    unknown.push_back("metadata." + field);
    metadata.erase(field);
  }
}

// Puts the plane's own annotations back: a Pod's names the file of its log.
void KeepPlaneAnnotations(const Json& before, Json& next) {
  auto plane_owned = [](const std::string& key) {
    return absl::StartsWith(key, kPlanePrefix);
  };
  const Json::json_pointer path("/metadata/annotations");
  Json kept = Json::object();
  const Json edited = next.value(path, Json::object());
  for (const auto& [key, value] : edited.items()) {
    if (!plane_owned(key)) kept[key] = value;
  }
  const Json own = before.value(path, Json::object());
  for (const auto& [key, value] : own.items()) {
    if (plane_owned(key)) kept[key] = value;
  }
  next["metadata"]["annotations"] = std::move(kept);
}

// A patch must not make another type of an object. Built-in types and custom
// resources are decoded by different parts of the API server.
absl::Status CheckPatchedType(const ResourceInfo& info, const std::string& name,
                              const Json& next) {
  const std::string version = TextOr(next, "apiVersion", "");
  const std::string kind = TextOr(next, "kind", "");
  if (!info.custom) {
    if (version.empty()) return MissingName(name);
    if (version == info.ApiVersion() && (kind.empty() || kind == info.kind)) {
      return absl::OkStatus();
    }
    return Fits(absl::StrCat("no kind \"", kind,
                             "\" is registered for version \"", version, "\""),
                "PATCH", info.kind, info.version);
  }
  if (kind.empty()) {
    return Fits("Object 'Kind' is missing", "PATCH", info.kind, info.version);
  }
  if (version == info.ApiVersion()) return absl::OkStatus();
  const std::string why = absl::StrCat(
      "Internal error occurred: ", absl::StrContains(version, '/') ? "" : "/",
      version, ", Kind=", kind,
      " is unstructured and is not suitable for converting to \"",
      info.ApiVersion(), "\"");
  return ApiError(500, "InternalError",
                  absl::StrCat("Internal error occurred: ", why),
                  {{"causes", {{{"message", why}}}}});
}

// Whether `next` was made from the present version, if it names one.
absl::Status CheckVersion(const ResourceInfo& info, const std::string& name,
                          const Json& before, const Json& next,
                          bool needs_version) {
  ASSIGN_OR_RETURN(const uint64_t version,
                   ParseVersion(TextAt(next, "metadata", "resourceVersion")));
  if (version == 0) {
    if (!needs_version) return absl::OkStatus();
    return InvalidObject(info.type.group, info.type.plural, name,
                         {InvalidValue("metadata.resourceVersion", 0,
                                       "must be specified for an update")});
  }
  ASSIGN_OR_RETURN(const uint64_t present,
                   ParseVersion(TextAt(before, "metadata", "resourceVersion")));
  if (version == present) return absl::OkStatus();
  return Conflict(info.type, name, kModified);
}

// The uid of a whole object that replaces another; the words are etcd's
// client's.
absl::Status CheckReplacedUid(const ResourceInfo& info,
                              const ResourcePath& path, const Json& before,
                              const Json& next) {
  const std::string uid = UidOf(next);
  if (uid.empty() || uid == UidOf(before)) return absl::OkStatus();
  return Conflict(
      info.type, path.name,
      absl::StrCat("StorageError: invalid object, Code: 4, Key: /registry/",
                   info.type.group, info.type.group.empty() ? "" : "/",
                   info.type.plural, "/", path.namespace_name, "/", path.name,
                   ", ResourceVersion: 0, AdditionalErrorMsg: Precondition "
                   "failed: UID in precondition: ",
                   uid, ", UID in object meta: ", UidOf(before)));
}

// A write of the status changes nothing else, and any other not the status.
void KeepOtherHalf(bool writes_status, const Json& before, Json& next) {
  Json status = (writes_status ? next : before).value("status", Json());
  if (writes_status) {
    // Whose the status is, is said in the metadata.
    const Json managers = next["metadata"].value("managedFields", Json());
    next = before;
    next["metadata"].erase("managedFields");
    if (!managers.is_null()) next["metadata"]["managedFields"] = managers;
  }
  if (status.is_null()) {
    next.erase("status");
  } else {
    next["status"] = std::move(status);
  }
}

absl::Status CheckType(const ResourceInfo& info, absl::string_view method,
                       Json& object) {
  if (!object.is_object()) {
    return BadRequest("the result of the change is not a Kubernetes object");
  }
  if (!object.contains("metadata")) object["metadata"] = Json::object();
  for (const char* field : {"apiVersion", "kind"}) {
    const auto found = object.find(field);
    if (found == object.end() || found->is_string()) continue;
    if (!info.custom && found->is_null()) continue;
    return Fits(absl::StrCat(field, " must be text"), method, info.kind,
                info.version);
  }
  return Fits(DecodeObject(info, object), method, info.kind, info.version);
}

std::string RandomSuffix() {
  // The letters that Kubernetes uses: no vowels, no look-alikes.
  static constexpr absl::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  absl::BitGen random;
  std::string suffix;
  for (int i = 0; i < 5; ++i) {
    suffix += kLetters[absl::Uniform<size_t>(random, 0, kLetters.size())];
  }
  return suffix;
}

}  // namespace

absl::Status ResourceHandler::CheckFields(Call& call, Json& object,
                                          const Json* before) {
  std::vector<std::string> unknown;
  PruneMetadata(object, unknown);
  Pruned pruned = Prune(call.info.schema, object,
                        before == nullptr ? Untouched(call.info) : *before);
  unknown.insert(unknown.end(), pruned.unknown.begin(), pruned.unknown.end());
  std::sort(unknown.begin(), unknown.end());
  if (call.options.validation == "Ignore") return absl::OkStatus();
  std::vector<std::string> texts;
  if (call.request.method != "PATCH" || call.applies) {
    texts = DuplicateFields(call.request);
  }
  for (const std::string& path : unknown) {
    texts.push_back(absl::StrCat("unknown field \"", path, "\""));
  }
  for (const std::string& path : pruned.unsupported) {
    texts.push_back(absl::StrCat("field \"", path,
                                 "\" is not supported by the local plane"));
  }
  if (texts.empty()) return absl::OkStatus();
  if (call.options.validation == "Strict") {
    return BadRequest(
        absl::StrCat(call.info.kind, " in version \"", call.info.version,
                     "\" cannot be handled as a ", call.info.kind,
                     ": strict decoding error: ", absl::StrJoin(texts, ", ")));
  }
  for (const std::string& text : texts) {
    absl::string_view rest = text;
    const bool several =
        absl::ConsumePrefix(&rest, "yaml: unmarshal errors:\n");
    for (absl::string_view line : absl::StrSplit(rest, '\n')) {
      call.warnings.emplace_back(several ? absl::StripAsciiWhitespace(line)
                                         : line);
    }
  }
  return absl::OkStatus();
}

absl::Status ResourceHandler::CheckNamespace(const Call& call,
                                             absl::string_view name) {
  if (!call.info.namespaced) return absl::OkStatus();
  absl::StatusOr<Json> space =
      store_.Get(kNamespaceType, "", call.path.namespace_name);
  if (!space.ok()) {
    return FromStore(space.status(), kNamespaceType, call.path.namespace_name);
  }
  if (!IsTerminating(*space)) return absl::OkStatus();
  return Forbidden(call.info.type, name,
                   absl::StrCat("unable to create new content in namespace ",
                                call.path.namespace_name,
                                " because it is being terminated"));
}

absl::StatusOr<ApiResponse> ResourceHandler::Create(Call& call) {
  ASSIGN_OR_RETURN(Json object, ParseObject(call.info, call.request));
  return CreateObject(call, std::move(object));
}

absl::StatusOr<ApiResponse> ResourceHandler::CreateObject(Call& call,
                                                          Json object) {
  const ResourceInfo& info = call.info;
  Json& metadata = object["metadata"];
  std::string space = NamespaceOf(object);
  if (info.namespaced && !space.empty() && space != call.path.namespace_name) {
    return WrongNamespace();
  }
  RETURN_IF_ERROR(CheckFields(call, object, nullptr));
  RETURN_IF_ERROR(CheckType(info, call.request.method, object));
  const absl::StatusOr<uint64_t> version =
      ParseVersion(TextAt(object, "metadata", "resourceVersion"));
  if (version.ok() && *version != 0 && !call.options.dry_run) {
    return ServerFault(
        "resourceVersion should not be set on objects to be created");
  }
  std::string prefix = TextAt(object, "metadata", "generateName");
  bool generated = NameOf(object).empty() && !prefix.empty();
  if (NameOf(object).empty() && !generated) {
    std::vector<FieldCause> causes = {
        RequiredValue("metadata.name", "name or generateName is required")};
    if (info.custom) causes.push_back(RulesNotChecked());
    return InvalidObject(info.type.group, info.kind, "", causes);
  }
  RETURN_IF_ERROR(CheckNamespace(call, NameOf(object)));
  RETURN_IF_ERROR(CheckKind(info, object));
  if (info.has_status && !info.custom) object.erase("status");
  for (int attempt = 0;; ++attempt) {
    if (generated) metadata["name"] = prefix + RandomSuffix();
    Json complete = object;
    CompleteFields(call, nullptr, complete);
    RETURN_IF_ERROR(MutateObject(info, complete));
    if (info.custom) complete.erase("status");
    RETURN_IF_ERROR(CheckObject(info, complete, nullptr, /*subresource=*/""));
    std::string name = NameOf(complete);
    if (call.options.dry_run) {
      if (store_.Get(info.type, call.path.namespace_name, name).ok()) {
        return AlreadyExists(info.type, name);
      }
      return Respond(call,
                     NewObject(info.type, call.path.namespace_name,
                               std::move(complete), clock_()),
                     201);
    }
    absl::StatusOr<Json> stored =
        store_.Create(info.type, call.path.namespace_name, std::move(complete));
    if (stored.ok()) return Respond(call, *stored, 201);
    if (!generated || !absl::IsAlreadyExists(stored.status()) || attempt > 7) {
      return FromStore(stored.status(), info.type, name);
    }
  }
}

absl::StatusOr<Json> ResourceHandler::Write(
    Call& call,
    const std::function<absl::StatusOr<Json>(const Json& before)>& change,
    bool needs_version) {
  const ResourceInfo& info = call.info;
  const std::string& name = call.path.name;
  std::optional<Json> tried;
  auto edit = [&](Json& object) -> absl::Status {
    const Json before = object;
    ASSIGN_OR_RETURN(Json next, change(before));
    RETURN_IF_ERROR(CheckType(info, call.request.method, next));
    if (call.request.method == "PATCH") {
      RETURN_IF_ERROR(CheckPatchedType(info, name, next));
    }
    RETURN_IF_ERROR(CheckIdentity(call.path, next));
    if (call.request.method == "PUT") {
      RETURN_IF_ERROR(CheckReplacedUid(info, call.path, before, next));
    }
    RETURN_IF_ERROR(CheckVersion(info, name, before, next, needs_version));
    RETURN_IF_ERROR(CheckKind(info, next));
    RETURN_IF_ERROR(CheckFields(call, next, &before));
    CompleteFields(call, &before, next);
    const std::string& subresource = call.path.subresource;
    if (subresource.empty()) RETURN_IF_ERROR(MutateObject(info, next));
    if (info.has_status) KeepOtherHalf(subresource == "status", before, next);
    if (!info.creatable) KeepPlaneAnnotations(before, next);
    RETURN_IF_ERROR(CheckObject(info, next, &before, subresource));
    object = std::move(next);
    if (!call.options.dry_run) return absl::OkStatus();
    tried = NextObject(info.type, before, object);
    return absl::CancelledError("dry run");
  };
  absl::StatusOr<Json> stored =
      store_.Update(info.type, call.path.namespace_name, name, edit);
  if (tried) return *std::move(tried);
  if (!stored.ok()) return FromStore(stored.status(), info.type, name);
  return stored;
}

absl::StatusOr<ApiResponse> ResourceHandler::Update(Call& call) {
  if (call.path.subresource == "scale") {
    ASSIGN_OR_RETURN(const Json scale, ParseBody(call.request));
    RETURN_IF_ERROR(CheckIdentity(call.path, scale));
    auto change = [&](const Json& before) {
      return Scaled(before, scale, call.request, call.path);
    };
    ASSIGN_OR_RETURN(const Json stored,
                     Write(call, change, /*needs_version=*/false));
    return Respond(call, ScaleOf(stored));
  }
  ASSIGN_OR_RETURN(Json object, ParseObject(call.info, call.request));
  RETURN_IF_ERROR(CheckIdentity(call.path, object));
  ASSIGN_OR_RETURN(
      Json stored,
      Write(
          call, [&](const Json&) -> absl::StatusOr<Json> { return object; },
          call.info.custom));
  return Respond(call, stored);
}

absl::StatusOr<ApiResponse> ResourceHandler::Patch(Call& call) {
  ASSIGN_OR_RETURN(PatchKind kind,
                   PatchKindOf(call.request.content_type, call.info.custom));
  if (kind == PatchKind::kApply) return Apply(call);
  ASSIGN_OR_RETURN(Json patch, ParseBody(call.request));
  bool scale = call.path.subresource == "scale";
  auto change = [&](const Json& before) -> absl::StatusOr<Json> {
    if (!scale) return ApplyPatch(kind, before, patch);
    ASSIGN_OR_RETURN(Json patched, ApplyPatch(kind, ScaleOf(before), patch));
    return Scaled(before, std::move(patched), call.request, call.path);
  };
  ASSIGN_OR_RETURN(const Json stored,
                   Write(call, change, call.info.custom && !scale));
  return Respond(call, scale ? ScaleOf(stored) : stored);
}

}  // namespace howdah::local
