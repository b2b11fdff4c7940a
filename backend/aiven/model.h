// What Aiven tells, as values. Secrets of the API (passwords, keys, URIs with
// passwords) have no place in them: who reads an answer into these types cannot
// pass a secret on.
#ifndef HOWDAH_BACKEND_AIVEN_MODEL_H_
#define HOWDAH_BACKEND_AIVEN_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "backend/aiven/plan_tier.h"

namespace howdah::aiven {

using Tags = std::map<std::string, std::string>;

struct Project {
  std::string name;
  std::string organization_id;
  std::string account_id;
  std::string account_name;
  std::string billing_group_name;
  std::string default_cloud;
  std::string estimated_balance;
  std::string payment_method;
  // InfinitePast if there is none, as everywhere here.
  absl::Time trial_expiration = absl::InfinitePast();
  Tags tags;
};

struct Node {
  std::string name;
  std::string state;
  std::string role;
  std::string availability_zone;
  std::string progress;
};

struct Endpoint {
  std::string component;
  std::string host;
  int64_t port = 0;
  std::string route;
  std::string usage;
};

struct ConnectionPool {
  std::string name;
  std::string database;
  std::string user;
  std::string mode;
  int64_t size = 0;
};

struct Integration {
  std::string type;
  std::string source_service;
  std::string dest_service;
  bool active = false;
};

struct Update {
  std::string description;
  std::string impact;
  absl::Time deadline = absl::InfinitePast();
};

struct Service {
  std::string project;
  std::string name;
  // Type, state and cloud as Aiven writes them, new ones included.
  std::string type;
  std::string state;
  std::string plan;
  PlanTier tier = PlanTier::kOther;
  std::string cloud;
  std::string provider;
  std::string region;
  std::string version;
  int64_t node_count = 0;
  int64_t node_cpu_count = 0;
  double node_memory_mb = 0;
  int64_t disk_space_mb = 0;
  absl::Time created = absl::InfinitePast();
  absl::Time updated = absl::InfinitePast();
  // As a notice of the service has it.
  absl::Time end_of_life = absl::InfinitePast();
  std::string vpc_id;
  bool termination_protection = false;
  Tags tags;
  std::string maintenance_day;
  std::string maintenance_time;
  bool maintenance_enabled = true;
  std::vector<Update> updates;
  // From here on only in the answer about one service, not in lists.
  std::vector<Node> nodes;
  std::vector<Endpoint> endpoints;
  std::vector<std::string> users;
  std::vector<std::string> databases;
  std::vector<ConnectionPool> pools;
  std::vector<Integration> integrations;
  // Flattened, as name=value.
  std::vector<std::string> settings;
  std::vector<std::string> notices;
};

struct Event {
  absl::Time time = absl::InfinitePast();
  std::string type;
  std::string service;
  std::string actor;
  std::string description;
};

struct LogLine {
  absl::Time time = absl::InfinitePast();
  std::string severity;
  std::string unit;
  std::string message;
};

struct LogPage {
  std::vector<LogLine> lines;
  // Leads to the next page; empty if there is none.
  std::string offset;
};

struct MetricSeries {
  std::string metric;
  // Node, or whatever else the series is of.
  std::string label;
  // Without the points that have no value.
  std::vector<std::pair<absl::Time, double>> points;
};

using Metrics = std::vector<MetricSeries>;

struct ServiceVersion {
  std::string type;
  std::string major;
  absl::Time end_of_life = absl::InfinitePast();
};

// Where and as whom to connect, with the password: never shown, never logged.
struct ConnectionSecrets {
  std::string host;
  std::string port;
  std::string user;
  std::string password;
  std::string database;
  std::string ssl_mode;
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_MODEL_H_
