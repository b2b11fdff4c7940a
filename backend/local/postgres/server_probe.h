// What a running server says about itself.
//
//   absl::StatusOr<ServerState> state = Probe(endpoint, absl::Seconds(2));
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_PROBE_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_PROBE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::postgres {

struct ServerState {
  bool in_recovery = false;
  // Of a replica: whether its WAL receiver is connected.
  bool receiving = false;
  // Written (primary) or received and replayed, whichever is further (replica).
  uint64_t lsn = 0;
  int timeline = 0;
  std::string system_id;
  // A changed parameter waits for a restart.
  bool pending_restart = false;
  // Of a primary: the replicas that have caught up and stream.
  std::set<std::string> streaming;
  // Of a primary: slots of the plane that exist.
  std::set<std::string> slots;
  bool has_replication_role = false;
};

// UNAVAILABLE if it does not answer or still starts.
absl::StatusOr<ServerState> Probe(const Endpoint& endpoint,
                                  absl::Duration timeout);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_PROBE_H_
