#include "backend/kubernetes/api_error.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/kubernetes/json_text.h"
#include "backend/kubernetes/text.h"
#include "backend/net/http_client.h"
#include "proto/support/status_details.h"

namespace howdah::kubernetes {
namespace {

using absl::StatusCode;
using nlohmann::json;
using support::ErrorBuilder;

constexpr int kMaxFieldViolations = 16;

// The part of a Kubernetes Status object that matters.
struct StatusObject {
  std::string reason;
  std::string message;
  json details;
  int code = 0;
};

StatusObject ReadStatusObject(absl::string_view body) {
  StatusObject object;
  json value;
  if (!ParseJson(body, value) || TextAt(value, "kind") != "Status") {
    object.message = BoundedText(body);
    return object;
  }
  object.reason = TextAt(value, "reason");
  object.message = BoundedText(TextAt(value, "message"));
  object.details = ValueAt(value, "details");
  const json& code = ValueAt(value, "code");
  if (code.is_number_integer()) object.code = code.get<int>();
  return object;
}

std::string Target(const Asked& asked) {
  std::string target = ResourceName(asked.resource);
  const ObjectKey& key = asked.key;
  if (!key.name.empty()) {
    absl::StrAppend(&target, " \"", key.namespace_name,
                    key.namespace_name.empty() ? "" : "/", key.name, "\"");
  } else if (!key.namespace_name.empty()) {
    absl::StrAppend(&target, " in namespace \"", key.namespace_name, "\"");
  }
  return target;
}

// One row of the table in the header. `reason` is the Status reason, and
// `message` a part of the Status message, that must be there; "" for any.
struct Row {
  int http;
  absl::string_view status_reason;
  absl::string_view message_part;
  StatusCode code;
  absl::string_view reason;
  // What happened, after "<verb> <target>: ", and what to do next.
  absl::string_view says;
  absl::string_view advice;
};

constexpr Row kRows[] = {
    {400, "", "", StatusCode::kInvalidArgument, "BAD_REQUEST",
     "the API server does not understand the request", ""},
    {413, "", "", StatusCode::kInvalidArgument, "BAD_REQUEST",
     "the object is too large for the API server", ""},
    {422, "", "", StatusCode::kInvalidArgument, "INVALID_OBJECT",
     "the API server refuses the object", ""},
    {401, "", "", StatusCode::kUnauthenticated, "UNAUTHENTICATED",
     "the API server does not accept the backend's credentials",
     "Renew the credentials of the kubeconfig context."},
    {403, "", "exceeded quota", StatusCode::kFailedPrecondition,
     "QUOTA_EXCEEDED", "a resource quota does not allow it",
     "Delete what is not needed any more, or have the quota raised."},
    {403, "", "", StatusCode::kPermissionDenied, "FORBIDDEN",
     "the API server forbids it",
     "Grant the missing right by RBAC, or use another context."},
    {405, "", "", StatusCode::kUnimplemented, "METHOD_NOT_SUPPORTED",
     "the API server does not support this method here", ""},
    {406, "", "", StatusCode::kInternal, "UPSTREAM_PROTOCOL",
     "the API server and the backend share no format", ""},
    {415, "", "", StatusCode::kInternal, "UPSTREAM_PROTOCOL",
     "the API server and the backend share no format", ""},
    {409, "AlreadyExists", "", StatusCode::kAlreadyExists, "ALREADY_EXISTS",
     "it exists already", "Choose another name, or change the existing one."},
    {409, "", "", StatusCode::kAborted, "CONFLICT",
     "it was changed at the same time", "Read it again and repeat the change."},
    {410, "", "", StatusCode::kOutOfRange, "VERSION_TOO_OLD",
     "the version or page asked for is no longer known",
     "Begin the list anew."},
    {429, "", "disruption budget", StatusCode::kFailedPrecondition,
     "DISRUPTION_BUDGET", "a disruption budget does not allow it now",
     "Try again when the other instances are healthy."},
    {429, "", "", StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS",
     "the API server has too much to do", "Try again later."},
    {500, "", "failed calling webhook", StatusCode::kUnavailable,
     "WEBHOOK_UNAVAILABLE", "an admission webhook does not answer",
     "Check that the operator runs, then try again."},
    {500, "ServerTimeout", "", StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
     "the API server could not finish in time", "Try again."},
    {502, "", "", StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
     "the API server is not available", "Try again."},
    {503, "", "", StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
     "the API server is not available", "Try again."},
    {504, "ServerTimeout", "", StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE",
     "the API server could not finish in time", "Try again."},
    {504, "", "", StatusCode::kDeadlineExceeded, "UPSTREAM_TIMEOUT",
     "the API server took too long", "Try again."},
    {507, "", "", StatusCode::kResourceExhausted, "UPSTREAM_STORAGE_FULL",
     "the API server has no space left", ""},
};

const Row& RowOf(int http, const StatusObject& object) {
  static constexpr Row kInternal = {500,
                                    "",
                                    "",
                                    StatusCode::kInternal,
                                    "UPSTREAM_INTERNAL",
                                    "the API server failed",
                                    "Try again; if it stays, read its log."};
  static constexpr Row kUnexpected = {
      0,
      "",
      "",
      StatusCode::kInternal,
      "UPSTREAM_PROTOCOL",
      "the API server gave an unexpected answer",
      "Check that the kubeconfig names a Kubernetes API server."};
  for (const Row& row : kRows) {
    if (row.http == http &&
        (row.status_reason.empty() || row.status_reason == object.reason) &&
        absl::StrContains(object.message, row.message_part)) {
      return row;
    }
  }
  return http >= 500 ? kInternal : kUnexpected;
}

ErrorBuilder Begin(const Asked& asked, StatusCode code,
                   absl::string_view reason) {
  ErrorBuilder builder(code, reason, support::kPostgresDomain);
  builder.With("verb", asked.verb)
      .With("resource", ResourceName(asked.resource));
  if (!asked.key.name.empty()) builder.With("name", asked.key.name);
  if (!asked.key.namespace_name.empty()) {
    builder.With("namespace", asked.key.namespace_name);
  }
  return builder;
}

void AddResource(const Asked& asked, ErrorBuilder& builder) {
  const ObjectKey& key = asked.key;
  builder.Resource(ResourceName(asked.resource),
                   key.namespace_name.empty()
                       ? key.name
                       : absl::StrCat(key.namespace_name, "/", key.name));
}

absl::Status NotFound(const Asked& asked, const StatusObject& object) {
  const std::string kind = TextAt(object.details, "kind");
  const std::string name = TextAt(object.details, "name");
  if (kind == "namespaces" && asked.resource.plural != "namespaces") {
    return Begin(asked, StatusCode::kNotFound, "NAMESPACE_NOT_FOUND")
        .Message(absl::StrCat("The namespace \"", BoundedText(name, 100),
                              "\" does not exist; create it or name another."))
        .Resource("namespaces", BoundedText(name, 100))
        .Build();
  }
  // Only the answer about an object names it; that about an unknown path is
  // plain text or a Status without a name.
  if (object.reason == "NotFound" && !name.empty()) {
    ErrorBuilder builder =
        Begin(asked, StatusCode::kNotFound, "OBJECT_NOT_FOUND");
    builder.Message(absl::StrCat(Target(asked), " does not exist."));
    AddResource(asked, builder);
    return builder.Build();
  }
  const std::string resource = ResourceName(asked.resource);
  const bool cnpg = asked.resource.group == kClusters.group;
  return Begin(asked, StatusCode::kFailedPrecondition, "RESOURCE_TYPE_MISSING")
      .Message(absl::StrCat(
          "The API server does not serve ", resource, " ",
          asked.resource.version, "; ",
          cnpg ? "install the CloudNativePG operator, or a newer release of it."
               : "check that the context names the right API server."))
      .Precondition("RESOURCE_TYPE", resource,
                    "The API server must serve this resource type.")
      .Build();
}

void AddFieldViolations(const json& details, ErrorBuilder& builder) {
  const json& causes = ValueAt(details, "causes");
  if (!causes.is_array()) return;
  int left = kMaxFieldViolations;
  for (const json& cause : causes) {
    const std::string field = TextAt(cause, "field");
    if (field.empty() || left-- == 0) continue;
    builder.Field(BoundedText(field, 200),
                  BoundedText(TextAt(cause, "message")));
  }
}

std::optional<absl::Duration> RetryDelay(const StatusObject& object,
                                         absl::string_view header) {
  if (const auto delay = ParseRetryAfter(header)) return delay;
  const json& seconds = ValueAt(object.details, "retryAfterSeconds");
  if (!seconds.is_number_integer() || seconds.get<int64_t>() <= 0) {
    return std::nullopt;
  }
  return absl::Seconds(seconds.get<int64_t>());
}

absl::Status MakeError(const Asked& asked, int http, const StatusObject& object,
                       absl::string_view retry_after) {
  if (http == 404) return NotFound(asked, object);
  const Row& row = RowOf(http, object);
  ErrorBuilder builder = Begin(asked, row.code, row.reason);
  std::string message =
      absl::StrCat("Cannot ", asked.verb, " ", Target(asked), ": ", row.says);
  if (!object.message.empty()) {
    // A sentence of its own, where it is one, reads better without its stop.
    absl::StrAppend(&message, " (", absl::StripSuffix(object.message, "."),
                    ")");
    builder.With("upstreamMessage", object.message);
  }
  absl::StrAppend(&message, ".", row.advice.empty() ? "" : " ", row.advice);
  builder.Message(message).With("httpStatus", absl::StrCat(http));
  if (!object.reason.empty()) {
    builder.With("upstreamReason", BoundedText(object.reason, 63));
  }
  if (row.code == StatusCode::kInvalidArgument) {
    AddFieldViolations(object.details, builder);
  }
  if (row.code == StatusCode::kAlreadyExists) AddResource(asked, builder);
  if (row.code == StatusCode::kFailedPrecondition) {
    builder.Precondition(row.reason, Target(asked), object.message);
  }
  if (const auto delay = RetryDelay(object, retry_after)) {
    builder.RetryAfter(*delay);
  } else if (row.code == StatusCode::kResourceExhausted) {
    builder.RetryAfter(absl::Seconds(1));
  }
  return builder.Build();
}

}  // namespace

std::string ResourceName(const Resource& resource) {
  return absl::StrCat(resource.plural, resource.group.empty() ? "" : ".",
                      resource.group);
}

absl::Status ErrorOfResponse(const Asked& asked, int http_status,
                             absl::string_view body,
                             absl::string_view retry_after) {
  return MakeError(asked, http_status, ReadStatusObject(body), retry_after);
}

absl::Status ErrorOfStatusObject(const Asked& asked, absl::string_view text) {
  const StatusObject object = ReadStatusObject(text);
  return MakeError(asked, object.code, object, "");
}

absl::Status ErrorOfTransport(const Asked& asked, const absl::Status& error,
                              absl::string_view server,
                              absl::string_view context) {
  const std::string detail = BoundedText(error.message());
  absl::string_view reason = "API_SERVER_UNREACHABLE";
  std::string message;
  const std::string net_reason = support::ErrorReason(error);
  if (error.code() == StatusCode::kCancelled) {
    reason = net::kCancelled;
    message = absl::StrCat("Cancelled: ", asked.verb, " ", Target(asked), ".");
  } else if (error.code() == StatusCode::kDeadlineExceeded) {
    reason = net::kDeadlineExceeded;
    message = absl::StrCat("The API server ", server,
                           " did not answer in time: ", asked.verb, " ",
                           Target(asked), ".");
  } else if (net_reason == net::kTlsFailed) {
    reason = "API_SERVER_TLS_FAILED";
    message = absl::StrCat(
        "No trusted connection to the API server ", server, " of context \"",
        context, "\" (", detail,
        "). Check certificate-authority, tls-server-name and the client "
        "certificate in the kubeconfig.");
  } else if (error.code() == StatusCode::kUnavailable) {
    message = absl::StrCat(
        "The Kubernetes API server ", server, " of context \"", context,
        "\" cannot be reached (", detail,
        "). Check that it runs and that the context is the right one.");
  } else {
    reason = net_reason.empty() ? "UPSTREAM_PROTOCOL"
                                : absl::string_view(net_reason);
    message = absl::StrCat("Cannot ", asked.verb, " ", Target(asked), ": ",
                           detail, ".");
  }
  return Begin(asked, error.code(), reason)
      .Message(message)
      .With("server", server)
      .With("context", context)
      .With("detail", detail)
      .Build();
}

absl::Status MalformedAnswer(const Asked& asked, absl::string_view problem) {
  return Begin(asked, StatusCode::kInternal, "UPSTREAM_PROTOCOL")
      .Message(absl::StrCat(
          "Cannot ", asked.verb, " ", Target(asked), ": ", problem,
          ". Check that the kubeconfig names a Kubernetes API server."))
      .With("problem", problem)
      .Build();
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view header) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(header, &seconds) || seconds < 0) return std::nullopt;
  return absl::Seconds(std::min<int64_t>(seconds, 24 * 60 * 60));
}

}  // namespace howdah::kubernetes
