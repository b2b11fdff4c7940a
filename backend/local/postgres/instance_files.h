// Creates, copies, rewinds and configures the data directory of one instance.
//
//   InstanceFiles files(layout, installation, user);
//   RETURN_IF_ERROR(files.Initialise({.encoding = "UTF8"}, settings, stop));
//
// A data directory counts only once it is complete: it is built beside its
// final place and renamed, so a crash half-way leaves nothing that looks ready.
#ifndef HOWDAH_BACKEND_LOCAL_POSTGRES_INSTANCE_FILES_H_
#define HOWDAH_BACKEND_LOCAL_POSTGRES_INSTANCE_FILES_H_

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/local/postgres/installations.h"
#include "backend/local/postgres/os_user.h"
#include "backend/local/postgres/server_config.h"

namespace howdah::local::postgres {

struct InitOptions {
  std::string encoding = "UTF8";
  std::string locale = "C.UTF-8";
  std::string lc_collate;  // empty: the locale
  std::string lc_ctype;
  int wal_segment_size_mb = 0;  // 0: the default
  bool data_checksums = false;
};

// Threads: one caller at a time per directory. Owns: nothing but the files.
// Limits: commands are ended after ten minutes.
class InstanceFiles {
 public:
  // `directory` holds everything of the instance.
  InstanceFiles(std::string directory, OsUser user);

  const std::string& directory() const { return directory_; }
  std::string data_directory() const { return directory_ + "/pgdata"; }
  int64_t LogSize() const;
  // Begins a new log when the old is large; one old file is kept.
  void RotateLog();
  std::string log_file() const { return directory_ + "/postgres.log"; }

  // Whether there is a complete data directory.
  bool HasData() const;
  // Whether it starts as a replica.
  bool IsStandby() const;
  // The major version that wrote it; 0 if unknown.
  int DataMajor() const;
  // The instance it follows; empty for a primary.
  std::string Follows() const;

  absl::Status Initialise(const Installation& installation,
                          const InitOptions& options,
                          const ServerSettings& settings,
                          const std::atomic<bool>& cancelled);
  // Copies the running primary; the result follows it.
  absl::Status CloneFrom(const Installation& installation,
                         const Upstream& primary, absl::string_view own_name,
                         const ServerSettings& settings,
                         const std::atomic<bool>& cancelled);
  // Makes a stopped former primary a replica of the new one.
  absl::Status Rewind(const Installation& installation, const Upstream& primary,
                      absl::string_view own_name,
                      const ServerSettings& settings,
                      const std::atomic<bool>& cancelled);

  bool IsConfigured(const ServerSettings& settings) const;
  // Writes the configuration; true if anything changed.
  absl::StatusOr<bool> Configure(const ServerSettings& settings);
  // Writes whom to follow (nobody: empty upstream); true if it changed.
  absl::StatusOr<bool> Follow(absl::string_view own_name,
                              const Upstream& upstream);

  // A server that already runs on this data directory, also one started by an
  // earlier plane.
  std::optional<pid_t> RunningServer() const;
  // When it was started, by its own account.
  std::optional<absl::Time> ServerStartTime() const;
  // Starts one. The caller waits for the process. `endpoint` is the configured.
  absl::StatusOr<pid_t> StartServer(const Installation& installation,
                                    const Endpoint& endpoint);

  // Kills whatever runs here: a server that hangs, or the backends that a dead
  // postmaster left and that still serve clients.
  absl::Status EndProcesses();
  // Ends everything that runs here and removes the directory.
  absl::Status Remove();

  // A small file of the plane beside the data, for example the port.
  std::optional<std::string> ReadNote(const std::string& name) const;
  absl::Status WriteNote(const std::string& name, absl::string_view text);

 private:
  absl::Status Prepare();
  absl::Status WriteOwned(const std::string& path, absl::string_view text);
  absl::StatusOr<bool> WriteIfChanged(const std::string& path,
                                      absl::string_view text);
  absl::Status ConfigureIn(const std::string& data,
                           const ServerSettings& settings);
  absl::StatusOr<std::string> RunTool(const Installation& installation,
                                      const std::string& program,
                                      std::vector<std::string> arguments,
                                      const std::atomic<bool>& cancelled);

  std::string directory_;
  OsUser user_;
};

}  // namespace howdah::local::postgres

#endif  // HOWDAH_BACKEND_LOCAL_POSTGRES_INSTANCE_FILES_H_
