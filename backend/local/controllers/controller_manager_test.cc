// The controllers with the real store and real PostgreSQL processes.
#include "backend/local/controllers/controller_manager.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
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
      absl::SleepFor(absl::Milliseconds(20));
    }
    return ::testing::AssertionSuccess();
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
    return Connection::Open(
        {fs::weakly_canonical(directory_ + "/clusters").string() + "/.sockets",
         PortOf(pod)},
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

}  // namespace
}  // namespace howdah::local::controllers
