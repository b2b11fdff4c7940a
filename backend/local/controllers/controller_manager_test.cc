// The controllers with the real store and real PostgreSQL processes.
#include "backend/local/controllers/controller_manager.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/local/controllers/cluster_objects.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/postgres/child_process.h"
#include "backend/local/postgres/connection.h"
#include "backend/local/store/sqlite_object_store.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local::controllers {
namespace {

namespace fs = std::filesystem;
using postgres::Connection;

constexpr absl::Duration kPatience = absl::Seconds(60);

Json Cluster(int instances) {
  return {{"apiVersion", kCnpgApiVersion},
          {"kind", "Cluster"},
          {"metadata", {{"name", "demo"}, {"namespace", "default"}}},
          {"spec", {{"instances", instances}, {"storage", {{"size", "1Gi"}}}}}};
}

// A plane without its HTTP side, in a directory of its own.
class ControllerManagerTest : public ::testing::Test {
 protected:
  ControllerManagerTest() {
    char name[] = "/tmp/howdah-test-XXXXXX";
    directory_ = mkdtemp(name);
    StartPlane();
  }

  ~ControllerManagerTest() override {
    if (manager_ != nullptr) manager_->Stop();
    manager_.reset();
    store_.reset();
    std::error_code ignored;
    fs::path clusters = fs::weakly_canonical(directory_ + "/clusters", ignored);
    EXPECT_THAT(postgres::ProcessesIn(clusters.string()), ::testing::IsEmpty());
    // Below /tmp or /var/lib/howdah, never anything else.
    fs::remove_all(clusters, ignored);
    if (clusters.string().rfind("/var/lib/howdah/", 0) == 0) {
      fs::remove_all(clusters.parent_path(), ignored);
    }
    fs::remove_all(directory_, ignored);
  }

  void StartPlane() {
    store_ = *SqliteObjectStore::Open({.path = directory_ + "/plane.sqlite"});
    ASSERT_OK(store_->Subscribe(store_->resource_version(), [this](auto&) {
      absl::MutexLock lock(&mutex_);
      changed_ = true;
    }));
    ControllerOptions options;
    options.data_dir = directory_;
    manager_ = *ControllerManager::Create(*store_, options);
    EXPECT_OK(manager_->Start());
  }

  void StopPlane() {
    manager_->Stop();
    manager_.reset();
    store_.reset();
  }

  // Runs the plane as another process, which holds the store.
  void StartPlaneProcess() {
    const std::string program =
        (fs::read_symlink("/proc/self/exe").parent_path() / "plane_for_tests")
            .string();
    int output[2];
    ASSERT_EQ(pipe(output), 0);
    plane_ = fork();
    if (plane_ == 0) {
      dup2(output[1], 1);
      execl(program.c_str(), program.c_str(), directory_.c_str(), nullptr);
      _exit(127);
    }
    close(output[1]);
    char ready[6] = {};
    ASSERT_EQ(read(output[0], ready, 5), 5) << program;
    close(output[0]);
  }

  void KillPlaneProcess() {
    ASSERT_EQ(kill(plane_, SIGKILL), 0);
    ASSERT_EQ(waitpid(plane_, nullptr, 0), plane_);
  }

  Json Get(const ResourceType& type, const std::string& name) {
    absl::StatusOr<Json> object = store_->Get(type, "default", name);
    return object.ok() ? *object : Json::object();
  }

  Json Status() { return Child(Get(kClusters, "demo"), "status"); }

  // Waits until the condition holds.
  ::testing::AssertionResult Eventually(const std::function<bool()>& holds) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (!holds()) {
      if (absl::Now() > deadline) {
        return ::testing::AssertionFailure() << Status().dump(1);
      }
      AwaitChange();
    }
    return ::testing::AssertionSuccess();
  }

  // Of the store; soon, because files and PostgreSQL tell nothing.
  void AwaitChange() {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&changed_),
                            absl::Milliseconds(100));
    changed_ = false;
  }

  ::testing::AssertionResult EventuallyPsql(const std::string& uri,
                                            const std::string& sql,
                                            const std::string& wanted) {
    std::string got;
    auto result = Eventually([&] { return (got = Psql(uri, sql)) == wanted; });
    return result ? result : result << got;
  }

  // The postmasters.
  std::set<pid_t> Servers() {
    std::set<pid_t> pids;
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(ClustersDirectory())) {
      if (entry.path().filename() != "postmaster.pid") continue;
      pid_t pid = 0;
      std::ifstream(entry.path()) >> pid;
      pids.insert(pid);
    }
    return pids;
  }

  bool IsHealthy(int instances) {
    Json status = Status();
    return Text(status, "phase") == "Cluster in healthy state" &&
           Number(status, "readyInstances", 0) == instances &&
           Number(status, "instances", 0) == instances;
  }

  // As the application: through the Service, with the Secret's login.
  std::string SecretUri(const std::string& key) {
    return SecretValue(Get(kSecrets, "demo-app"), key);
  }

  int PortOf(const std::string& pod) {
    return Get(kPods,
               pod)["spec"]["containers"][0]["ports"][0]["containerPort"];
  }

  absl::StatusOr<Connection> Connect(const std::string& pod,
                                     const std::string& database) {
    return Connection::Open({ClustersDirectory() + "/.sockets", PortOf(pod)},
                            database, absl::Seconds(5));
  }

  std::string One(const std::string& pod, const std::string& sql,
                  const std::string& database = "postgres") {
    absl::StatusOr<Connection> connection = Connect(pod, database);
    if (!connection.ok()) return std::string(connection.status().message());
    absl::StatusOr<postgres::Rows> rows = connection->Query(sql);
    if (!rows.ok()) return std::string(rows.status().message());
    return rows->empty() ? "" : rows->at(0).at(0).value_or("NULL");
  }

  std::string ClustersDirectory() {
    return fs::weakly_canonical(directory_ + "/clusters").string();
  }

  pid_t ServerPid(const std::string& pod) {
    const std::string pid = One(
        pod, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
    pid_t number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(pid, &number)) << pid;
    return number;
  }

  void KillServer(const std::string& pod) {
    const pid_t pid = ServerPid(pod);
    ASSERT_GT(pid, 1);
    ASSERT_EQ(kill(pid, SIGKILL), 0);
  }

  absl::Status CreateSecret(const std::string& name, const std::string& user,
                            const std::string& password) {
    return store_
        ->Create(kSecrets, "default",
                 {{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"type", "kubernetes.io/basic-auth"},
                  {"metadata", {{"name", name}, {"namespace", "default"}}},
                  {"data",
                   {{"username", absl::Base64Escape(user)},
                    {"password", absl::Base64Escape(password)}}}})
        .status();
  }

  void Scale(int instances) {
    EXPECT_OK(store_->Update(kClusters, "default", "demo", [&](Json& object) {
      object["spec"]["instances"] = instances;
      return absl::OkStatus();
    }));
  }

  std::vector<std::string> EventReasons() {
    std::vector<std::string> reasons;
    absl::StatusOr<ObjectStore::Listing> events = store_->List(kEvents, "");
    for (const Json& event : events->items) {
      reasons.push_back(Text(event, "reason"));
    }
    return reasons;
  }

  // Runs psql with a URI, as a user would; its output without line end.
  static std::string Psql(const std::string& uri, const std::string& sql) {
    setenv("HOWDAH_TEST_URI", uri.c_str(), 1);
    std::string command =
        absl::StrCat("psql \"$HOWDAH_TEST_URI\" -XAtc \"", sql, "\" 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    char buffer[4096];
    while (size_t got = fread(buffer, 1, sizeof(buffer), pipe)) {
      output.append(buffer, got);
    }
    pclose(pipe);
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
  }

  std::string directory_;
  pid_t plane_ = 0;
  absl::Mutex mutex_;
  bool changed_ = false;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<ControllerManager> manager_;
};

TEST_F(ControllerManagerTest, OneInstanceBecomesReadyAndTheAppCanLogIn) {
  const absl::Time begin = absl::Now();
  ASSERT_OK(store_->Create(kClusters, "default", Cluster(1)));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(1); }));
  std::fprintf(stderr, "one instance ready after %s\n",
               absl::FormatDuration(absl::Now() - begin).c_str());
  EXPECT_EQ(Psql(SecretUri("uri"), "SELECT current_user, current_database()"),
            "app|app");
  EXPECT_EQ(Text(Status(), "currentPrimary"), "demo-1");
}

TEST_F(ControllerManagerTest, ThreeInstancesReplicateFailOverAndScale) {
  absl::Time begin = absl::Now();
  ASSERT_OK(store_->Create(kClusters, "default", Cluster(3)));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(3); }));
  std::fprintf(stderr, "three instances ready after %s\n",
               absl::FormatDuration(absl::Now() - begin).c_str());
  EXPECT_EQ(One("demo-1",
                "SELECT count(*) FROM pg_stat_replication WHERE state = "
                "'streaming'"),
            "2");
  const std::string uri = SecretUri("uri");
  ASSERT_EQ(Psql(uri, "CREATE TABLE t AS SELECT 42 AS x"), "SELECT 1");
  for (const char* replica : {"demo-2", "demo-3"}) {
    ASSERT_TRUE(Eventually(
        [&] { return One(replica, "SELECT x FROM t", "app") == "42"; }));
  }

  // The primary dies.
  begin = absl::Now();
  KillServer("demo-1");
  ASSERT_TRUE(Eventually([&] {
    return Text(Status(), "currentPrimary") != "demo-1" && IsHealthy(3);
  }));
  std::fprintf(stderr, "failed over and whole again after %s\n",
               absl::FormatDuration(absl::Now() - begin).c_str());
  const std::string primary = Text(Status(), "currentPrimary");
  EXPECT_EQ(Number(Status(), "timelineID", 0), 2);
  EXPECT_EQ(SecretUri("uri"), uri);
  EXPECT_EQ(Psql(uri, "SELECT x, pg_is_in_recovery() FROM t"), "42|f");
  EXPECT_EQ(One("demo-1", "SELECT pg_is_in_recovery()"), "t");
  EXPECT_THAT(EventReasons(),
              ::testing::IsSupersetOf({"FailingOver", "FailoverTarget"}));

  // A replica dies and comes back.
  KillServer("demo-1");
  ASSERT_TRUE(Eventually([&] { return !IsHealthy(3); }));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(3); }));
  EXPECT_EQ(Text(Status(), "currentPrimary"), primary);

  // Scaling never takes the primary.
  Scale(1);
  ASSERT_TRUE(Eventually([&] { return IsHealthy(1); }));
  EXPECT_EQ(Text(Status(), "currentPrimary"), primary);
  EXPECT_EQ(Psql(uri, "SELECT x FROM t"), "42");
  EXPECT_EQ(One(primary, "SELECT count(*) FROM pg_replication_slots"), "0");
  Scale(2);
  ASSERT_TRUE(Eventually([&] { return IsHealthy(2); }));

  // Nothing stays.
  ASSERT_OK(store_->Delete(kClusters, "default", "demo", {}));
  ASSERT_TRUE(Eventually(
      [&] { return !fs::exists(ClustersDirectory() + "/default"); }));
  EXPECT_THAT(postgres::ProcessesIn(ClustersDirectory()), ::testing::IsEmpty());
}

TEST_F(ControllerManagerTest, AHungPrimaryIsReplacedAndJoinsAgain) {
  Json cluster = Cluster(2);
  cluster["spec"]["livenessProbeTimeout"] = 1;
  ASSERT_OK(store_->Create(kClusters, "default", cluster));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(2); }));
  const std::string uri = SecretUri("uri");
  ASSERT_EQ(Psql(uri, "CREATE TABLE t AS SELECT 42 AS x"), "SELECT 1");
  ASSERT_TRUE(Eventually(
      [&] { return One("demo-2", "SELECT x FROM t", "app") == "42"; }));

  const pid_t hung = ServerPid("demo-1");
  ASSERT_EQ(kill(hung, SIGSTOP), 0);
  ASSERT_TRUE(Eventually([&] {
    return Text(Status(), "currentPrimary") == "demo-2" && IsHealthy(2);
  }));
  EXPECT_FALSE(postgres::IsAlive(hung)) << "it must never write again";
  EXPECT_EQ(Psql(uri, "SELECT x, pg_is_in_recovery() FROM t"), "42|f");
  EXPECT_EQ(One("demo-1", "SELECT pg_is_in_recovery()"), "t");
  EXPECT_THAT(EventReasons(),
              ::testing::IsSupersetOf({"Unhealthy", "FailingOver"}));

  // A replica that hangs comes back, and the primary stays.
  ASSERT_EQ(kill(ServerPid("demo-1"), SIGSTOP), 0);
  ASSERT_TRUE(Eventually([&] { return !IsHealthy(2); }));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(2); }));
  EXPECT_EQ(Text(Status(), "currentPrimary"), "demo-2");
}

TEST_F(ControllerManagerTest, NothingIsLostWhenThePlaneOrAllServersDie) {
  ASSERT_OK(store_->Create(kClusters, "default", Cluster(2)));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(2); }));
  const std::string uri = SecretUri("uri");
  ASSERT_EQ(Psql(uri, "CREATE TABLE t AS SELECT 42 AS x"), "SELECT 1");

  // A clean stop ends the servers; a start brings them back.
  StopPlane();
  EXPECT_THAT(postgres::ProcessesIn(ClustersDirectory()), ::testing::IsEmpty());
  StartPlane();
  ASSERT_TRUE(Eventually(
      [&] { return IsHealthy(2) && Psql(uri, "SELECT x FROM t") == "42"; }));
  EXPECT_EQ(Text(Status(), "currentPrimary"), "demo-1");

  // A killed plane leaves the servers running; the next one adopts them.
  StopPlane();
  ASSERT_NO_FATAL_FAILURE(StartPlaneProcess());
  ASSERT_TRUE(EventuallyPsql(uri, "SELECT x FROM t", "42"));
  ASSERT_EQ(Psql(uri, "INSERT INTO t VALUES (43)"), "INSERT 0 1");
  const std::set<pid_t> servers = Servers();
  EXPECT_EQ(servers.size(), 2u);
  KillPlaneProcess();
  EXPECT_EQ(Servers(), servers);
  StartPlane();
  ASSERT_TRUE(Eventually(
      [&] { return IsHealthy(2) && Psql(uri, "TABLE t") == "42\n43"; }));
  EXPECT_EQ(Servers(), servers);

  // Everything is killed at once: nothing is lost, nobody is replaced.
  StopPlane();
  ASSERT_NO_FATAL_FAILURE(StartPlaneProcess());
  ASSERT_TRUE(EventuallyPsql(uri, "INSERT INTO t VALUES (44)", "INSERT 0 1"));
  KillPlaneProcess();
  for (pid_t pid : postgres::ProcessesIn(ClustersDirectory())) {
    kill(pid, SIGKILL);
  }
  StartPlane();
  ASSERT_TRUE(Eventually(
      [&] { return IsHealthy(2) && Psql(uri, "TABLE t") == "42\n43\n44"; }));
  EXPECT_EQ(Text(Status(), "currentPrimary"), "demo-1");
  EXPECT_EQ(Number(Status(), "timelineID", 0), 1);
}

TEST_F(ControllerManagerTest, AVersionThatIsNotInstalledIsAnImageNotFound) {
  Json cluster = Cluster(1);
  cluster["spec"]["imageName"] = "ghcr.io/cloudnative-pg/postgresql:99";
  ASSERT_OK(store_->Create(kClusters, "default", cluster));
  ASSERT_TRUE(Eventually([&] {
    return !Get(kPods, "demo-1").empty() &&
           Text(Status(), "phase") == "Setting up primary";
  }));
  EXPECT_THAT(Text(Status(), "phaseReason"),
              ::testing::StartsWith("PostgreSQL 99 is not installed"));
  Json waiting = Get(
      kPods, "demo-1")["status"]["containerStatuses"][0]["state"]["waiting"];
  EXPECT_EQ(Text(waiting, "reason"), "ImagePullBackOff");
  EXPECT_THAT(EventReasons(), ::testing::Contains("ErrImagePull"));
}

TEST_F(ControllerManagerTest, ASwitchoverAskedForInTheStatusHappens) {
  ASSERT_OK(store_->Create(kClusters, "default", Cluster(2)));
  ASSERT_TRUE(Eventually([&] { return IsHealthy(2); }));
  ASSERT_EQ(Psql(SecretUri("uri"), "CREATE TABLE t AS SELECT 42 AS x"),
            "SELECT 1");
  ASSERT_OK(store_->Update(kClusters, "default", "demo", [](Json& object) {
    object["status"]["targetPrimary"] = "demo-2";
    return absl::OkStatus();
  }));
  ASSERT_TRUE(Eventually([&] {
    return Text(Status(), "currentPrimary") == "demo-2" && IsHealthy(2);
  }));
  EXPECT_EQ(Psql(SecretUri("uri"), "SELECT x, pg_is_in_recovery() FROM t"),
            "42|f");
}

TEST_F(ControllerManagerTest, RolesAndDatabasesAreReal) {
  Json cluster = Cluster(1);
  cluster["spec"]["managed"]["roles"] = Json::parse(R"([
    {"name": "Äpfel \"x\"", "login": true, "connectionLimit": 3,
     "comment": "it's", "inRoles": ["readers"],
     "validUntil": "2031-01-02T03:04:05+01:00"},
    {"name": "app_user", "login": true, "createdb": true,
     "passwordSecret": {"name": "app-user"}},
    {"name": "gone", "ensure": "absent"},
    {"name": "app", "ensure": "absent"}])");
  ASSERT_OK(store_->Create(kClusters, "default", cluster));
  ASSERT_OK(CreateSecret("app-user", "app_user", "s3cret:1"));
  ASSERT_OK(CreateSecret("wrong", "somebody", "x"));
  auto create = [&](const ResourceType& type, const char* kind,
                    const std::string& name, Json spec) {
    spec["cluster"] = {{"name", "demo"}};
    return store_
        ->Create(type, "default",
                 {{"apiVersion", kCnpgApiVersion},
                  {"kind", kind},
                  {"metadata", {{"name", name}, {"namespace", "default"}}},
                  {"spec", spec}})
        .status();
  };
  ASSERT_OK(
      create(kDatabaseRoles, "DatabaseRole", "readers",
             {{"name", "readers"}, {"databaseRoleReclaimPolicy", "delete"}}));
  ASSERT_OK(
      create(kDatabaseRoles, "DatabaseRole", "twice", {{"name", "app_user"}}));
  ASSERT_OK(create(kDatabaseRoles, "DatabaseRole", "wrong",
                   {{"name", "w"}, {"passwordSecret", {{"name", "wrong"}}}}));
  ASSERT_OK(create(
      kDatabases, "Database", "shop",
      {{"name", "Shop"},
       {"owner", "app_user"},
       {"databaseReclaimPolicy", "delete"},
       {"connectionLimit", 7},
       {"schemas", Json::array({{{"name", "s"}, {"owner", "app_user"}}})},
       {"extensions",
        Json::array({{{"name", "hstore"}}, {{"name", "nope"}}})}}));
  ASSERT_OK(create(kDatabases, "Database", "shop2",
                   {{"name", "Shop"}, {"owner", "app"}}));

  auto applied = [&](const ResourceType& type, const std::string& name) {
    const Json object = Get(type, name);
    const Json& status = Child(object, "status");
    return Flag(status, "applied", false) ? "yes" : Text(status, "message");
  };
  const Json* roles = nullptr;
  Json status;
  ASSERT_TRUE(Eventually([&] {
    status = Status();
    roles = &Child(status, "managedRolesStatus");
    return Child(*roles, "byStatus").value("reconciled", Json::array()) ==
               Json({"Äpfel \"x\"", "app_user", "gone"}) &&
           roles->contains("cannotReconcile") &&
           applied(kDatabaseRoles, "readers") == "yes";
  }));
  EXPECT_THAT((*roles)["cannotReconcile"]["app"][0].get<std::string>(),
              ::testing::HasSubstr("owner of database app"));
  EXPECT_EQ(One("demo-1",
                "SELECT rolcanlogin, rolconnlimit, rolvaliduntil AT TIME ZONE "
                "'UTC' = '2031-01-02 02:04:05' FROM pg_roles WHERE rolname = "
                "'Äpfel \"x\"' AND pg_has_role(oid, 'readers', 'member') AND "
                "shobj_description(oid, 'pg_authid') = 'it''s' AND "
                "rolconnlimit = 3"),
            "t");
  const std::string port = SecretUri("port");
  EXPECT_EQ(Psql("postgresql://app_user:s3cret%3A1@127.0.0.1:" + port + "/app",
                 "SELECT current_user"),
            "app_user");
  EXPECT_EQ(applied(kDatabaseRoles, "twice"),
            "database role is already managed by the CNPG cluster");
  EXPECT_EQ(applied(kDatabaseRoles, "wrong"),
            "the username in secret wrong does not match role w");
  ASSERT_TRUE(Eventually([&] {
    return applied(kDatabases, "shop") ==
           "1 schemas or extensions could not be applied";
  }));
  EXPECT_THAT(applied(kDatabases, "shop2"),
              ::testing::HasSubstr("already managed by Database object"));
  EXPECT_EQ(One("demo-1",
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname "
                "= 'Shop' AND datconnlimit = 7"),
            "app_user");
  EXPECT_EQ(
      One("demo-1", "SELECT extname FROM pg_extension WHERE extname = 'hstore'",
          "Shop"),
      "hstore");

  // A new password is set at once; the right extension heals the Database.
  ASSERT_OK(store_->Update(kSecrets, "default", "app-user", [](Json& secret) {
    secret["data"]["password"] = "bmV3";  // "new"
    return absl::OkStatus();
  }));
  ASSERT_TRUE(Eventually([&] {
    return Psql("postgresql://app_user:new@127.0.0.1:" + port + "/app",
                "SELECT 1") == "1";
  }));
  ASSERT_OK(store_->Update(kDatabases, "default", "shop", [](Json& object) {
    object["spec"]["extensions"].erase(1);
    return absl::OkStatus();
  }));
  ASSERT_TRUE(Eventually([&] { return applied(kDatabases, "shop") == "yes"; }));

  // The duplicate goes without harm, the first with its database.
  ASSERT_OK(store_->Delete(kDatabases, "default", "shop2", {}));
  ASSERT_OK(store_->Delete(kDatabases, "default", "shop", {}));
  ASSERT_OK(store_->Delete(kDatabaseRoles, "default", "readers", {}));
  ASSERT_TRUE(Eventually([&] {
    return Get(kDatabases, "shop").empty() &&
           Get(kDatabases, "shop2").empty() &&
           Get(kDatabaseRoles, "readers").empty();
  }));
  EXPECT_EQ(One("demo-1", "SELECT 1 FROM pg_database WHERE datname = 'Shop'"),
            "");
  EXPECT_EQ(One("demo-1", "SELECT 1 FROM pg_roles WHERE rolname = 'readers'"),
            "");
}

}  // namespace
}  // namespace howdah::local::controllers
