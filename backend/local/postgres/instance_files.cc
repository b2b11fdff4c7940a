#include "backend/local/postgres/instance_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "backend/local/postgres/child_process.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::postgres {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kToolTimeout = absl::Minutes(10);
constexpr int64_t kMaxLogSize = 10 << 20;
constexpr char kFollowsPrefix[] = "# Follows ";

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? SystemError(path, error.value()) : absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus()
                                               : SystemError(to, errno);
}

std::string ConnectionString(const Upstream& upstream, const char* user) {
  return absl::StrCat("host=", upstream.endpoint.socket_directory,
                      " port=", upstream.endpoint.port, " user=", user,
                      " dbname=postgres connect_timeout=5");
}

}  // namespace

InstanceFiles::InstanceFiles(std::string directory, OsUser user)
    : directory_(std::move(directory)), user_(std::move(user)) {}

int64_t InstanceFiles::LogSize() const {
  std::error_code error;
  uintmax_t size = fs::file_size(log_file(), error);
  return error ? 0 : static_cast<int64_t>(size);
}

void InstanceFiles::RotateLog() {
  std::error_code ignored;
  if (LogSize() > kMaxLogSize) {
    fs::rename(log_file(), log_file() + ".1", ignored);
  }
}

bool InstanceFiles::HasData() const {
  return access((data_directory() + "/PG_VERSION").c_str(), F_OK) == 0;
}

bool InstanceFiles::IsStandby() const {
  return access((data_directory() + "/standby.signal").c_str(), F_OK) == 0;
}

int InstanceFiles::DataMajor() const {
  int major = 0;
  std::optional<std::string> text = ReadFile(data_directory() + "/PG_VERSION");
  if (!text.has_value() || !absl::SimpleAtoi(*text, &major)) return 0;
  return major;
}

std::string InstanceFiles::Follows() const {
  std::optional<std::string> text =
      ReadFile(data_directory() + "/override.conf");
  if (!text.has_value()) return "";
  absl::string_view line = absl::string_view(*text).substr(0, text->find('\n'));
  if (!absl::ConsumePrefix(&line, kFollowsPrefix)) return "";
  return std::string(absl::StripSuffix(line, "."));
}

absl::Status InstanceFiles::Prepare() {
  RETURN_IF_ERROR(MakeDirectoryFor(user_, directory_, 0700));
  return EndProcessesIn(directory_, absl::Seconds(30));
}

absl::Status InstanceFiles::WriteOwned(const std::string& path,
                                       absl::string_view text) {
  const std::string temporary = path + ".new";
  int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(temporary, errno);
  absl::Status status;
  while (!text.empty() && status.ok()) {
    ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      status = SystemError(temporary, errno);
    } else {
      text.remove_prefix(written);
    }
  }
  if (status.ok() && user_.must_switch &&
      fchown(file, user_.uid, user_.gid) != 0) {
    status = SystemError(temporary, errno);
  }
  if (status.ok() && fsync(file) != 0) status = SystemError(temporary, errno);
  close(file);
  RETURN_IF_ERROR(status);
  return Rename(temporary, path);
}

absl::StatusOr<bool> InstanceFiles::WriteIfChanged(const std::string& path,
                                                   absl::string_view text) {
  if (ReadFile(path) == text) return false;
  RETURN_IF_ERROR(WriteOwned(path, text));
  return true;
}

absl::StatusOr<std::string> InstanceFiles::RunTool(
    const Installation& installation, const std::string& program,
    std::vector<std::string> arguments, const std::atomic<bool>& cancelled) {
  Command command;
  command.argv = std::move(arguments);
  command.argv.insert(command.argv.begin(),
                      absl::StrCat(installation.bin_directory, "/", program));
  command.user = user_;
  command.working_directory = directory_;
  return Run(command, kToolTimeout, cancelled);
}

absl::Status InstanceFiles::ConfigureIn(const std::string& data,
                                        const ServerSettings& settings) {
  RETURN_IF_ERROR(
      WriteOwned(data + "/custom.conf", RenderCustomConf(settings)));
  RETURN_IF_ERROR(WriteOwned(data + "/pg_hba.conf", RenderHba(settings)));
  RETURN_IF_ERROR(WriteOwned(data + "/pg_ident.conf", RenderIdent(settings)));
  return WriteOwned(data + "/postgresql.conf",
                    "include 'custom.conf'\ninclude_if_exists "
                    "'override.conf'\n");
}

absl::Status InstanceFiles::Initialise(const Installation& installation,
                                       const InitOptions& options,
                                       const ServerSettings& settings,
                                       const std::atomic<bool>& cancelled) {
  RETURN_IF_ERROR(Prepare());
  const std::string building = directory_ + "/pgdata.new";
  RETURN_IF_ERROR(RemoveTree(building));
  std::vector<std::string> arguments = {
      "-D",           building,         "-U",
      "postgres",     "--no-sync",      "--no-instructions",
      "--encoding",   options.encoding, "--locale",
      options.locale, "--auth-local",   "peer",
      "--auth-host",  "scram-sha-256"};
  if (!options.lc_collate.empty()) {
    arguments.push_back("--lc-collate=" + options.lc_collate);
  }
  if (!options.lc_ctype.empty()) {
    arguments.push_back("--lc-ctype=" + options.lc_ctype);
  }
  if (options.wal_segment_size_mb > 0) {
    arguments.push_back(
        absl::StrCat("--wal-segsize=", options.wal_segment_size_mb));
  }
  if (options.data_checksums) arguments.push_back("--data-checksums");
  RETURN_IF_ERROR(
      RunTool(installation, "initdb", std::move(arguments), cancelled)
          .status());
  RETURN_IF_ERROR(ConfigureIn(building, settings));
  RETURN_IF_ERROR(
      WriteOwned(building + "/override.conf", RenderOverrideConf("", {})));
  return Rename(building, data_directory());
}

absl::Status InstanceFiles::CloneFrom(const Installation& installation,
                                      const Upstream& primary,
                                      absl::string_view own_name,
                                      const ServerSettings& settings,
                                      const std::atomic<bool>& cancelled) {
  RETURN_IF_ERROR(Prepare());
  const std::string building = directory_ + "/pgdata.new";
  RETURN_IF_ERROR(RemoveTree(building));
  RETURN_IF_ERROR(
      RunTool(installation, "pg_basebackup",
              {"-D", building, "-d",
               ConnectionString(primary, kReplicationRole), "-X", "stream",
               "--checkpoint=fast", "--no-sync", "--manifest-checksums=none",
               "--slot", SlotName(own_name), "--no-password"},
              cancelled)
          .status());
  RETURN_IF_ERROR(ConfigureIn(building, settings));
  RETURN_IF_ERROR(WriteOwned(building + "/override.conf",
                             RenderOverrideConf(own_name, primary)));
  RETURN_IF_ERROR(WriteOwned(building + "/standby.signal", ""));
  RETURN_IF_ERROR(RemoveTree(data_directory()));
  return Rename(building, data_directory());
}

absl::Status InstanceFiles::Rewind(const Installation& installation,
                                   const Upstream& primary,
                                   absl::string_view own_name,
                                   const ServerSettings& settings,
                                   const std::atomic<bool>& cancelled) {
  RETURN_IF_ERROR(Prepare());
  // From here on a crash must not start it as a primary again.
  RETURN_IF_ERROR(WriteOwned(data_directory() + "/standby.signal", ""));
  RETURN_IF_ERROR(RunTool(installation, "pg_rewind",
                          {"-D", data_directory(), "--source-server",
                           ConnectionString(primary, "postgres"), "--no-sync"},
                          cancelled)
                      .status());
  RETURN_IF_ERROR(ConfigureIn(data_directory(), settings));
  RETURN_IF_ERROR(WriteOwned(data_directory() + "/override.conf",
                             RenderOverrideConf(own_name, primary)));
  return WriteOwned(data_directory() + "/standby.signal", "");
}

bool InstanceFiles::IsConfigured(const ServerSettings& settings) const {
  const std::string data = data_directory();
  return ReadFile(data + "/custom.conf") == RenderCustomConf(settings) &&
         ReadFile(data + "/pg_hba.conf") == RenderHba(settings) &&
         ReadFile(data + "/pg_ident.conf") == RenderIdent(settings);
}

absl::StatusOr<bool> InstanceFiles::Configure(const ServerSettings& settings) {
  const std::string data = data_directory();
  ASSIGN_OR_RETURN(bool custom, WriteIfChanged(data + "/custom.conf",
                                               RenderCustomConf(settings)));
  ASSIGN_OR_RETURN(bool hba,
                   WriteIfChanged(data + "/pg_hba.conf", RenderHba(settings)));
  ASSIGN_OR_RETURN(bool ident, WriteIfChanged(data + "/pg_ident.conf",
                                              RenderIdent(settings)));
  return custom || hba || ident;
}

absl::StatusOr<bool> InstanceFiles::Follow(absl::string_view own_name,
                                           const Upstream& upstream) {
  return WriteIfChanged(data_directory() + "/override.conf",
                        RenderOverrideConf(own_name, upstream));
}

std::optional<pid_t> InstanceFiles::RunningServer() const {
  std::optional<std::string> text =
      ReadFile(data_directory() + "/postmaster.pid");
  pid_t pid = 0;
  if (!text.has_value() ||
      !absl::SimpleAtoi(text->substr(0, text->find('\n')), &pid) || pid <= 0) {
    return std::nullopt;
  }
  // The number may long belong to another program.
  std::error_code error;
  fs::path proc = absl::StrCat("/proc/", pid);
  fs::path cwd = fs::read_symlink(proc / "cwd", error);
  if (error || cwd != fs::weakly_canonical(data_directory(), error)) {
    return std::nullopt;
  }
  return IsAlive(pid) ? std::optional<pid_t>(pid) : std::nullopt;
}

std::optional<absl::Time> InstanceFiles::ServerStartTime() const {
  std::optional<std::string> text =
      ReadFile(data_directory() + "/postmaster.pid");
  if (!text.has_value()) return std::nullopt;
  // The third line, in seconds since the epoch.
  std::vector<absl::string_view> lines = absl::StrSplit(*text, '\n');
  int64_t seconds = 0;
  if (lines.size() < 3 || !absl::SimpleAtoi(lines[2], &seconds)) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(seconds);
}

absl::StatusOr<pid_t> InstanceFiles::StartServer(
    const Installation& installation, const Endpoint& endpoint) {
  // Backends of a killed server would keep its shared memory and its clients.
  RETURN_IF_ERROR(EndProcesses());
  // Now nobody runs here, whatever the locks say: their process numbers may
  // belong to others by now, or to zombies that nobody waits for.
  const std::string socket =
      absl::StrCat(endpoint.socket_directory, "/.s.PGSQL.", endpoint.port);
  std::error_code ignored;
  for (const std::string& path :
       {data_directory() + "/postmaster.pid", socket, socket + ".lock"}) {
    fs::remove(path, ignored);
  }
  Command command;
  command.argv = {installation.bin_directory + "/postgres", "-D",
                  data_directory()};
  command.user = user_;
  command.working_directory = data_directory();
  return StartDetached(command, log_file());
}

absl::Status InstanceFiles::EndProcesses() {
  return EndProcessesIn(directory_, absl::Seconds(30));
}

absl::Status InstanceFiles::Remove() {
  RETURN_IF_ERROR(EndProcesses());
  return RemoveTree(directory_);
}

std::optional<std::string> InstanceFiles::ReadNote(
    const std::string& name) const {
  return ReadFile(absl::StrCat(directory_, "/", name));
}

absl::Status InstanceFiles::WriteNote(const std::string& name,
                                      absl::string_view text) {
  RETURN_IF_ERROR(MakeDirectoryFor(user_, directory_, 0700));
  return WriteOwned(absl::StrCat(directory_, "/", name), text);
}

}  // namespace howdah::local::postgres
