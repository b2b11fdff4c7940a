#include "backend/services/cluster_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/cnpg/cluster_spec.h"
#include "backend/cnpg/errors.h"
#include "backend/cnpg/health.h"
#include "backend/cnpg/names.h"
#include "backend/services/cluster_conversion.h"
#include "backend/services/namespaces.h"
#include "backend/services/operation_conversion.h"
#include "backend/services/page_token.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::postgres::v1;
using kubernetes::kClusters;
using kubernetes::ObjectKey;
using operations::Condition;
using operations::Ending;
using operations::Evaluation;
using ClusterPointer = std::shared_ptr<const cnpg::Cluster>;

constexpr int kDefaultPageSize = 100;

std::string CountOf(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// All but the page that shapes a list; a page token belongs to it.
std::string ArgumentsOf(const pb::ListClustersRequest& request,
                        absl::string_view scope) {
  return absl::StrCat(scope, "\n", request.name_contains());
}

size_t PageSizeOf(const pb::ListClustersRequest& request) {
  return request.page_size() > 0 ? request.page_size() : kDefaultPageSize;
}

// One more than the page has, which tells whether another follows.
absl::StatusOr<ListRange> RangeOf(const pb::ListClustersRequest& request,
                                  const Scope& scope) {
  ASSIGN_OR_RETURN(
      const std::string after,
      ReadPageToken(request.page_token(), ArgumentsOf(request, scope.text)));
  ListRange range;
  range.namespace_name = scope.namespace_name;
  range.name_contains = absl::AsciiStrToLower(request.name_contains());
  range.most = PageSizeOf(request) + 1;
  if (!after.empty()) {
    const std::pair<std::string, std::string> key =
        absl::StrSplit(after, absl::MaxSplits('/', 1));
    range.after = {key.first, key.second};
  }
  return range;
}

std::string ListSummary(const std::vector<pb::Health>& healths,
                        absl::string_view scope, bool more) {
  if (healths.empty()) {
    return absl::StrCat("No PostgreSQL clusters in ", scope, ".");
  }
  size_t healthy =
      std::count(healths.begin(), healths.end(), pb::HEALTH_HEALTHY);
  std::string verdict =
      healthy == healths.size()
          ? (healthy == 1 ? "it is healthy" : "all are healthy")
          : absl::StrCat(healthy, " healthy, ", healths.size() - healthy,
                         " not");
  return absl::StrCat(CountOf(healths.size(), "PostgreSQL cluster"),
                      more ? " on this page" : "", " in ", scope, ": ", verdict,
                      more ? "; there are more pages." : ".");
}

pb::ListClustersResponse ListAnswer(std::vector<ClusterPointer> clusters,
                                    absl::string_view scope,
                                    const pb::ListClustersRequest& request) {
  pb::ListClustersResponse response;
  if (clusters.size() > PageSizeOf(request)) {
    clusters.pop_back();
    const cnpg::ObjectMeta& last = clusters.back()->meta;
    response.set_next_page_token(
        MakePageToken(absl::StrCat(last.namespace_name, "/", last.name),
                      ArgumentsOf(request, scope)));
  }
  std::vector<pb::Health> healths;
  for (const ClusterPointer& cluster : clusters) {
    *response.add_clusters() = ToProto(*cluster, request.detail_level());
    healths.push_back(response.clusters().rbegin()->health());
  }
  response.set_count(response.clusters_size());
  response.set_scope(std::string(scope));
  response.set_summary(
      ListSummary(healths,
                  request.name_contains().empty()
                      ? std::string(scope)
                      : absl::StrCat(scope, " with \"", request.name_contains(),
                                     "\" in the name"),
                  !response.next_page_token().empty()));
  return response;
}

// All that shapes the cluster, to tell a repeated call from a reused id.
std::string DigestOf(const cnpg::ClusterSpec& spec) {
  return cnpg::Digest(absl::StrCat(spec.namespace_name, "\n", spec.name, "\n",
                                   spec.instances, "\n", spec.storage_size,
                                   "\n", spec.postgres_version, "\n",
                                   spec.storage_class));
}

cnpg::ClusterSpec SpecOf(const pb::CreateClusterRequest& request,
                         absl::string_view namespace_name,
                         absl::string_view default_version) {
  cnpg::ClusterSpec spec;
  spec.namespace_name = std::string(namespace_name);
  spec.name = request.name();
  spec.instances = request.has_instances() ? request.instances() : 3;
  spec.storage_size =
      request.has_storage_size() ? request.storage_size() : "10Gi";
  spec.postgres_version = request.has_postgres_version()
                              ? request.postgres_version()
                              : std::string(default_version);
  spec.storage_class = request.storage_class();
  spec.request_id = request.request_id();
  if (!spec.request_id.empty()) spec.request_digest = DigestOf(spec);
  return spec;
}

std::string Describe(const cnpg::ClusterSpec& spec) {
  return absl::StrCat(CountOf(spec.instances, "instance"), " of PostgreSQL ",
                      spec.postgres_version, " with ", spec.storage_size,
                      spec.instances == 1 ? "" : " each");
}

pb::CreateClusterResponse CreatedAnswer(const Plane& plane,
                                        const cnpg::Cluster& cluster,
                                        const cnpg::ClusterSpec& spec) {
  pb::CreateClusterResponse response;
  *response.mutable_cluster() = ToProto(cluster, pb::DETAIL_LEVEL_CONCISE);
  *response.mutable_operation() =
      OperationNow(ConditionFor(Condition::Kind::kClusterReady, plane.context(),
                                cluster, cluster.instances),
                   &cluster);
  response.set_summary(
      response.operation().done()
          ? ReadySummary(cluster)
          : absl::StrCat("Cluster ", spec.namespace_name, "/", spec.name,
                         " is being created with ", Describe(spec),
                         "; get_cluster_status tells when it is ready."));
  return response;
}

}  // namespace

absl::StatusOr<pb::ListClustersResponse> ClusterService::ListClusters(
    const CallContext& context, const pb::ListClustersRequest& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  Scope scope = ScopeOf(request.namespace_(), *plane);
  ASSIGN_OR_RETURN(const ListRange range, RangeOf(request, scope));
  ASSIGN_OR_RETURN(std::vector<ClusterPointer> clusters,
                   plane->clusters().List(range, UpstreamCall(context)));
  return ListAnswer(std::move(clusters), scope.text, request);
}

std::optional<absl::StatusOr<pb::ListClustersResponse>>
ClusterService::ListClustersFromMemory(const CallContext& context,
                                       const pb::ListClustersRequest& request) {
  Plane* plane = planes_.Find(request.context());
  if (plane == nullptr) return std::nullopt;
  Scope scope = ScopeOf(request.namespace_(), *plane);
  const absl::StatusOr<ListRange> range = RangeOf(request, scope);
  if (!range.ok()) return range.status();
  std::vector<ClusterPointer> clusters;
  if (!plane->clusters().ListFromMemory(*range, UpstreamCall(context),
                                        clusters)) {
    return std::nullopt;
  }
  return ListAnswer(std::move(clusters), scope.text, request);
}

absl::StatusOr<pb::Cluster> ClusterService::GetCluster(
    const CallContext& context, const pb::GetClusterRequest& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  ObjectKey key{NamespaceOf(request, *plane), request.name()};
  ASSIGN_OR_RETURN(ClusterPointer cluster,
                   plane->clusters().Get(key, UpstreamCall(context)));
  if (cluster == nullptr) {
    return cnpg::ClusterNotFound(key.namespace_name, key.name);
  }
  return ToProto(*cluster, request.detail_level());
}

std::optional<absl::StatusOr<pb::Cluster>> ClusterService::GetClusterFromMemory(
    const CallContext& context, const pb::GetClusterRequest& request) {
  Plane* plane = planes_.Find(request.context());
  if (plane == nullptr) return std::nullopt;
  ClusterPointer cluster = plane->clusters().FromMemory(
      {NamespaceOf(request, *plane), request.name()}, UpstreamCall(context));
  if (cluster == nullptr) return std::nullopt;
  return ToProto(*cluster, request.detail_level());
}

ClusterPointer ClusterService::ClusterInMemory(
    const pb::GetClusterRequest& request) {
  Plane* plane = planes_.Find(request.context());
  if (plane == nullptr) return nullptr;
  return plane->clusters().FromMemory(
      {NamespaceOf(request, *plane), request.name()});
}

void ClusterService::CreateCluster(const CallContext& context,
                                   const pb::CreateClusterRequest& request,
                                   Reply<pb::CreateClusterResponse> reply) {
  absl::StatusOr<Plane*> plane = planes_.Get(request.context());
  if (!plane.ok()) return reply(plane.status());
  absl::StatusOr<pb::CreateClusterResponse> response =
      Create(context, **plane, request);
  bool wait = response.ok() && request.wait() && !response->dry_run() &&
              !response->operation().done();
  if (!wait) return reply(std::move(response));
  WaitUntilReady(context, request, *std::move(response), std::move(reply));
}

absl::StatusOr<pb::CreateClusterResponse> ClusterService::Create(
    const CallContext& context, Plane& plane,
    const pb::CreateClusterRequest& request) {
  cnpg::ClusterSpec spec = SpecOf(request, NamespaceOf(request, plane),
                                  options_.default_postgres_version);
  nlohmann::json manifest = cnpg::ClusterManifest(spec);
  absl::StatusOr<kubernetes::Written> written =
      plane.api().Create(kClusters, spec.namespace_name, manifest,
                         {.dry_run = request.dry_run()}, UpstreamCall(context));
  if (absl::IsAlreadyExists(written.status())) {
    return AnswerForExisting(context, plane, spec.request_digest, request);
  }
  if (!written.ok()) return written.status();

  pb::CreateClusterResponse response;
  if (request.dry_run()) {
    response.set_dry_run(true);
    response.set_manifest(cnpg::ToYaml(manifest));
    response.set_summary(absl::StrCat(
        "Dry run: cluster ", spec.namespace_name, "/", spec.name,
        " would be created with ", Describe(spec), ". Nothing was changed."));
  } else {
    ASSIGN_OR_RETURN(cnpg::Cluster cluster,
                     cnpg::ReadCluster(JsonText(written->object)));
    plane.ledger().Wrote(kClusters.plural, {spec.namespace_name, spec.name},
                         cluster.meta.resource_version);
    response = CreatedAnswer(plane, cluster, spec);
  }
  for (std::string& warning : written->warnings) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

absl::StatusOr<pb::CreateClusterResponse> ClusterService::AnswerForExisting(
    const CallContext& context, Plane& plane, const std::string& digest,
    const pb::CreateClusterRequest& request) {
  cnpg::ClusterSpec spec = SpecOf(request, NamespaceOf(request, plane),
                                  options_.default_postgres_version);
  ObjectKey key{spec.namespace_name, spec.name};
  ASSIGN_OR_RETURN(ClusterPointer cluster,
                   plane.clusters().GetDirectly(key, UpstreamCall(context)));
  if (cluster == nullptr) {
    return cnpg::ClusterBeingDeleted(key.namespace_name, key.name);
  }
  if (spec.request_id.empty() || cluster->meta.request_id != spec.request_id) {
    return cluster->meta.deleting
               ? cnpg::ClusterBeingDeleted(key.namespace_name, key.name)
               : cnpg::ClusterExists(key.namespace_name, key.name);
  }
  if (cluster->meta.request_digest != digest) {
    return cnpg::RequestIdReused(
        spec.request_id,
        absl::StrCat("cluster ", key.namespace_name, "/", key.name));
  }
  return CreatedAnswer(plane, *cluster, spec);
}

void ClusterService::WaitUntilReady(const CallContext& context,
                                    const pb::CreateClusterRequest& request,
                                    pb::CreateClusterResponse response,
                                    Reply<pb::CreateClusterResponse> reply) {
  absl::StatusOr<Condition> condition =
      operations::DecodeName(response.operation().name());
  if (!condition.ok()) return reply(condition.status());
  int seconds =
      request.has_timeout() ? request.timeout() : 60 * condition->instances;
  absl::Duration timeout = absl::Seconds(std::clamp(seconds, 30, 600));
  absl::Time begin = options_.now();

  auto shared =
      std::make_shared<pb::CreateClusterResponse>(std::move(response));
  // A copy for the case that the wait cannot even begin.
  Reply<pb::CreateClusterResponse> fallback = reply;
  operations::WaitRequest wait;
  wait.condition = *condition;
  // The answer has to be on its way before the caller's own deadline.
  wait.deadline =
      std::min(begin + timeout, context.deadline - absl::Milliseconds(500));
  wait.cancelled = context.cancelled;
  wait.interrupted = context.draining();
  wait.on_end = [this, condition = *condition, begin, shared,
                 reply = std::move(reply)](Ending ending,
                                           const Evaluation& evaluation) {
    if (ending == Ending::kAbandoned) {
      return reply(absl::CancelledError("The call was cancelled."));
    }
    if (!evaluation.error.ok()) return reply(evaluation.error);
    ClusterPointer cluster;
    if (Plane* plane = planes_.Find(condition.context)) {
      cluster = plane->clusters().Remembered(
          {condition.namespace_name, condition.name});
    }
    if (cluster != nullptr) {
      *shared->mutable_cluster() = ToProto(*cluster, pb::DETAIL_LEVEL_CONCISE);
    }
    howdah::operations::v1::Operation* operation = shared->mutable_operation();
    operation->set_done(evaluation.done);
    operation->set_progress_percent(evaluation.progress_percent);
    operation->set_message(evaluation.message);
    if (evaluation.done && cluster != nullptr) {
      shared->set_summary(ReadySummary(*cluster));
    } else {
      int64_t waited = absl::ToInt64Seconds(options_.now() - begin);
      shared->set_summary(absl::StrCat(
          "Cluster ", condition.namespace_name, "/", condition.name,
          " was created but is not ready after ", waited, " s: ",
          evaluation.message.empty() ? "the operator has not begun yet."
                                     : evaluation.message,
          " The work goes on; get_cluster_status tells when it is ready."));
    }
    reply(std::move(*shared));
  };
  if (absl::Status status = waiter_.Wait(std::move(wait)); !status.ok()) {
    fallback(std::move(*shared));
  }
}

}  // namespace howdah::services
