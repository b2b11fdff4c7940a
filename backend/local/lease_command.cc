#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "backend/local/commands.h"
#include "backend/local/control_socket.h"
#include "backend/local/data_directory.h"
#include "backend/local/private_files.h"
#include "backend/local/stop_signal.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

int Complain(const absl::Status& status) {
  fprintf(stderr, "howdah-local: %s\n", std::string(status.message()).c_str());
  return 1;
}

// The newest error that the log of a plane that did not start tells.
std::string LastError(const std::string& log) {
  absl::StatusOr<std::string> text = ReadFile(log);
  if (!text.ok()) return "";
  std::string last;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    nlohmann::json entry =
        nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    if (entry.is_object() && entry.value("level", "") == "error") {
      last = entry.value("message", "");
    }
  }
  return last;
}

// In the new process: leaves the session of the starter and becomes a plane
// whose announcement goes to `announce`.
[[noreturn]] void BecomePlane(const CommandOptions& options, int announce,
                              int log) {
  setsid();
  if (fork() != 0) _exit(0);  // its parent is init now
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(announce, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::string port = std::to_string(options.port);
  execl("/proc/self/exe", "howdah-local", "serve", "--data-dir",
        options.data_dir.c_str(), "--host", options.host.c_str(), "--port",
        port.c_str(), "--exit-when-unused", "--announce", nullptr);
  _exit(127);
}

// Starts a plane and waits until it serves.
absl::Status StartPlane(const CommandOptions& options,
                        const DataDirectory& data) {
  int log =
      open(data.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot open ", data.log()));
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    close(log);
    return absl::ErrnoToStatus(errno, "Cannot make a pipe");
  }
  pid_t child = fork();
  if (child == 0) BecomePlane(options, ends[1], log);
  close(ends[1]);
  close(log);
  if (child < 0) {
    close(ends[0]);
    return absl::ErrnoToStatus(errno, "Cannot start a process");
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  pollfd ready = {ends[0], POLLIN, 0};
  char first = 0;
  bool serves =
      poll(&ready, 1,
           static_cast<int>(absl::ToInt64Milliseconds(kStartPatience))) == 1 &&
      read(ends[0], &first, 1) == 1;
  close(ends[0]);
  if (serves) return absl::OkStatus();
  std::string why = LastError(data.log());
  return absl::UnavailableError(absl::StrCat(
      "The plane did not start: ", why.empty() ? "no error was logged" : why,
      why.empty() || why.back() != '.' ? ". See " : " See ", data.log()));
}

struct Held {
  ControlClient client;
  nlohmann::json facts;
};

absl::StatusOr<Held> Attach(const DataDirectory& data) {
  ASSIGN_OR_RETURN(ControlClient client,
                   ControlClient::Connect(data.control_socket()));
  ASSIGN_OR_RETURN(nlohmann::json facts,
                   client.Ask("lease", absl::Seconds(10)));
  facts["started"] = false;
  return Held{std::move(client), std::move(facts)};
}

absl::StatusOr<Held> AttachOrStart(const CommandOptions& options,
                                   const DataDirectory& data) {
  absl::StatusOr<Held> held = Attach(data);
  if (held.ok()) return held;
  RETURN_IF_ERROR(data.Create());
  // One starter at a time; the others find its plane.
  ASSIGN_OR_RETURN(FileLock lock,
                   FileLock::Acquire(data.start_lock(), kStartPatience));
  held = Attach(data);
  if (held.ok()) return held;
  RETURN_IF_ERROR(StartPlane(options, data));
  ASSIGN_OR_RETURN(Held started, Attach(data));
  started.facts["started"] = true;
  return started;
}

}  // namespace

int Lease(const CommandOptions& options) {
  StopSignal stop;
  if (options.exit_with_parent) ExitWithParent();
  DataDirectory data(options.data_dir);
  absl::StatusOr<Held> held = AttachOrStart(options, data);
  if (!held.ok()) return Complain(held.status());
  printf("%s\n", held->facts.dump().c_str());
  fflush(stdout);
  std::string why = stop.Wait({STDIN_FILENO, held->client.file()});
  if (why != "closed") return 0;
  pollfd plane = {held->client.file(), POLLIN, 0};
  if (poll(&plane, 1, 0) == 1) {
    fprintf(stderr, "howdah-local: the plane on %s has ended\n",
            data.path().c_str());
    return 1;
  }
  return 0;
}

int Status(const CommandOptions& options) {
  DataDirectory data(options.data_dir);
  absl::StatusOr<ControlClient> client =
      ControlClient::Connect(data.control_socket());
  if (!client.ok()) {
    printf("{\"running\":false,\"data_dir\":%s}\n",
           nlohmann::json(data.path()).dump().c_str());
    return 3;
  }
  absl::StatusOr<nlohmann::json> facts =
      client->Ask("status", absl::Seconds(10));
  if (!facts.ok()) return Complain(facts.status());
  (*facts)["running"] = true;
  printf("%s\n", facts->dump().c_str());
  return 0;
}

int Stop(const CommandOptions& options) {
  StopSignal stop;
  DataDirectory data(options.data_dir);
  absl::StatusOr<ControlClient> client =
      ControlClient::Connect(data.control_socket());
  if (!client.ok()) {
    fprintf(stderr, "howdah-local: no plane runs on %s\n", data.path().c_str());
    return 0;
  }
  absl::StatusOr<nlohmann::json> facts =
      client->Ask("status", absl::Seconds(10));
  if (!facts.ok()) return Complain(facts.status());
  // Held before the end, so that the pid cannot be another's.
  int process =
      static_cast<int>(syscall(SYS_pidfd_open, facts->value("pid", 0), 0));
  facts = client->Ask("stop", absl::Seconds(10));
  if (!facts.ok()) return Complain(facts.status());
  stop.Wait({process >= 0 ? process : client->file()});
  return 0;
}

}  // namespace howdah::local
