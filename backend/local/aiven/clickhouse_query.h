// The few queries that a ClickHouse of the sandbox answers: columns of the
// system tables `databases`, `tables`, `events` and `asynchronous_metrics` with
// one condition, and SELECT 1. Anything else is refused, never guessed.
//
//   ClickHouseAnswer(service, "SELECT value FROM system.events WHERE event = "
//                             "'InsertedRows'", now);
//   // {"meta":[{"name":"value","type":"UInt64"}],"data":[["…"]],"summary":{…}}
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_CLICKHOUSE_QUERY_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_CLICKHOUSE_QUERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

// 400 with ClickHouse's kind of message for what it does not know.
absl::StatusOr<Json> ClickHouseAnswer(const Service& service,
                                      const std::string& query, absl::Time now);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_CLICKHOUSE_QUERY_H_
