// The projects and services of the sandbox, as values.
//
//   Fleet fleet = SeedFleet(now);
//   Service* service = fleet.Find("analytics-prod", "analytics-pg-prod");
//   StateAt(*service, now);  // ServiceState::kRunning
//
// Nothing runs in the background: what a service is doing follows from what was
// asked of it, when, and the time that it is looked at.
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_FLEET_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_FLEET_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace howdah::local::aiven {

using Json = nlohmann::json;
using Tags = std::map<std::string, std::string>;

// The sample of the service that has the most to show; else it is a team's
// name.
inline constexpr char kWarehouseSample[] = "warehouse";

struct Project {
  std::string name;
  std::string organization_id;
  std::string organization_name;
  std::string default_cloud;
  Tags tags;
};

struct ServiceUser {
  std::string name;
  bool is_primary = false;
  std::string password;
  absl::Time password_updated;
};

struct ConnectionPool {
  std::string name;
  std::string database;
  std::string mode = "transaction";
  int size = 10;
  std::string username;
};

enum class ServiceState { kRunning, kRebuilding, kRebalancing, kPowerOff };

// What a service goes through after a change, until it runs.
struct Transition {
  ServiceState state = ServiceState::kRebuilding;
  absl::Time start;
  absl::Duration length;
};

struct MaintenanceUpdate {
  std::string description;
  absl::Time deadline;
};

struct Service {
  std::string project;
  std::string name;
  std::string type;
  std::string plan;
  std::string cloud;
  std::string version;  // major
  Tags tags;
  absl::Time created;
  absl::Time updated;
  bool powered = true;
  std::optional<Transition> transition;
  bool termination_protection = false;
  std::optional<std::string> vpc_id;
  std::string maintenance_day = "sunday";
  std::string maintenance_time = "03:00:00";
  std::vector<MaintenanceUpdate> updates;
  int disk_space_mb = 0;
  // 0 where nothing can listen.
  int port = 0;
  std::vector<ServiceUser> users;
  std::vector<std::string> databases;
  std::vector<ConnectionPool> pools;
  // What its databases begin with (database_seed.h); empty: nothing.
  std::string sample;
  Json user_config = Json::object();
};

struct Event {
  std::string id;
  absl::Time time;
  std::string project;
  std::string actor;
  std::string type;
  std::string description;
  std::string service;  // empty for one of the project
};

// Threads: not safe. Owns: everything in it.
struct Fleet {
  absl::Time started;
  // Both in the order in which Aiven lists them: by name.
  std::map<std::string, Project> projects;
  std::map<std::pair<std::string, std::string>, Service> services;
  // Oldest first.
  std::vector<Event> events;

  Service* Find(const std::string& project, const std::string& service);
  std::vector<const Service*> ServicesOf(const std::string& project) const;
  void Record(Event event);
};

ServiceState StateAt(const Service& service, absl::Time now);
absl::string_view StateName(ServiceState state);

// The end of life of a service's version; unset if none is announced.
std::optional<absl::Time> EndOfLife(const Service& service, absl::Time started);

// A password as Aiven makes them, always the same for the same input.
std::string MakePassword(absl::string_view secret, absl::string_view what);

// The same number for the same text in every build.
uint64_t StableHash(absl::string_view text);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_FLEET_H_
