#include "backend/local/api/api_router.h"

#include <openssl/crypto.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/admission.h"
#include "backend/local/api/api_error.h"
#include "backend/local/api/discovery.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/negotiation.h"
#include "backend/local/api/protobuf_body.h"
#include "backend/local/api/resource_catalogue.h"
#include "backend/local/api/yaml_body.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr char kUser[] = "howdah-local-admin";

bool Authentic(absl::string_view authorization, const std::string& token) {
  constexpr absl::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  return authorization.size() == token.size() &&
         CRYPTO_memcmp(authorization.data(), token.data(), token.size()) == 0;
}

// Reviews of what the caller may do: everything, as there is one user.
struct Review {
  const char* group;
  const char* plural;
  const Json& (*type)();
  Json (*status)();
};

constexpr Review kReviews[] = {
    {"authorization.k8s.io", "selfsubjectaccessreviews", &AccessReviewType,
     [] {
       return Json{{"allowed", true},
                   {"reason", "the local plane has one user"}};
     }},
    {"authorization.k8s.io", "selfsubjectrulesreviews", &RulesReviewType,
     [] {
       return Json{
           {"resourceRules",
            {{{"verbs", {"*"}}, {"apiGroups", {"*"}}, {"resources", {"*"}}}}},
           {"nonResourceRules",
            {{{"verbs", {"*"}}, {"nonResourceURLs", {"*"}}}}},
           {"incomplete", false}};
     }},
    {"authentication.k8s.io", "selfsubjectreviews", &RulesReviewType, [] {
       return Json{{"userInfo",
                    {{"username", kUser},
                     {"groups", {"system:masters", "system:authenticated"}}}}};
     }}};

const Review* FindReview(const ResourcePath& path) {
  for (const Review& review : kReviews) {
    if (path.group == review.group && path.plural == review.plural) {
      return &review;
    }
  }
  return nullptr;
}

absl::StatusOr<ApiResponse> AnswerReview(const Review& review,
                                         const ApiRequest& request) {
  ASSIGN_OR_RETURN(Json answer, ParseBody(request));
  const std::string misfit = Decode(review.type(), answer);
  if (!misfit.empty()) return BadRequest(misfit);
  const Json spec = answer.value("spec", Json::object());
  if (review.type == &AccessReviewType &&
      spec.contains("resourceAttributes") ==
          spec.contains("nonResourceAttributes")) {
    return InvalidObject(
        review.group, "", "",
        {InvalidValue("spec.resourceAttributes", nullptr,
                      "exactly one of nonResourceAttributes or "
                      "resourceAttributes must be specified")});
  }
  if (!answer.contains("metadata")) answer["metadata"] = Json::object();
  answer["status"] = review.status();
  ApiResponse response;
  response.code = 201;
  response.body = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

bool WantsPretty(const ApiRequest& request) {
  if (!absl::StrContains(request.target, "pretty")) return false;
  const absl::StatusOr<Target> target = ParseTarget(request.target);
  return target.ok() && QueryFlag(target->query, "pretty");
}

// Puts the JSON of an answer into the form that was asked for.
void Encode(const ApiRequest& request, ApiResponse& response) {
  if (response.stream != nullptr ||
      response.content_type != "application/json") {
    return;
  }
  const std::optional<MediaChoice> choice =
      Negotiate(request.accept,
                response.code < 400 ? Transforms::kObjects : Transforms::kNone);
  if (choice && choice->yaml) {
    response.content_type = "application/yaml";
    response.body = ToYaml(Json::parse(response.body, nullptr, false));
  } else if ((choice && choice->pretty) || WantsPretty(request)) {
    response.body = Json::parse(response.body, nullptr, false).dump(2);
  } else {
    response.body += '\n';
  }
}

}  // namespace

ApiRouter::ApiRouter(ObjectStore& store, ApiRouterOptions options)
    : options_(std::move(options)), handler_(store, options_.clock) {}

ApiResponse ApiRouter::ErrorResponse(const absl::Status& status) {
  ApiResponse response;
  response.code = HttpCode(status);
  const Json object = StatusObject(status);
  response.retry_after =
      object.value(Json::json_pointer("/details/retryAfterSeconds"), 0);
  response.body = object.dump();
  return response;
}

ApiResponse ApiRouter::Handle(const ApiRequest& request) {
  ApiResponse response = Answer(request);
  Encode(request, response);
  return response;
}

ApiResponse ApiRouter::Answer(const ApiRequest& request) {
  // Objects are free in part; a wrong type met while printing one is an error
  // of that request only.
  try {
    absl::StatusOr<ApiResponse> response = Route(request);
    if (response.ok()) return *std::move(response);
    return ErrorResponse(response.status());
  } catch (const std::exception& error) {
    return ErrorResponse(absl::InternalError(error.what()));
  }
}

absl::StatusOr<ApiResponse> ApiRouter::Route(const ApiRequest& request) {
  absl::StatusOr<Target> parsed = ParseTarget(request.target);
  if (!parsed.ok()) {
    ApiResponse response = PageNotFound();
    response.code = 400;
    response.body = "400 Bad Request";
    return response;
  }
  const Target& target = *parsed;
  const bool open = request.authorization.empty() && IsOpenToAll(target.path);
  if (!open && !Authentic(request.authorization, options_.token)) {
    return Unauthorized();
  }
  if (auto discovery = AnswerDiscovery(target, request)) {
    return *std::move(discovery);
  }
  if (!IsProtobuf(request.content_type) || request.body.empty()) {
    return RouteResource(target, request);
  }
  ApiRequest json = request;
  ASSIGN_OR_RETURN(Json body, DecodeProtobuf(request.body));
  json.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  json.content_type = "application/json";
  return RouteResource(target, json);
}

absl::StatusOr<ApiResponse> ApiRouter::RouteResource(
    const Target& target, const ApiRequest& request) {
  ResourcePath path = ParseResourcePath(target.path);
  const bool core = absl::StartsWith(target.path, "/api/");
  if (path.plural.empty()) {
    if (core) return UnknownResource();
    return PageNotFound();
  }
  if (const Review* review = FindReview(path);
      review != nullptr && request.method == "POST") {
    return AnswerReview(*review, request);
  }
  const ResourceInfo* info =
      FindResource(path.group, path.version, path.plural);
  if (info == nullptr) {
    if (core) return UnknownResource();
    return PageNotFound();
  }
  return handler_.Handle(*info, path, target.query, request);
}

absl::Status CreateInitialNamespaces(ObjectStore& store) {
  const ResourceInfo* info = FindResource("", "v1", "namespaces");
  for (const char* name : {"default", "kube-system", "cnpg-system"}) {
    Json object = {{"metadata", {{"name", name}}}};
    DefaultObject(*info, object);
    CompleteObject(*info, object);
    absl::Status status = store.Create(info->type, "", object).status();
    if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
  }
  return absl::OkStatus();
}

}  // namespace howdah::local
