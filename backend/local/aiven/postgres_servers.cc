#include "backend/local/aiven/postgres_servers.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "backend/local/aiven/api_error.h"
#include "backend/local/aiven/database_seed.h"
#include "backend/local/plane_log.h"
#include "backend/local/postgres/cluster_root.h"
#include "backend/local/postgres/connection.h"
#include "backend/local/postgres/free_port.h"
#include "backend/local/postgres/installations.h"
#include "backend/local/postgres/instance_files.h"
#include "backend/local/postgres/os_user.h"
#include "backend/local/postgres/process_watcher.h"
#include "backend/local/postgres/server_config.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

using postgres::Connection;

constexpr char kInstallations[] = "/usr/lib/postgresql";
constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kStopTimeout = absl::Seconds(20);
constexpr absl::Duration kStatementTimeout = absl::Seconds(30);
constexpr absl::Duration kBetweenTries = absl::Milliseconds(20);

using Key = std::pair<std::string, std::string>;

Key KeyOf(const Service& service) { return {service.project, service.name}; }

// Whether a role is the service's, not the server's.
bool IsOwnRole(absl::string_view name) {
  return name != "postgres" && name != postgres::kReplicationRole &&
         !absl::StartsWith(name, "pg_");
}

absl::StatusOr<std::set<std::string>> Names(Connection& db,
                                            absl::string_view query) {
  ASSIGN_OR_RETURN(postgres::Rows rows, db.Query(query));
  std::set<std::string> names;
  for (const postgres::Row& row : rows) names.insert(row[0].value_or(""));
  return names;
}

// Creates and changes roles until they are those of the service. The primary
// one may make others and databases, but is no superuser, as at Aiven.
absl::Status MakeRoles(Connection& db, const Service& service) {
  ASSIGN_OR_RETURN(std::set<std::string> present,
                   Names(db, "SELECT rolname FROM pg_roles"));
  for (const ServiceUser& user : service.users) {
    std::string role = db.Identifier(user.name);
    if (present.count(user.name) == 0) {
      RETURN_IF_ERROR(db.Execute(absl::StrCat(
          "CREATE ROLE ", role, " LOGIN",
          user.is_primary ? " CREATEDB CREATEROLE REPLICATION" : "")));
      if (user.is_primary) {
        RETURN_IF_ERROR(db.Execute(absl::StrCat("GRANT pg_monitor TO ", role)));
      }
    }
    ASSIGN_OR_RETURN(std::string verifier,
                     db.EncryptPassword(user.name, user.password));
    RETURN_IF_ERROR(db.Execute(
        absl::StrCat("ALTER ROLE ", role, " PASSWORD ", db.Literal(verifier))));
  }
  return absl::OkStatus();
}

absl::Status MakeDatabases(Connection& db, const Service& service) {
  // Aiven keeps the database of its own work to itself.
  RETURN_IF_ERROR(
      db.Execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"));
  ASSIGN_OR_RETURN(std::set<std::string> present,
                   Names(db,
                         "SELECT datname FROM pg_database WHERE NOT "
                         "datistemplate AND datname <> 'postgres'"));
  std::string owner = db.Identifier(service.users.front().name);
  for (const std::string& name : service.databases) {
    if (present.erase(name) > 0) continue;
    RETURN_IF_ERROR(db.Execute(absl::StrCat(
        "CREATE DATABASE ", db.Identifier(name), " OWNER ", owner)));
  }
  for (const std::string& name : present) {
    RETURN_IF_ERROR(db.Execute(
        absl::StrCat("DROP DATABASE ", db.Identifier(name), " WITH (FORCE)")));
  }
  return absl::OkStatus();
}

}  // namespace

class PostgresServers::Impl {
 public:
  Impl(const PostgresServersOptions& options, postgres::OsUser user,
       postgres::ClusterRoot root,
       std::unique_ptr<postgres::ProcessWatcher> watcher)
      : options_(options),
        user_(std::move(user)),
        root_(std::move(root)),
        watcher_(std::move(watcher)) {}

  ~Impl() { Stop(); }

  int PortFor(const Service& service);
  absl::StatusOr<int> Serve(const Service& service);
  absl::Status Update(const Service& service);
  void End(const Service& service, bool with_data);
  void Stop();

 private:
  struct Server {
    Server(std::string directory, postgres::OsUser user)
        : files(std::move(directory), std::move(user)) {}
    absl::Mutex mutex;  // held while something is done to the server
    postgres::InstanceFiles files;
    int port = 0;
    bool is_seeded = false;
    // Set by the watcher.
    std::atomic<bool> runs{false};
    pid_t pid = 0;
  };

  std::shared_ptr<Server> Find(const Service& service);
  postgres::ServerSettings SettingsOf(const Server& server);
  postgres::Endpoint EndpointOf(const Server& server) const {
    return {root_.socket_directory, server.port};
  }
  absl::Status Prepare(Server& server, const Service& service,
                       const postgres::Installation& installation);
  absl::Status Start(const std::shared_ptr<Server>& server,
                     const postgres::Installation& installation);
  absl::Status WaitUntilReady(Server& server);
  absl::Status Reconcile(Server& server, const Service& service);
  absl::Status DropRoles(Connection& db, Server& server,
                         const Service& service);
  absl::Status Seed(Server& server, const Service& service);
  void StopServer(Server& server);

  const PostgresServersOptions options_;
  const postgres::OsUser user_;
  const postgres::ClusterRoot root_;
  postgres::PortAllocator ports_;
  std::atomic<bool> stopping_{false};
  absl::Mutex mutex_;
  std::map<Key, std::shared_ptr<Server>> servers_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<postgres::ProcessWatcher> watcher_;
};

std::shared_ptr<PostgresServers::Impl::Server> PostgresServers::Impl::Find(
    const Service& service) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Server>& server = servers_[KeyOf(service)];
  if (server == nullptr) {
    server = std::make_shared<Server>(
        absl::StrCat(root_.directory, "/", service.project, ".", service.name),
        user_);
    server->port = ports_.Allocate().value_or(0);
  }
  return server;
}

int PostgresServers::Impl::PortFor(const Service& service) {
  return Find(service)->port;
}

postgres::ServerSettings PostgresServers::Impl::SettingsOf(
    const Server& server) {
  const std::string& directory = server.files.directory();
  postgres::ServerSettings settings;
  settings.cluster_name = "aiven-sandbox";
  settings.endpoint = EndpointOf(server);
  // Nothing here outlives the sandbox.
  settings.parameters = {
      {"fsync", "off"},
      {"ssl", "on"},
      {"ssl_cert_file", absl::StrCat(directory, "/server.crt")},
      {"ssl_key_file", absl::StrCat(directory, "/server.key")},
  };
  settings.hba_lines = {"hostssl all all 127.0.0.1/32 scram-sha-256",
                        "hostnossl all all 127.0.0.1/32 reject"};
  settings.local_users = {user_.name};
  if (user_.must_switch) {
    settings.local_users.push_back(postgres::OwnUser().name);
  }
  return settings;
}

absl::Status PostgresServers::Impl::Prepare(
    Server& server, const Service& service,
    const postgres::Installation& installation) {
  if (server.port == 0 || !postgres::IsFree(server.port)) {
    ASSIGN_OR_RETURN(server.port, ports_.Allocate());
  }
  if (!server.files.HasData()) {
    RETURN_IF_ERROR(server.files.Initialise(installation, {},
                                            SettingsOf(server), stopping_));
    server.is_seeded = false;
  }
  RETURN_IF_ERROR(
      server.files.WriteNote("server.crt", options_.certificate_pem));
  RETURN_IF_ERROR(
      server.files.WriteNote("server.key", options_.private_key_pem));
  return server.files.Configure(SettingsOf(server)).status();
}

absl::Status PostgresServers::Impl::Start(
    const std::shared_ptr<Server>& server,
    const postgres::Installation& installation) {
  ASSIGN_OR_RETURN(server->pid, server->files.StartServer(installation,
                                                          EndpointOf(*server)));
  server->runs = true;
  watcher_->Watch(server->pid, [server] { server->runs = false; });
  return WaitUntilReady(*server);
}

absl::Status PostgresServers::Impl::WaitUntilReady(Server& server) {
  absl::Time deadline = absl::Now() + kStartTimeout;
  absl::Status last = absl::UnavailableError("it did not start");
  while (server.runs && !stopping_ && absl::Now() < deadline) {
    absl::StatusOr<Connection> db =
        Connection::Open(EndpointOf(server), "postgres", kStatementTimeout);
    if (db.ok()) return absl::OkStatus();
    last = db.status();
    absl::SleepFor(kBetweenTries);
  }
  return last;
}

absl::StatusOr<int> PostgresServers::Impl::Serve(const Service& service) {
  std::shared_ptr<Server> server = Find(service);
  absl::MutexLock lock(&server->mutex);
  if (stopping_) return ApiError(503, "The sandbox is stopping");
  if (!server->runs) {
    postgres::Installations installed =
        postgres::FindInstallations(kInstallations);
    if (installed.empty()) {
      return ApiError(503,
                      "The sandbox runs services of type pg on a PostgreSQL "
                      "of this machine; install the package postgresql");
    }
    RETURN_IF_ERROR(Prepare(*server, service, installed.back()));
    RETURN_IF_ERROR(Start(server, installed.back()));
  }
  RETURN_IF_ERROR(Reconcile(*server, service));
  return server->port;
}

absl::Status PostgresServers::Impl::Update(const Service& service) {
  std::shared_ptr<Server> server = Find(service);
  absl::MutexLock lock(&server->mutex);
  if (!server->runs) return absl::OkStatus();
  return Reconcile(*server, service);
}

absl::Status PostgresServers::Impl::Reconcile(Server& server,
                                              const Service& service) {
  ASSIGN_OR_RETURN(
      Connection db,
      Connection::Open(EndpointOf(server), "postgres", kStatementTimeout));
  RETURN_IF_ERROR(MakeRoles(db, service));
  RETURN_IF_ERROR(MakeDatabases(db, service));
  if (!server.is_seeded) RETURN_IF_ERROR(Seed(server, service));
  server.is_seeded = true;
  return DropRoles(db, server, service);
}

absl::Status PostgresServers::Impl::DropRoles(Connection& db, Server& server,
                                              const Service& service) {
  ASSIGN_OR_RETURN(std::set<std::string> surplus,
                   Names(db, "SELECT rolname FROM pg_roles"));
  for (const ServiceUser& user : service.users) surplus.erase(user.name);
  std::string heir = db.Identifier(service.users.front().name);
  for (const std::string& name : surplus) {
    if (!IsOwnRole(name)) continue;
    std::string role = db.Identifier(name);
    for (const std::string& database : service.databases) {
      ASSIGN_OR_RETURN(
          Connection inside,
          Connection::Open(EndpointOf(server), database, kStatementTimeout));
      RETURN_IF_ERROR(inside.Execute(
          absl::StrCat("REASSIGN OWNED BY ", role, " TO ", heir)));
      RETURN_IF_ERROR(inside.Execute(absl::StrCat("DROP OWNED BY ", role)));
    }
    RETURN_IF_ERROR(db.Execute(absl::StrCat("DROP ROLE ", role)));
  }
  return absl::OkStatus();
}

absl::Status PostgresServers::Impl::Seed(Server& server,
                                         const Service& service) {
  std::map<std::string, Connection> open;
  for (const SeedStatement& statement : SeedStatements(service)) {
    auto it = open.find(statement.database);
    if (it == open.end()) {
      ASSIGN_OR_RETURN(Connection db,
                       Connection::Open(EndpointOf(server), statement.database,
                                        kStatementTimeout));
      RETURN_IF_ERROR(db.Execute(absl::StrCat(
          "SET ROLE ", db.Identifier(service.users.front().name))));
      it = open.emplace(statement.database, std::move(db)).first;
    }
    RETURN_IF_ERROR(it->second.Execute(statement.sql));
  }
  return absl::OkStatus();
}

void PostgresServers::Impl::StopServer(Server& server) {
  if (!server.runs) return;
  kill(server.pid, SIGINT);  // fast: sessions are ended
  absl::Time deadline = absl::Now() + kStopTimeout;
  while (server.runs && absl::Now() < deadline) absl::SleepFor(kBetweenTries);
  absl::Status ended = server.files.EndProcesses();
  if (!ended.ok()) Log(LogLevel::kWarning, ended.message());
}

void PostgresServers::Impl::End(const Service& service, bool with_data) {
  std::shared_ptr<Server> server = Find(service);
  absl::MutexLock lock(&server->mutex);
  StopServer(*server);
  if (!with_data) return;
  absl::Status removed = server->files.Remove();
  if (!removed.ok()) Log(LogLevel::kWarning, removed.message());
  absl::MutexLock all(&mutex_);
  servers_.erase(KeyOf(service));
}

void PostgresServers::Impl::Stop() {
  if (stopping_.exchange(true)) return;
  std::map<Key, std::shared_ptr<Server>> servers;
  {
    absl::MutexLock lock(&mutex_);
    servers.swap(servers_);
  }
  for (auto& [key, server] : servers) {
    absl::MutexLock lock(&server->mutex);
    if (server->runs) kill(server->pid, SIGINT);
  }
  for (auto& [key, server] : servers) {
    absl::MutexLock lock(&server->mutex);
    StopServer(*server);
    absl::Status removed = server->files.Remove();
    if (!removed.ok()) Log(LogLevel::kWarning, removed.message());
  }
  postgres::RemoveIfEmpty(options_.data_dir, root_);
}

PostgresServers::PostgresServers(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

PostgresServers::~PostgresServers() = default;

absl::StatusOr<std::unique_ptr<PostgresServers>> PostgresServers::Create(
    const PostgresServersOptions& options) {
  ASSIGN_OR_RETURN(postgres::OsUser user, postgres::ServerUser());
  ASSIGN_OR_RETURN(postgres::ClusterRoot root,
                   postgres::PrepareClusterRoot(options.data_dir, user));
  // A killed sandbox leaves servers and data.
  RETURN_IF_ERROR(postgres::InstanceFiles(root.directory, user).Remove());
  ASSIGN_OR_RETURN(root, postgres::PrepareClusterRoot(options.data_dir, user));
  ASSIGN_OR_RETURN(std::unique_ptr<postgres::ProcessWatcher> watcher,
                   postgres::ProcessWatcher::Create());
  return std::unique_ptr<PostgresServers>(
      new PostgresServers(std::make_unique<Impl>(
          options, std::move(user), std::move(root), std::move(watcher))));
}

bool PostgresServers::Serves(const std::string& service_type) const {
  return service_type == "pg";
}

int PostgresServers::PortFor(const Service& service) {
  return Serves(service.type) ? impl_->PortFor(service) : 0;
}

absl::StatusOr<int> PostgresServers::Serve(const Service& service) {
  return impl_->Serve(service);
}

absl::Status PostgresServers::Update(const Service& service) {
  if (!Serves(service.type)) return absl::OkStatus();
  return impl_->Update(service);
}

void PostgresServers::PowerOff(const Service& service) {
  if (Serves(service.type)) impl_->End(service, /*with_data=*/false);
}

void PostgresServers::Remove(const Service& service) {
  if (Serves(service.type)) impl_->End(service, /*with_data=*/true);
}

void PostgresServers::Stop() { impl_->Stop(); }

}  // namespace howdah::local::aiven
