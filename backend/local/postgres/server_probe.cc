#include "backend/local/postgres/server_probe.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::postgres {
namespace {

// pg_control_checkpoint() gives the timeline of the last checkpoint, which lags
// behind a promotion; the WAL file name (primary) and the receiver (replica)
// do not.
constexpr char kProbeSql[] = R"sql(
SELECT r.in_recovery,
  coalesce((SELECT status = 'streaming' FROM pg_catalog.pg_stat_wal_receiver
            LIMIT 1), false),
  (CASE WHEN r.in_recovery THEN
     greatest(pg_catalog.pg_last_wal_receive_lsn(),
              pg_catalog.pg_last_wal_replay_lsn())
   ELSE pg_catalog.pg_current_wal_lsn() END
   - '0/0'::pg_catalog.pg_lsn)::bigint,
  CASE WHEN r.in_recovery THEN
    coalesce((SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver LIMIT 1),
             (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()))
  ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(
          pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
  (SELECT system_identifier FROM pg_catalog.pg_control_system()),
  EXISTS (SELECT FROM pg_catalog.pg_settings WHERE pending_restart),
  (SELECT pg_catalog.string_agg(slot_name, ',')
   FROM pg_catalog.pg_replication_slots WHERE slot_name LIKE '\_cnpg\_%'),
  EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'streaming_replica'),
  (SELECT pg_catalog.string_agg(application_name, ',')
   FROM pg_catalog.pg_stat_replication WHERE state = 'streaming')
FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) AS r
)sql";

bool IsTrue(const std::optional<std::string>& value) { return value == "t"; }

}  // namespace

absl::StatusOr<ServerState> Probe(const Endpoint& endpoint,
                                  absl::Duration timeout) {
  ASSIGN_OR_RETURN(Connection connection,
                   Connection::Open(endpoint, "postgres", timeout));
  ASSIGN_OR_RETURN(Rows rows, connection.Query(kProbeSql));
  if (rows.size() != 1 || rows[0].size() != 9) {
    return ServerUnavailable("the server answers nonsense");
  }
  const Row& row = rows[0];
  ServerState state;
  state.in_recovery = IsTrue(row[0]);
  state.receiving = IsTrue(row[1]);
  if (row[2].has_value() && !absl::SimpleAtoi(*row[2], &state.lsn)) {
    state.lsn = 0;
  }
  if (row[3].has_value() && !absl::SimpleAtoi(*row[3], &state.timeline)) {
    state.timeline = 0;
  }
  state.system_id = row[4].value_or("");
  state.pending_restart = IsTrue(row[5]);
  if (row[6].has_value()) state.slots = absl::StrSplit(*row[6], ',');
  state.has_replication_role = IsTrue(row[7]);
  if (row[8].has_value()) state.streaming = absl::StrSplit(*row[8], ',');
  return state;
}

}  // namespace howdah::local::postgres
