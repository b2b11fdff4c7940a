#include "backend/local/controllers/cluster_controller.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backend/local/controllers/initial_sql.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

using postgres::InstanceFiles;

// How soon to look again while something is under way, and when all is well.
constexpr absl::Duration kSoon = absl::Milliseconds(100);
constexpr absl::Duration kSlowly = absl::Seconds(2);
constexpr absl::Duration kLater = absl::Seconds(10);
constexpr absl::Duration kPromoteTimeout = absl::Minutes(2);
// The reason that a client writes beside the phase to ask for a restart.
constexpr char kRequestedByUser[] = "Requested by the user";
constexpr char kInitialSqlNote[] = "initial-sql-done";

int SerialOf(const std::string& cluster, const std::string& instance) {
  int serial = 0;
  absl::string_view rest = instance;
  if (!absl::ConsumePrefix(&rest, absl::StrCat(cluster, "-")) ||
      !absl::SimpleAtoi(rest, &serial)) {
    return 0;
  }
  return serial;
}

absl::Status Promote(const postgres::Endpoint& endpoint) {
  ASSIGN_OR_RETURN(
      postgres::Connection connection,
      postgres::Connection::Open(endpoint, "postgres", kPromoteTimeout));
  ASSIGN_OR_RETURN(postgres::Rows rows,
                   connection.Query("SELECT pg_catalog.pg_is_in_recovery()"));
  if (rows.at(0).at(0) == "t") {
    RETURN_IF_ERROR(
        connection.Execute("SELECT pg_catalog.pg_promote(true, 100)"));
  }
  // pg_rewind reads the timeline from the last checkpoint.
  return connection.Execute("CHECKPOINT");
}

absl::Status SyncSlots(const postgres::Endpoint& endpoint,
                       const std::set<std::string>& wanted) {
  ASSIGN_OR_RETURN(
      postgres::Connection connection,
      postgres::Connection::Open(endpoint, "postgres", absl::Seconds(10)));
  ASSIGN_OR_RETURN(postgres::Rows rows,
                   connection.Query("SELECT slot_name, active FROM "
                                    "pg_catalog.pg_replication_slots "
                                    "WHERE slot_name LIKE '\\_cnpg\\_%'"));
  std::set<std::string> missing = wanted;
  for (const postgres::Row& row : rows) {
    const std::string& slot = *row[0];
    missing.erase(slot);
    if (wanted.count(slot) == 0 && row[1] != "t") {
      RETURN_IF_ERROR(
          connection
              .Query("SELECT pg_catalog.pg_drop_replication_slot($1)", {slot})
              .status());
    }
  }
  for (const std::string& slot : missing) {
    RETURN_IF_ERROR(
        connection
            .Query("SELECT "
                   "pg_catalog.pg_create_physical_replication_slot($1, true)",
                   {slot})
            .status());
  }
  return absl::OkStatus();
}

// Whether a step is under way that a person would wait for.
bool IsSettled(const Plan& plan, const ClusterView& view) {
  if (!plan.steps.empty() || plan.phase != kPhaseHealthy) return false;
  return std::none_of(view.instances.begin(), view.instances.end(),
                      [](const InstanceView& i) { return i.busy; });
}

// What the primaries among them say.
std::set<std::string> StreamingReplicas(const ClusterRound& round) {
  std::set<std::string> names;
  for (const auto& [name, facts] : round.facts) {
    if (!facts.server.has_value() || facts.server->in_recovery) continue;
    names.insert(facts.server->streaming.begin(),
                 facts.server->streaming.end());
  }
  return names;
}

}  // namespace

ClusterController::ClusterController(Environment& environment)
    : environment_(environment), writer_(environment) {}

absl::StatusOr<Again> ClusterController::Reconcile(
    const std::string& namespace_name, const std::string& name) {
  absl::StatusOr<Json> object =
      environment_.store.Get(kClusters, namespace_name, name);
  if (absl::IsNotFound(object.status())) {
    services_.Close(environment_, namespace_name, name);
    return RemoveOld(namespace_name, name, "");
  }
  RETURN_IF_ERROR(object.status());
  ClusterRound round;
  round.object = *std::move(object);
  round.spec = ParseCluster(round.object);
  round.id = {namespace_name, name, ShortUid(round.spec.uid)};
  Again removal = RemoveOld(namespace_name, name, round.id.uid);
  if (Metadata(round.object).contains("deletionTimestamp")) {
    return removal;  // a foreground deletion: the children go first
  }
  if (round.spec.reconciliation_disabled) return Again(kLater);
  RETURN_IF_ERROR(services_.Ensure(environment_, round.spec));
  ChooseInstallation(round);
  writer_.NoticeDeletions(round);
  Observe(round);
  round.seen.plan = MakePlan(round.seen.view);
  absl::Status failed;
  for (const Step& step : round.seen.plan.steps) {
    absl::Status status = CarryOut(round, step);
    if (!status.ok()) {
      environment_.log("warning", "a step failed",
                       {{"cluster", name},
                        {"instance", step.instance},
                        {"error", std::string(status.message())}});
      failed.Update(status);
    }
  }
  services_.Route(environment_, round.spec, round.seen.view,
                  round.seen.plan.current_primary);
  absl::Status written = writer_.Write(round);
  // Deleted or changed meanwhile: look again.
  if (absl::IsNotFound(written) || absl::IsAborted(written)) {
    return Again(kSoon);
  }
  RETURN_IF_ERROR(written);
  if (round.seen.plan.current_primary != round.seen.view.current_primary) {
    environment_.primary_changed(namespace_name, name);
  }
  RETURN_IF_ERROR(failed);
  if (removal.has_value()) return removal;
  return Again(NextLook(round));
}

// Soon while things move, ever later while nothing does.
absl::Duration ClusterController::NextLook(const ClusterRound& round) {
  const Observation& seen = round.seen;
  absl::MutexLock lock(&mutex_);
  if (!seen.view.cannot_run.empty() || IsSettled(seen.plan, seen.view)) {
    progress_.erase(round.id);
    return kLater;
  }
  std::string picture = absl::StrCat(seen.plan.phase, seen.plan.phase_reason);
  for (const auto& [name, facts] : round.facts) {
    absl::StrAppend(&picture, name, facts.pid, facts.failures, facts.job_runs,
                    facts.server.has_value());
  }
  const absl::Time now = environment_.now();
  Progress& progress = progress_[round.id];
  if (progress.picture != picture) progress = {picture, now};
  return std::clamp((now - progress.since) / 20, kSoon, kSlowly);
}

Again ClusterController::RemoveOld(const std::string& namespace_name,
                                   const std::string& name,
                                   const std::string& except_uid) {
  Again again;
  for (const ClusterId& id : environment_.host.ClustersOnDisk()) {
    if (id.namespace_name != namespace_name || id.name != name ||
        id.uid == except_uid) {
      continue;
    }
    for (const std::string& instance : environment_.host.Instances(id)) {
      environment_.host.Discard({id, instance});
      again = kSoon;
    }
  }
  return again;
}

void ClusterController::ChooseInstallation(ClusterRound& round) {
  const postgres::Installations all = environment_.installations();
  ClusterView& view = round.seen.view;
  int written_by = 0;
  for (const std::string& name : environment_.host.Instances(round.id)) {
    int major = environment_.host.Files(round.Instance(name)).DataMajor();
    written_by = std::max(written_by, major);
  }
  absl::StatusOr<postgres::Installation> asked =
      postgres::Choose(all, round.spec.image);
  round.installation = asked;
  // Data can only be run by the version that wrote it.
  if (written_by != 0 && (!asked.ok() || asked->major != written_by)) {
    round.installation = postgres::ChooseMajor(all, written_by);
    view.complaint =
        asked.ok() ? absl::StrCat("the data was written by PostgreSQL ",
                                  written_by, "; upgrading it to PostgreSQL ",
                                  asked->major, " is not supported")
                   : std::string(asked.status().message());
  }
  if (!round.installation.ok()) {
    view.cannot_run = std::string(round.installation.status().message());
  }
  round.seen.image = round.spec.image;
  if (round.installation.ok() &&
      (round.seen.image.empty() || !view.complaint.empty())) {
    round.seen.image = postgres::ImageOf(*round.installation);
  }
}

postgres::ServerSettings ClusterController::SettingsOf(
    const ClusterRound& round, const InstanceId& id) {
  postgres::ServerSettings settings;
  settings.cluster_name = id.name;
  settings.endpoint = environment_.host.EndpointOf(id);
  settings.parameters = round.spec.parameters;
  settings.shared_preload_libraries = round.spec.shared_preload_libraries;
  settings.hba_lines = round.spec.hba_lines;
  settings.local_users = environment_.local_users;
  return settings;
}

InstanceView ClusterController::ViewOf(ClusterRound& round,
                                       const InstanceId& id) {
  const InstanceFacts facts =
      environment_.host.Observe(id, round.spec.liveness_timeout);
  InstanceFiles& files = environment_.host.Files(id);
  InstanceView instance;
  instance.name = id.name;
  instance.serial = SerialOf(round.spec.name, id.name);
  instance.port = facts.port;
  instance.busy = facts.busy;
  instance.has_data = facts.has_data;
  instance.standby_on_disk = facts.standby_on_disk;
  instance.follows = facts.follows;
  instance.running = facts.pid != 0;
  instance.died = facts.died;
  instance.hangs = facts.hangs;
  instance.failed_starts = facts.failed_starts;
  instance.stalled = facts.stalled;
  instance.restart_asked =
      facts.restart_asked ||
      (instance.running && facts.started < round.spec.restarted_at);
  instance.discard_asked = facts.discard_asked;
  instance.fenced = round.spec.IsFenced(id.name);
  instance.configured =
      !facts.has_data || files.IsConfigured(SettingsOf(round, id));
  if (facts.server.has_value()) {
    const postgres::ServerState& server = *facts.server;
    instance.answers = true;
    instance.in_recovery = server.in_recovery;
    instance.receiving = server.receiving;
    instance.lsn = server.lsn;
    instance.timeline = server.timeline;
    instance.has_replication_role = server.has_replication_role;
    instance.slots = server.slots;
    instance.pending_restart = server.pending_restart;
    round.seen.system_id = server.system_id;
    if (round.installation.ok()) round.seen.major = round.installation->major;
  }
  if (id.name == round.seen.view.target_primary) {
    round.seen.view.initial_sql_done =
        files.ReadNote(kInitialSqlNote).has_value();
  }
  if (!facts.last_error.empty() && !instance.answers) {
    round.seen.view.trouble = absl::StrCat(id.name, ": ", facts.last_error);
    round.seen.view.disk_full |= facts.disk_full;
  }
  round.facts[id.name] = facts;
  return instance;
}

void ClusterController::Observe(ClusterRound& round) {
  ClusterView& view = round.seen.view;
  const Json& status = Child(round.object, "status");
  view.name = round.spec.name;
  view.desired = round.spec.instances;
  view.current_primary = Text(status, "currentPrimary");
  view.target_primary = Text(status, "targetPrimary");
  view.hibernate = round.spec.hibernate;
  if (Text(status, "phase") == kPhaseRestarting &&
      Text(status, "phaseReason") == kRequestedByUser &&
      !view.current_primary.empty()) {
    environment_.host.AskRestart(round.Instance(view.current_primary));
  }
  for (const std::string& name : environment_.host.Instances(round.id)) {
    view.instances.push_back(ViewOf(round, round.Instance(name)));
  }
  const std::set<std::string> streaming = StreamingReplicas(round);
  for (InstanceView& instance : view.instances) {
    instance.streaming =
        instance.receiving && streaming.count(instance.name) > 0;
  }
  std::sort(view.instances.begin(), view.instances.end(),
            [](const InstanceView& a, const InstanceView& b) {
              return a.serial < b.serial;
            });
}

absl::Status ClusterController::Start(ClusterRound& round,
                                      const InstanceId& id) {
  RETURN_IF_ERROR(environment_.host.EnsurePort(id));
  RETURN_IF_ERROR(
      environment_.host.Files(id).Configure(SettingsOf(round, id)).status());
  return environment_.host.Start(id, *round.installation);
}

void ClusterController::LaunchInitialSql(ClusterRound& round,
                                         const InstanceId& id) {
  InitialSetup setup;
  setup.app_database = round.spec.app_database;
  setup.app_owner = round.spec.app_owner;
  setup.post_init_sql = round.spec.post_init_sql;
  setup.post_init_application_sql = round.spec.post_init_application_sql;
  const std::string ns = round.spec.namespace_name;
  const std::string secret_name = round.spec.app_secret;
  environment_.host.Launch(
      id, [this, setup, ns, secret_name,
           endpoint = environment_.host.EndpointOf(id)](
              InstanceFiles& files, const std::atomic<bool>&) mutable {
        absl::StatusOr<Json> secret =
            environment_.store.Get(kSecrets, ns, secret_name);
        if (!secret.ok()) {
          return absl::NotFoundError(
              absl::StrCat("Secret ", secret_name, " does not exist"));
        }
        setup.app_password = SecretValue(*secret, "password");
        RETURN_IF_ERROR(RunInitialSql(endpoint, setup));
        return files.WriteNote(kInitialSqlNote, "");
      });
}

absl::Status ClusterController::CarryOut(ClusterRound& round,
                                         const Step& step) {
  InstanceHost& host = environment_.host;
  const InstanceId id = round.Instance(step.instance);
  const postgres::Upstream upstream = {
      step.upstream, step.upstream.empty()
                         ? postgres::Endpoint()
                         : host.EndpointOf(round.Instance(step.upstream))};
  auto with_files = [&](auto&& work) {
    host.Launch(id, [work, settings = SettingsOf(round, id), upstream, id,
                     installation = *round.installation](
                        InstanceFiles& files,
                        const std::atomic<bool>& cancelled) {
      return work(files, installation, upstream, id.name, settings, cancelled);
    });
    return absl::OkStatus();
  };
  switch (step.kind) {
    case StepKind::kAddInstance:
      return host.Add(id);
    case StepKind::kRemoveInstance:
      host.Discard(id);
      return absl::OkStatus();
    case StepKind::kBootstrap:
      return with_files([init = round.spec.init](
                            InstanceFiles& files, const auto& installation,
                            const auto&, const std::string&,
                            const auto& settings, const auto& cancelled) {
        return files.Initialise(installation, init, settings, cancelled);
      });
    case StepKind::kInitialSql:
      LaunchInitialSql(round, id);
      return absl::OkStatus();
    case StepKind::kStart:
      return Start(round, id);
    case StepKind::kStop:
      host.StopServer(id);
      return absl::OkStatus();
    case StepKind::kClone:
      return with_files([](InstanceFiles& files, const auto& installation,
                           const auto& from, const std::string& name,
                           const auto& settings, const auto& cancelled) {
        return files.CloneFrom(installation, from, name, settings, cancelled);
      });
    case StepKind::kRewind:
      return with_files([](InstanceFiles& files, const auto& installation,
                           const auto& from, const std::string& name,
                           const auto& settings, const auto& cancelled) {
        absl::Status rewound =
            files.Rewind(installation, from, name, settings, cancelled);
        if (rewound.ok() || cancelled.load()) return rewound;
        return files.CloneFrom(installation, from, name, settings, cancelled);
      });
    case StepKind::kPromote:
      host.Launch(id, [endpoint = host.EndpointOf(id)](
                          InstanceFiles&, const std::atomic<bool>&) {
        return Promote(endpoint);
      });
      return absl::OkStatus();
    case StepKind::kFollow:
      RETURN_IF_ERROR(host.Files(id).Follow(id.name, upstream).status());
      host.Reload(id);
      return absl::OkStatus();
    case StepKind::kConfigure:
      RETURN_IF_ERROR(host.Files(id).Configure(SettingsOf(round, id)).status());
      host.Reload(id);
      return absl::OkStatus();
    case StepKind::kSyncSlots:
      return SyncSlots(host.EndpointOf(id), step.slots);
    case StepKind::kEndProcesses:
      return host.Files(id).EndProcesses();
  }
  return absl::OkStatus();
}

}  // namespace howdah::local::controllers
