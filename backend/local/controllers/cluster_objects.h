// The objects that belong to a cluster, as the operator and the kubelet would
// make them: Pods, volume claims, Services, Secrets.
//
//   Json pod = MakePod(spec, pod_state);
//
// Pure: values in, JSON out.
#ifndef HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_OBJECTS_H_
#define HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_OBJECTS_H_

#include <string>

#include "absl/time/time.h"
#include "backend/local/controllers/cluster_spec.h"
#include "backend/local/controllers/resources.h"

namespace howdah::local::controllers {

// RFC 3339 in UTC, in seconds (as Kubernetes) and microseconds (as CNPG).
std::string TimeText(absl::Time time);
std::string MicroTimeText(absl::Time time);

struct PodState {
  std::string instance;
  int serial = 0;
  std::string image;
  int port = 0;
  std::string log_file;
  bool is_primary = false;
  bool running = false;
  bool ready = false;
  absl::Time started;  // of the process; InfinitePast if none
  int restarts = 0;
  // Why it does not run, as the kubelet says: "ErrImagePull".
  std::string waiting_reason;
  std::string waiting_message;
};

// Complete, with status.
Json MakePod(const ClusterSpec& spec, const PodState& state, absl::Time now);

// `ready`: has a complete data directory.
Json MakeVolumeClaim(const ClusterSpec& spec, const std::string& instance,
                     int serial, bool ready);

// `kind` is "rw", "ro" or "r"; `port` really listens on 127.0.0.1.
Json MakeService(const ClusterSpec& spec, const std::string& kind, int port);

struct Login {
  std::string user;
  std::string password;
  std::string database;
  int port = 0;
};
// With all keys of the operator's; host and port work on this machine.
Json MakeLoginSecret(const ClusterSpec& spec, const std::string& name,
                     const std::string& user_type, const Login& login);

// A member of a Secret, decoded; empty if missing.
std::string SecretValue(const Json& secret, const std::string& key);

std::string NewPassword();

}  // namespace howdah::local::controllers

#endif  // HOWDAH_BACKEND_LOCAL_CONTROLLERS_CLUSTER_OBJECTS_H_
