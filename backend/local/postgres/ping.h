// Whether somebody listens behind a server's socket: what `pg_isready` asks,
// without a login.
//
//   if (!Ping(endpoint, absl::Seconds(1))) { ...the postmaster hangs... }
//
// A server that starts, recovers, shuts down or has no connection left answers
// too; a stopped or stuck one does not.
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_PING_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_PING_H_

#include "absl/time/time.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::postgres {

bool Ping(const Endpoint& endpoint, absl::Duration timeout);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_PING_H_
