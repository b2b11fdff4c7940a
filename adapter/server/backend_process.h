// The adapter's own backend: howdah-backend as a child on a private Unix
// socket, and before it, if wanted, a lease on this machine's local plane.
//
//   BackendProcess backend(io, {.program_directory = "/usr/lib/howdah"});
//   RETURN_IF_ERROR(backend.Prepare());
//   BackendChannel channel(io, *ParseBackendAddress(backend.address()),
//                          &backend);
//   backend.Start();   // or wait for the first call to do it
//
// A backend that died is started again, the later the more often it died. Calls
// that come meanwhile wait; when it cannot be started they fail with the last
// thing that it said.
#ifndef HOWDAH_ADAPTER_SERVER_BACKEND_PROCESS_H_
#define HOWDAH_ADAPTER_SERVER_BACKEND_PROCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/upstream/backend_gate.h"

namespace boost::asio {
class io_context;
}

namespace howdah::adapter {

struct BackendProcessOptions {
  // Where howdah-backend and howdah-local are.
  std::string program_directory;
  std::vector<std::string> backend_arguments;
  // Not empty: lease the local plane on this directory first.
  std::string local_data_dir;
  int local_port = -1;
  // Longest start of one program.
  absl::Duration start_timeout = absl::Seconds(60);
};

// Threads: one. Owns: the processes and the socket's directory; both are gone
// when it is.
class BackendProcess : public upstream::BackendGate {
 public:
  BackendProcess(boost::asio::io_context& io, BackendProcessOptions options);
  ~BackendProcess() override;

  // Makes the socket's directory. Call it first.
  absl::Status Prepare();
  // "unix:/…", known after Prepare.
  const std::string& address() const;

  // Begins without being asked.
  void Start();
  // Whether it was begun, asked or not.
  bool started() const;
  void WhenReady(std::function<void(absl::Status)> ready) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_BACKEND_PROCESS_H_
