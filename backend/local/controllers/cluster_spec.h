// A Cluster resource with the operator's defaults filled in, typed.
//
//   ClusterSpec spec = ParseCluster(object);
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_SPEC_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_SPEC_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "backend/local/controllers/resources.h"
#include "backend/local/postgres/instance_files.h"

namespace howdah::local::controllers {

struct ClusterSpec {
  std::string namespace_name;
  std::string name;
  std::string uid;
  int instances = 1;
  std::string image;  // empty: the plane's default
  std::string storage_size;
  std::string storage_class;
  std::string app_database = "app";
  std::string app_owner = "app";
  std::string app_secret;  // named by the user, else <cluster>-app
  bool app_secret_is_ours = true;
  std::string superuser_secret;
  bool superuser_secret_is_ours = true;
  bool superuser_access = false;
  postgres::InitOptions init;
  std::vector<std::string> post_init_sql;              // in `postgres`
  std::vector<std::string> post_init_application_sql;  // in the application's
  std::map<std::string, std::string> parameters;
  std::vector<std::string> shared_preload_libraries;
  std::vector<std::string> hba_lines;
  std::set<std::string> disabled_services;  // "ro", "r"
  std::set<std::string> fenced;             // "*" for all
  bool hibernate = false;
  // A server silent for so long hangs and is ended.
  absl::Duration liveness_timeout;
  bool reconciliation_disabled = false;
  absl::Time restarted_at =
      absl::InfinitePast();  // servers older are restarted
  std::string restarted_at_text;

  bool IsFenced(const std::string& instance) const {
    return fenced.count("*") > 0 || fenced.count(instance) > 0;
  }
};

ClusterSpec ParseCluster(const Json& object);

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_SPEC_H_
