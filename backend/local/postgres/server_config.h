// The configuration files of one instance, as text.
//
//   WriteFile(dir + "/custom.conf", RenderCustomConf(settings));
//
// Like CloudNativePG's: custom.conf has the parameters, override.conf whom a
// replica follows; postgresql.conf includes both and is not touched again.
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_CONFIG_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/local/postgres/connection.h"

namespace howdah::local::postgres {

// The role that replicas connect as.
inline constexpr char kReplicationRole[] = "streaming_replica";

struct ServerSettings {
  std::string cluster_name;
  Endpoint endpoint;
  // What the user asked for; the fixed parameters win over it.
  std::map<std::string, std::string> parameters;
  std::vector<std::string> shared_preload_libraries;
  // Lines to put before the last, general rule.
  std::vector<std::string> hba_lines;
  // Operating-system users that are `postgres` on the socket.
  std::vector<std::string> local_users;
};

std::string RenderCustomConf(const ServerSettings& settings);
std::string RenderHba(const ServerSettings& settings);
std::string RenderIdent(const ServerSettings& settings);

// What a replica follows.
struct Upstream {
  std::string instance;  // the primary's name, for people who read the file
  Endpoint endpoint;
};
std::string RenderOverrideConf(absl::string_view own_name,
                               const Upstream& upstream);

// The replication slot of an instance on the primary, as the operator names it.
std::string SlotName(absl::string_view instance);

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_SERVER_CONFIG_H_
