// Real PostgreSQL servers behind the services of type pg, each with its own
// data directory, port, users, databases and TLS; started when somebody asks
// for the credentials.
//
//   ASSIGN_OR_RETURN(auto servers, PostgresServers::Create(options));
//   ASSIGN_OR_RETURN(int port, servers->Serve(service));
//   // psql "host=127.0.0.1 port=… user=avnadmin dbname=defaultdb
//   //       sslmode=verify-ca sslrootcert=ca.pem"
//
// The version is the newest that is installed, whatever the service says.
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_POSTGRES_SERVERS_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_POSTGRES_SERVERS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/local/aiven/database_servers.h"

namespace howdah::local::aiven {

struct PostgresServersOptions {
  // What an earlier sandbox left there is removed.
  std::string data_dir;
  std::string certificate_pem;
  std::string private_key_pem;
};

// Threads: safe; calls for one service wait for each other.
// Owns: the server processes and their data, which end with it.
class PostgresServers final : public DatabaseServers {
 public:
  static absl::StatusOr<std::unique_ptr<PostgresServers>> Create(
      const PostgresServersOptions& options);
  ~PostgresServers() override;

  bool Serves(const std::string& service_type) const override;
  int PortFor(const Service& service) override;
  absl::StatusOr<int> Serve(const Service& service) override;
  absl::Status Update(const Service& service) override;
  void PowerOff(const Service& service) override;
  void Remove(const Service& service) override;

  // What starts is given up; then all servers end.
  void Stop();

 private:
  class Impl;
  explicit PostgresServers(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_POSTGRES_SERVERS_H_
