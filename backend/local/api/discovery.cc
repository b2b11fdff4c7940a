#include "backend/local/api/discovery.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/negotiation.h"
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

  std::string Singular() const { return absl::AsciiStrToLower(kind); }
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

std::string StorageVersionHash(const ResourceInfo& info) {
  const std::string text =
      absl::StrCat(info.type.group, "/", info.version, "/", info.kind);
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         hash);
  return absl::Base64Escape({reinterpret_cast<const char*>(hash), 8});
}

Json ResourceEntry(const ResourceInfo& info) {
  Json entry = {{"name", info.type.plural},
                {"singularName", info.singular},
                {"namespaced", info.namespaced},
                {"kind", info.kind},
                {"verbs", info.Verbs()},
                {"storageVersionHash", StorageVersionHash(info)}};
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
                         {"singularName", review.Singular()},
                         {"namespaced", false},
                         {"kind", review.kind},
                         {"verbs", {"create"}}});
  }
  Json list = {{"kind", "APIResourceList"},
               {"groupVersion", GroupVersionText(one)},
               {"resources", std::move(resources)}};
  // The core group has it from before there was a version of this.
  if (*one.group != '\0') list["apiVersion"] = "v1";
  return list;
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
    // The core group leaves its version out here.
    return Json{{"group", group},
                {"version", group.empty() ? "" : version},
                {"kind", name}};
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
                           {"singularResource", review.Singular()},
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
          {"emulationMajor", "1"},
          {"emulationMinor", "36"},
          {"minCompatibilityMajor", "1"},
          {"minCompatibilityMinor", "35"},
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

// What /healthz and its like look at.
constexpr absl::string_view kChecks[] = {"ping", "store"};

// They answer only if the server does, which holds its store as long as it
// runs; so whatever is asked is well.
std::optional<ApiResponse> AnswerHealth(const Target& target) {
  absl::string_view rest = target.path;
  absl::string_view name;
  for (absl::string_view one : {"/healthz", "/livez", "/readyz"}) {
    if (absl::ConsumePrefix(&rest, one)) name = one.substr(1);
  }
  if (name.empty()) return std::nullopt;
  ApiResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "ok";
  if (!rest.empty()) {
    if (!absl::ConsumePrefix(&rest, "/") ||
        !absl::c_linear_search(kChecks, rest)) {
      return PageNotFound();
    }
    return response;
  }
  if (!target.query.contains("verbose")) return response;
  response.body.clear();
  const std::string excluded = QueryValue(target.query, "exclude");
  for (absl::string_view check : kChecks) {
    absl::StrAppend(&response.body, "[+]", check,
                    check == excluded ? " excluded: ok\n" : " ok\n");
  }
  if (!excluded.empty() && !absl::c_linear_search(kChecks, excluded)) {
    absl::StrAppend(&response.body,
                    "warn: some health checks cannot be excluded: no matches "
                    "for \"",
                    excluded, "\"\n");
  }
  absl::StrAppend(&response.body, name, " check passed\n");
  return response;
}

Json Index() {
  Json paths = {"/api",        "/apis",       "/healthz", "/livez",
                "/openapi/v2", "/openapi/v3", "/readyz",  "/version"};
  for (absl::string_view check : kChecks) {
    for (const char* name : {"/healthz/", "/livez/", "/readyz/"}) {
      paths.push_back(absl::StrCat(name, check));
    }
  }
  for (const GroupVersion& one : kGroups) {
    paths.push_back(absl::StrCat("/", GroupPath(one)));
    if (*one.group != '\0') paths.push_back(absl::StrCat("/apis/", one.group));
  }
  std::sort(paths.begin(), paths.end());
  return {{"paths", std::move(paths)}};
}

Json OpenApiIndex() {
  Json paths = Json::object();
  for (const GroupVersion& one : kGroups) {
    if (*one.group != '\0' && absl::string_view(one.group) != kCnpgGroup) {
      continue;
    }
    paths[GroupPath(one)] = {
        {"serverRelativeURL", absl::StrCat("/openapi/v3/", GroupPath(one))}};
  }
  return paths;
}

// What stands there, in its classic form; null if nothing does.
Json Document(absl::string_view path, const std::string& host) {
  if (path == "/version") return Version();
  if (path == "/api") {
    return {{"kind", "APIVersions"},
            {"versions", {"v1"}},
            {"serverAddressByClientCIDRs",
             {{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", host}}}}};
  }
  Json groups = Json::array();
  for (const GroupVersion& one : kGroups) {
    if (path == absl::StrCat("/", GroupPath(one))) return ResourceList(one);
    if (*one.group == '\0') continue;
    Json entry = GroupEntry(one);
    if (path == absl::StrCat("/apis/", one.group)) {
      entry["kind"] = "APIGroup";
      entry["apiVersion"] = "v1";
      return entry;
    }
    groups.push_back(std::move(entry));
  }
  if (path != "/apis") return nullptr;
  return {{"kind", "APIGroupList"},
          {"apiVersion", "v1"},
          {"groups", std::move(groups)}};
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

bool IsOpenToAll(absl::string_view path) {
  return path == "/version" || path == "/version/" || path == "/healthz" ||
         path == "/livez" || path == "/readyz";
}

std::optional<absl::StatusOr<ApiResponse>> AnswerDiscovery(
    const Target& target, const ApiRequest& request) {
  if (std::optional<ApiResponse> health = AnswerHealth(target)) return health;
  absl::string_view path = target.path;
  if (path == "/" || path == "/index.html") return JsonAnswer(Index());
  if (path == "/openapi/v2") return OpenApiV2(request.accept);
  if (path == "/openapi/v3") return JsonAnswer({{"paths", OpenApiIndex()}});
  for (const GroupVersion& one : kGroups) {
    if (path != absl::StrCat("/openapi/v3/", GroupPath(one))) continue;
    const Json document = OpenApiDocument(one.group, one.version);
    if (!document.is_null()) return JsonAnswer(document);
  }
  if (path.size() > 1) absl::ConsumeSuffix(&path, "/");
  const Json document = Document(path, request.host);
  if (document.is_null()) return std::nullopt;
  // What speaks of custom resources does not look at the method.
  const bool custom = path == "/apis" || absl::StrContains(path, kCnpgGroup);
  if (!custom && request.method != "GET") return MethodNotAllowed();
  const bool roots = path == "/api" || path == "/apis";
  const std::optional<MediaChoice> choice = Negotiate(
      request.accept, roots ? Transforms::kDiscovery : Transforms::kNone);
  if (!choice ||
      (choice->yaml && (path == "/version" || !choice->as.empty()))) {
    return NotAcceptable();
  }
  if (choice->as.empty()) return JsonAnswer(document);
  ApiResponse response = JsonAnswer(Aggregated(path == "/api"));
  response.content_type = kAggregated;
  return response;
}

}  // namespace howdah::local
