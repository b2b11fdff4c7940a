#include "backend/services/changes_service.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "backend/services/namespaces.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::changes::v1;
using Kind = ChangeSubject::Kind;

// More are told as "anything".
constexpr int kMostChanges = 256;

pb::Kind ToProto(Kind kind) {
  switch (kind) {
    case Kind::kCluster:
      return pb::KIND_CLUSTER;
    case Kind::kRole:
      return pb::KIND_ROLE;
    case Kind::kDatabase:
      return pb::KIND_DATABASE;
  }
  return pb::KIND_UNSPECIFIED;
}

std::set<Kind> KindsOf(const pb::WatchChangesRequest& request) {
  std::set<Kind> kinds;
  for (const Kind kind : {Kind::kCluster, Kind::kRole, Kind::kDatabase}) {
    for (const int wanted : request.kinds()) {
      if (wanted == ToProto(kind)) kinds.insert(kind);
    }
  }
  if (kinds.empty()) return {Kind::kCluster, Kind::kRole, Kind::kDatabase};
  return kinds;
}

void Bound(pb::WatchChangesResponse& response) {
  if (response.changes_size() > kMostChanges) response.set_anything(true);
  if (response.anything()) response.clear_changes();
}

pb::WatchChangesResponse ToProto(const Changes& changes) {
  pb::WatchChangesResponse response;
  response.set_anything(changes.anything);
  for (const auto& [subject, fate] : changes.subjects) {
    pb::Change& change = *response.add_changes();
    change.set_kind(ToProto(subject.kind));
    change.set_namespace_(subject.namespace_name);
    change.set_cluster_name(subject.cluster_name);
    change.set_gone(fate.gone);
  }
  Bound(response);
  return response;
}

absl::Status WatchImpossible() {
  return support::ErrorBuilder(absl::StatusCode::kUnavailable,
                               "WATCH_IMPOSSIBLE", support::kPostgresDomain)
      .Message(
          "Changes cannot be watched now: the Kubernetes API does not let this "
          "server list and watch all objects of that type, or does not answer. "
          "Read from time to time instead.")
      .RetryAfter(absl::Seconds(30))
      .Build();
}

// Starts the cache, for a caller who may read what it has.
template <typename T>
absl::Status Begin(ObjectReader<T>& reader, const std::string& namespace_name,
                   const kubernetes::Call& call) {
  RETURN_IF_ERROR(reader.AwaitPicture(namespace_name, call));
  return reader.cache().Get() == nullptr ? WatchImpossible() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Listening> ChangesService::Prepare(const CallContext& context,
                                                  const Request& request) {
  ASSIGN_OR_RETURN(Plane * plane, planes_.Get(request.context()));
  Listening listening;
  listening.plane = plane;
  listening.namespace_name =
      ScopeOf(request.namespace_(), *plane).namespace_name;
  listening.cluster_name = request.cluster_name();
  listening.kinds = KindsOf(request);
  listening.cancelled = context.cancelled;

  const std::string& space = listening.namespace_name;
  const kubernetes::Call call = UpstreamCall(context);
  // Inline roles are part of their clusters, and what a cluster takes with it
  // is seen by the cluster's end.
  RETURN_IF_ERROR(Begin(plane->clusters(), space, call));
  if (listening.kinds.contains(Kind::kDatabase)) {
    RETURN_IF_ERROR(Begin(plane->databases(), space, call));
  }
  if (listening.kinds.contains(Kind::kRole)) {
    ASSIGN_OR_RETURN(const bool has_role_objects,
                     plane->api().Serves(kubernetes::kDatabaseRoles, call));
    if (has_role_objects) {
      RETURN_IF_ERROR(Begin(plane->database_roles(), space, call));
    }
  }
  return listening;
}

void ChangesService::WatchChanges(
    const CallContext& context, const Request& request,
    std::shared_ptr<StreamReply<Response>> stream) {
  absl::StatusOr<Listening> listening = Prepare(context, request);
  if (!listening.ok()) return stream->Finish(listening.status());
  listening->on_changes = [stream](const Changes& changes) {
    stream->Send(ToProto(changes));
  };
  listening->on_end = [stream](const absl::Status& why) {
    stream->Finish(why);
  };
  const absl::Status begun = feed_.Listen(*std::move(listening));
  if (!begun.ok()) return stream->Finish(begun);
  // Says that the watch is on, so it comes after.
  stream->Send(Response());
}

void ChangesService::Merge(Response& waiting, const Response& newer) {
  using Subject = std::tuple<int, std::string, std::string>;
  std::map<Subject, pb::Change*> known;
  for (pb::Change& change : *waiting.mutable_changes()) {
    known[{change.kind(), change.namespace_(), change.cluster_name()}] =
        &change;
  }
  for (const pb::Change& change : newer.changes()) {
    const auto found =
        known.find({change.kind(), change.namespace_(), change.cluster_name()});
    if (found != known.end()) {
      *found->second = change;
    } else {
      *waiting.add_changes() = change;
    }
  }
  if (newer.anything()) waiting.set_anything(true);
  Bound(waiting);
}

}  // namespace howdah::services
