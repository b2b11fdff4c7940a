// The sandbox's API as a function from request to answer; no sockets.
//
//   SandboxApi api(options, servers);
//   Answer answer = api.Handle({"GET", "/v1/project", "aivenv1 TOKEN"});
//
// Order, as in the real one where it is known: path, token, rate, project,
// permission, body. Every answer carries the header that says whose data it is.
//
// Below /_sandbox/, with the token of the administrator, tests steer it:
//   POST   tokens   {"token": …, "access": "read_only", "projects": […],
//                    "label": …}
//   POST   clock    {"advance_seconds": 240}
//   POST   faults   one fault (faults.h);  DELETE faults
//   POST   settings {"calls_per_minute": 120, "build_seconds": 240}
//   GET    journal  what was asked, without tokens;  DELETE journal
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_API_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_API_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/local/aiven/accounts.h"
#include "backend/local/aiven/faults.h"
#include "backend/local/aiven/request.h"
#include "backend/local/aiven/world.h"

namespace howdah::local::aiven {

// By this a client knows that nothing of it is real.
inline constexpr char kSandboxHeader[] = "Howdah-Aiven-Sandbox";

struct SandboxOptions {
  // Of the account that may do everything.
  std::string token;
  // Of the administrator, for /_sandbox/.
  std::string admin_token;
  // Calls per token; 0 for any number.
  int calls_per_minute = 120;
  std::string ca_pem;
  std::function<absl::Time()> clock = &absl::Now;
};

// Threads: safe; a call may block while a database server starts.
// Owns: the fleet; it begins anew with each object. Limits: the journal keeps
// the newest 5000 entries.
class SandboxApi {
 public:
  // The servers must outlive it.
  SandboxApi(SandboxOptions options, DatabaseServers& servers);

  Answer Handle(const Request& request);

 private:
  absl::StatusOr<Json> Serve(const Request& request, Json& entry,
                             std::optional<Fault>& fault);
  // Token, rate and fault of the call.
  absl::Status Admit(const Request& request, Call& call, Json& entry,
                     std::optional<Fault>& fault);
  Answer Administer(const Request& request);
  absl::StatusOr<Json> Steer(const Request& request, const std::string& what);
  absl::StatusOr<Json> AddToken(const Json& body);
  absl::StatusOr<Json> ChangeSettings(const Json& body);
  // With what the clock was advanced by.
  absl::Time Now();

  const SandboxOptions options_;
  const std::vector<Route> routes_;
  World world_;
  absl::Mutex mutex_;
  Accounts accounts_ ABSL_GUARDED_BY(mutex_);
  Faults faults_ ABSL_GUARDED_BY(mutex_);
  absl::Duration advanced_ ABSL_GUARDED_BY(mutex_);
  std::deque<Json> journal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_SANDBOX_API_H_
