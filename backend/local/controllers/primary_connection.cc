#include "backend/local/controllers/primary_connection.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::controllers {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);

}  // namespace

absl::StatusOr<postgres::Connection> Primary::Connect(
    const std::string& database) const {
  ASSIGN_OR_RETURN(postgres::Connection connection,
                   postgres::Connection::Open(endpoint, database, kTimeout));
  ASSIGN_OR_RETURN(postgres::Rows rows,
                   connection.Query("SELECT pg_catalog.pg_is_in_recovery()"));
  if (rows.size() != 1 || rows[0][0] != "f") {
    return postgres::ServerUnavailable("the server is not the primary now");
  }
  return connection;
}

absl::StatusOr<Primary> FindPrimary(Environment& environment,
                                    const std::string& namespace_name,
                                    const std::string& cluster) {
  Primary primary;
  ASSIGN_OR_RETURN(primary.cluster,
                   environment.store.Get(kClusters, namespace_name, cluster));
  const std::string name =
      Text(Child(primary.cluster, "status"), "currentPrimary");
  if (name.empty()) {
    return postgres::ServerUnavailable(
        absl::StrCat("cluster ", cluster, " has no primary yet"));
  }
  const std::string uid = Text(Metadata(primary.cluster), "uid");
  primary.endpoint = environment.host.EndpointOf(
      {{namespace_name, cluster, ShortUid(uid)}, name});
  return primary;
}

}  // namespace howdah::local::controllers
