#include "backend/local/api/discovery.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "backend/local/api/resource_catalogue.h"

namespace howdah::local {
namespace {

constexpr char kAggregated[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

// Groups with a version each; "" is the core group. The last two hold only
// reviews, which are answered and not stored.
struct GroupVersion {
  const char* group;
  const char* version;
};
constexpr GroupVersion kGroups[] = {{"", "v1"},
                                    {"authentication.k8s.io", "v1"},
                                    {"authorization.k8s.io", "v1"},
                                    {kCnpgGroup, "v1"}};

struct Review {
  const char* group;
  const char* plural;
  const char* kind;
};
constexpr Review kReviews[] = {
    {"authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"},
    {"authorization.k8s.io", "selfsubjectaccessreviews",
     "SelfSubjectAccessReview"},
    {"authorization.k8s.io", "selfsubjectrulesreviews",
     "SelfSubjectRulesReview"}};

std::string GroupVersionText(const GroupVersion& one) {
  return *one.group == '\0' ? one.version
                            : absl::StrCat(one.group, "/", one.version);
}

Json ResourceEntry(const ResourceInfo& info) {
  Json entry = {{"name", info.type.plural},
                {"singularName", info.singular},
                {"namespaced", info.namespaced},
                {"kind", info.kind},
                {"verbs", info.Verbs()}};
  if (!info.short_names.empty()) entry["shortNames"] = info.short_names;
  if (!info.categories.empty()) entry["categories"] = info.categories;
  return entry;
}

Json SubresourceVerbs(const std::string& name) {
  if (name == "log") return {"get"};
  return {"get", "patch", "update"};
}

Json SubresourceEntry(const ResourceInfo& info, const std::string& name) {
  Json entry = {{"name", absl::StrCat(info.type.plural, "/", name)},
                {"singularName", ""},
                {"namespaced", info.namespaced},
                {"kind", info.kind},
                {"verbs", SubresourceVerbs(name)}};
  if (name == "scale") {
    entry["kind"] = "Scale";
    entry["group"] = "autoscaling";
    entry["version"] = "v1";
  }
  return entry;
}

std::vector<std::string> Subresources(const ResourceInfo& info) {
  std::vector<std::string> names;
  if (info.has_status) names.push_back("status");
  if (info.has_scale) names.push_back("scale");
  if (info.has_log) names.push_back("log");
  return names;
}

Json ResourceList(const GroupVersion& one) {
  Json resources = Json::array();
  for (const ResourceInfo& info : AllResources()) {
    if (info.type.group != one.group || info.version != one.version) continue;
    resources.push_back(ResourceEntry(info));
    for (const std::string& name : Subresources(info)) {
      resources.push_back(SubresourceEntry(info, name));
    }
  }
  for (const Review& review : kReviews) {
    if (absl::string_view(one.group) != review.group) continue;
    resources.push_back({{"name", review.plural},
                         {"singularName", ""},
                         {"namespaced", false},
                         {"kind", review.kind},
                         {"verbs", {"create"}}});
  }
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", GroupVersionText(one)},
          {"resources", std::move(resources)}};
}

Json GroupEntry(const GroupVersion& one) {
  Json version = {{"groupVersion", GroupVersionText(one)},
                  {"version", one.version}};
  return {{"name", one.group},
          {"versions", {version}},
          {"preferredVersion", version}};
}

// One resource of the aggregated form.
Json AggregatedEntry(const ResourceInfo& info) {
  auto kind = [](const std::string& group, const std::string& version,
                 const std::string& name) {
    return Json{{"group", group}, {"version", version}, {"kind", name}};
  };
  Json subresources = Json::array();
  for (const std::string& name : Subresources(info)) {
    subresources.push_back(
        {{"subresource", name},
         {"responseKind", name == "scale"
                              ? kind("autoscaling", "v1", "Scale")
                              : kind(info.type.group, info.version, info.kind)},
         {"verbs", SubresourceVerbs(name)}});
  }
  Json entry = {
      {"resource", info.type.plural},
      {"responseKind", kind(info.type.group, info.version, info.kind)},
      {"scope", info.namespaced ? "Namespaced" : "Cluster"},
      {"singularResource", info.singular},
      {"verbs", info.Verbs()}};
  if (!info.short_names.empty()) entry["shortNames"] = info.short_names;
  if (!info.categories.empty()) entry["categories"] = info.categories;
  if (!subresources.empty()) entry["subresources"] = std::move(subresources);
  return entry;
}

Json Aggregated(bool core) {
  Json items = Json::array();
  for (const GroupVersion& one : kGroups) {
    if ((*one.group == '\0') != core) continue;
    Json resources = Json::array();
    for (const ResourceInfo& info : AllResources()) {
      if (info.type.group == one.group) {
        resources.push_back(AggregatedEntry(info));
      }
    }
    for (const Review& review : kReviews) {
      if (absl::string_view(one.group) != review.group) continue;
      resources.push_back({{"resource", review.plural},
                           {"responseKind",
                            {{"group", one.group},
                             {"version", one.version},
                             {"kind", review.kind}}},
                           {"scope", "Cluster"},
                           {"singularResource", ""},
                           {"verbs", {"create"}}});
    }
    Json item = {{"metadata", Json::object()},
                 {"versions",
                  {{{"version", one.version},
                    {"resources", std::move(resources)},
                    {"freshness", "Current"}}}}};
    if (!core) item["metadata"]["name"] = one.group;
    items.push_back(std::move(item));
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/v2"},
          {"metadata", Json::object()},
          {"items", std::move(items)}};
}

ApiResponse JsonAnswer(const Json& body) {
  ApiResponse response;
  response.body = body.dump();
  return response;
}

Json Version() {
  return {{"major", "1"},
          {"minor", "36"},
          {"gitVersion", "v1.36.0+howdah"},
          {"gitCommit", ""},
          {"gitTreeState", "clean"},
          {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", ""},
          {"compiler", "gcc"},
          {"platform", "linux/amd64"}};
}

std::string GroupPath(const GroupVersion& one) {
  return absl::StrCat(*one.group == '\0' ? "api/" : "apis/",
                      GroupVersionText(one));
}

std::string SchemaName(const ResourceInfo& info) {
  return info.custom ? absl::StrCat("io.cnpg.postgresql.v1.", info.kind)
                     : absl::StrCat("io.k8s.api.core.v1.", info.kind);
}

Json KindExtension(const ResourceInfo& info) {
  return {{"group", info.type.group},
          {"version", info.version},
          {"kind", info.kind}};
}

Json WriteParameters() {
  Json parameters = Json::array();
  for (const char* name : {"dryRun", "fieldManager", "fieldValidation"}) {
    parameters.push_back(
        {{"name", name}, {"in", "query"}, {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Json OpenApiInfo() {
  return {{"title", "Kubernetes"}, {"version", "v1.36.0+howdah"}};
}

Json OpenApiPaths(const ResourceInfo& info, const std::string& base) {
  std::string collection =
      absl::StrCat(base, info.namespaced ? "/namespaces/{namespace}/" : "/",
                   info.type.plural);
  auto operation = [&](const char* action) {
    return Json{{"parameters", WriteParameters()},
                {"x-kubernetes-action", action},
                {"x-kubernetes-group-version-kind", KindExtension(info)},
                {"responses", {{"200", {{"description", "OK"}}}}}};
  };
  Json paths;
  paths[absl::StrCat(collection, "/{name}")] = {{"patch", operation("patch")},
                                                {"put", operation("put")}};
  if (info.creatable) paths[collection] = {{"post", operation("post")}};
  return paths;
}

// kubectl before 1.27 reads OpenAPI v2 before it sends anything; a type that it
// does not find there goes unchecked. So there is a document, without types:
// the server checks them all the same.
ApiResponse OpenApiV2(absl::string_view accept) {
  constexpr char kProtobuf[] =
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  if (!absl::StrContains(accept, kProtobuf)) {
    return JsonAnswer({{"swagger", "2.0"},
                       {"info", OpenApiInfo()},
                       {"paths", Json::object()}});
  }
  ApiResponse response;
  // Not as it was asked for: Go refuses a media type with an "@".
  response.content_type =
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  // Document.swagger, field 1 of github.com/google/gnostic's OpenAPIv2.proto.
  response.body =
      "\n\x03"
      "2.0";
  return response;
}

}  // namespace

Json OpenApiDocument(absl::string_view group, absl::string_view version) {
  Json paths = Json::object();
  Json schemas = Json::object();
  for (const ResourceInfo& info : AllResources()) {
    if (info.type.group != group || info.version != version) continue;
    std::string base =
        absl::StrCat(group.empty() ? "/api/" : "/apis/", info.ApiVersion());
    paths.update(OpenApiPaths(info, base));
    Json schema = info.schema;
    Json& properties = schema["properties"];
    properties.emplace("apiVersion", Json{{"type", "string"}});
    properties.emplace("kind", Json{{"type", "string"}});
    properties.emplace("metadata", Json{{"type", "object"}});
    schema["x-kubernetes-group-version-kind"] = {KindExtension(info)};
    schemas[SchemaName(info)] = std::move(schema);
  }
  if (paths.empty()) return nullptr;
  return {{"openapi", "3.0.0"},
          {"info", OpenApiInfo()},
          {"paths", std::move(paths)},
          {"components", {{"schemas", std::move(schemas)}}}};
}

std::optional<ApiResponse> AnswerDiscovery(absl::string_view path,
                                           absl::string_view accept) {
  absl::ConsumeSuffix(&path, "/");
  if (path == "/version") return JsonAnswer(Version());
  if (path == "/healthz" || path == "/livez" || path == "/readyz") {
    ApiResponse response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "ok";
    return response;
  }
  bool aggregated = absl::StrContains(accept, "as=APIGroupDiscoveryList") &&
                    absl::StrContains(accept, "v=v2;");
  if ((path == "/api" || path == "/apis") && aggregated) {
    ApiResponse response = JsonAnswer(Aggregated(path == "/api"));
    response.content_type = kAggregated;
    return response;
  }
  if (path == "/api") {
    return JsonAnswer({{"kind", "APIVersions"}, {"versions", {"v1"}}});
  }
  Json groups = Json::array();
  Json open_api = Json::object();
  for (const GroupVersion& one : kGroups) {
    std::string base = absl::StrCat("/", GroupPath(one));
    if (path == base) return JsonAnswer(ResourceList(one));
    if (path == absl::StrCat("/openapi/v3", base)) {
      Json document = OpenApiDocument(one.group, one.version);
      if (document.is_null()) return std::nullopt;
      return JsonAnswer(document);
    }
    if (*one.group == '\0' || absl::string_view(one.group) == kCnpgGroup) {
      open_api[GroupPath(one)] = {
          {"serverRelativeURL", absl::StrCat("/openapi/v3", base)}};
    }
    if (*one.group == '\0') continue;
    Json entry = GroupEntry(one);
    if (path == absl::StrCat("/apis/", one.group)) {
      entry["kind"] = "APIGroup";
      entry["apiVersion"] = "v1";
      return JsonAnswer(entry);
    }
    groups.push_back(std::move(entry));
  }
  if (path == "/apis") {
    return JsonAnswer({{"kind", "APIGroupList"},
                       {"apiVersion", "v1"},
                       {"groups", std::move(groups)}});
  }
  if (path == "/openapi/v2") return OpenApiV2(accept);
  if (path == "/openapi/v3") return JsonAnswer({{"paths", open_api}});
  return std::nullopt;
}

}  // namespace howdah::local
