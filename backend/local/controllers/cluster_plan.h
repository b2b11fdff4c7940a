// Decides what to do next for a cluster: values in, values out.
//
//   Plan plan = MakePlan(view);
//   for (const Step& step : plan.steps) { ...carry out... }
//
// Level-triggered: it looks only at what is, never at how it came about, so a
// plane that was killed at any moment goes on from where things stand.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_PLAN_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_PLAN_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::local::controllers {

// One instance as observed now.
struct InstanceView {
  std::string name;
  int serial = 0;
  int port = 0;
  // A job for it is under way, or its last attempt failed a moment ago.
  bool busy = false;
  bool has_data = false;
  bool standby_on_disk = false;  // starts as a replica
  std::string follows;           // whom its files say it follows
  bool running = false;          // there is a postmaster
  // It ended without being asked to, while this plane watched.
  bool died = false;
  // There is a postmaster, but it has not answered for too long.
  bool hangs = false;
  int failed_starts = 0;
  bool answers = false;
  bool in_recovery = false;
  bool receiving = false;  // a replica with a live WAL receiver
  bool streaming = false;  // and its primary says that it has caught up
  // A replica that answers has not streamed for too long.
  bool stalled = false;
  uint64_t lsn = 0;
  int timeline = 0;
  bool has_replication_role = false;
  std::set<std::string> slots;
  bool configured = true;  // its files are as the spec says
  bool pending_restart = false;
  bool restart_asked = false;  // its Pod was deleted, or a restart annotated
  bool discard_asked = false;  // its volume claim was deleted
  bool fenced = false;
};

struct ClusterView {
  std::string name;
  int desired = 1;
  std::string current_primary;  // empty until the first is set up
  std::string target_primary;   // "pending": to be chosen
  bool initial_sql_done = false;
  bool hibernate = false;
  // Why no server can be started (no such version); empty if it can.
  std::string cannot_run;
  // What the user must change although everything runs, for example an image
  // of another version than wrote the data.
  std::string complaint;
  // What went wrong last with an instance, and whether the disk is full.
  std::string trouble;
  bool disk_full = false;
  std::vector<InstanceView> instances;  // by serial
};

enum class StepKind {
  kAddInstance,     // claim a volume and a Pod for a new instance
  kRemoveInstance,  // stop it and remove it with its data
  kBootstrap,       // initdb
  kInitialSql,      // replication role, application role and database
  kStart,
  kStop,
  kClone,   // pg_basebackup from upstream
  kRewind,  // pg_rewind from upstream, else clone
  kPromote,
  kFollow,        // upstream is whom
  kConfigure,     // write the files, reload
  kSyncSlots,     // exactly `slots`
  kEndProcesses,  // a server that hangs, or backends of one that died
};

struct Step {
  StepKind kind;
  std::string instance;
  std::string upstream = "";
  std::set<std::string> slots = {};
  bool operator==(const Step&) const = default;
};

struct Plan {
  std::vector<Step> steps;
  std::string phase;
  std::string phase_reason;
  std::string current_primary;
  std::string target_primary;
};

inline constexpr char kPendingPrimary[] = "pending";

inline constexpr char kPhaseHealthy[] = "Cluster in healthy state";
inline constexpr char kPhaseSettingUp[] = "Setting up primary";
inline constexpr char kPhaseCreatingReplica[] = "Creating a new replica";
inline constexpr char kPhaseFailingOver[] = "Failing over";
inline constexpr char kPhaseSwitchover[] = "Switchover in progress";
inline constexpr char kPhaseWaiting[] =
    "Waiting for the instances to become active";
inline constexpr char kPhaseApplying[] = "Applying configuration";
inline constexpr char kPhaseRestarting[] =
    "Primary instance is being restarted in-place";
inline constexpr char kPhaseUnrecoverable[] =
    "Cluster is unrecoverable and needs manual intervention";
inline constexpr char kPhaseUserAction[] = "Waiting for user action";
inline constexpr char kPhaseNoSpace[] = "Not enough disk space";

Plan MakePlan(const ClusterView& view);

// Whether it does its part: a primary answers, a replica streams.
bool IsReady(const InstanceView& instance, absl::string_view primary);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_PLAN_H_
