// What all controllers share: the store, the machine, the clock, the log.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_ENVIRONMENT_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_ENVIRONMENT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/controllers/event_recorder.h"
#include "backend/local/controllers/instance_host.h"
#include "backend/local/object_store.h"
#include "backend/local/postgres/forwarder.h"
#include "backend/local/postgres/free_port.h"
#include "backend/local/postgres/installations.h"

namespace howdah::local::controllers {

// Writes one line: level ("info", "warning", "error"), what happened, and
// facts about it.
using LogFunction = std::function<void(
    absl::string_view level, absl::string_view message, const Json& facts)>;

// Everything it points to outlives the controllers.
struct Environment {
  ObjectStore& store;
  InstanceHost& host;
  postgres::Forwarder& forwarder;
  postgres::PortAllocator& ports;
  EventRecorder& events;
  // Looked up each time: PostgreSQL may be installed while the plane runs.
  std::function<postgres::Installations()> installations;
  // Operating-system users that may be `postgres` on the socket.
  std::vector<std::string> local_users;
  std::function<absl::Time()> now;
  LogFunction log;
  // Queues what depends on the primary of a cluster: roles and databases.
  std::function<void(const std::string& namespace_name,
                     const std::string& cluster)>
      primary_changed;
};

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_ENVIRONMENT_H_
