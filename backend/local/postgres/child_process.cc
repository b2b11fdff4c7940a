#include "backend/local/postgres/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/local/postgres/errors.h"
#include "proto/support/status_macros.h"

namespace howdah::local::postgres {
namespace {

constexpr size_t kMaxOutput = 64 * 1024;

std::string ProgramName(const Command& command) {
  return std::filesystem::path(command.argv[0]).filename().string();
}

// Everything the child needs, prepared before fork: between fork and exec only
// async-signal-safe calls are allowed.
struct Prepared {
  std::vector<char*> argv;
  std::vector<std::string> environment;
  std::vector<char*> envp;
};

Prepared Prepare(const Command& command) {
  Prepared prepared;
  for (const std::string& argument : command.argv) {
    prepared.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  prepared.argv.push_back(nullptr);
  prepared.environment = {"PATH=/usr/bin:/bin",
                          "LANG=C.UTF-8",
                          "LC_ALL=C.UTF-8",
                          "TZ=UTC",
                          "PGOPTIONS=",
                          "PGAPPNAME=howdah-local",
                          absl::StrCat("HOME=", command.working_directory)};
  for (std::string& entry : prepared.environment) {
    prepared.envp.push_back(entry.data());
  }
  prepared.envp.push_back(nullptr);
  return prepared;
}

// Runs in the child; does not return. Reports errno on `report`.
[[noreturn]] void Become(const Command& command, const Prepared& prepared,
                         int output, int report, bool dies_with_parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal_number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    signal(signal_number, SIG_DFL);
  }
  setpgid(0, 0);
  umask(077);
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (report != 3) {
    dup2(report, 3);
    fcntl(3, F_SETFD, FD_CLOEXEC);
  }
  syscall(SYS_close_range, 4, ~0U, 0);
  if (BecomeUser(command.user)) {
    // After the change of user, which clears it.
    if (dies_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chdir(command.working_directory.c_str()) == 0) {
      execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
    }
  }
  int error = errno;
  [[maybe_unused]] ssize_t written = write(3, &error, sizeof(error));
  _exit(127);
}

absl::StatusOr<pid_t> Spawn(const Command& command, int output,
                            bool dies_with_parent) {
  Prepared prepared = Prepare(command);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return SystemError("pipe", errno);
  pid_t child = fork();
  if (child == 0) {
    Become(command, prepared, output, report[1], dies_with_parent);
  }
  int fork_error = errno;
  close(report[1]);
  if (child < 0) {
    close(report[0]);
    return SystemError("fork", fork_error);
  }
  int error = 0;
  ssize_t got;
  while ((got = read(report[0], &error, sizeof(error))) < 0 && errno == EINTR) {
  }
  close(report[0]);
  if (got == sizeof(error)) {
    waitpid(child, nullptr, 0);
    return SystemError(command.argv[0], error);
  }
  return child;
}

void KillGroup(pid_t group) {
  kill(-group, SIGKILL);
  kill(group, SIGKILL);
}

}  // namespace

absl::StatusOr<pid_t> StartDetached(const Command& command,
                                    const std::string& output_file) {
  int output = open(output_file.c_str(),
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) return SystemError(output_file, errno);
  absl::Cleanup close_output = [output] { close(output); };
  return Spawn(command, output, /*dies_with_parent=*/false);
}

absl::StatusOr<std::string> Run(const Command& command, absl::Duration timeout,
                                const std::atomic<bool>& cancelled) {
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) return SystemError("pipe", errno);
  absl::Cleanup close_read = [&] { close(output[0]); };
  absl::StatusOr<pid_t> child =
      Spawn(command, output[1], /*dies_with_parent=*/true);
  close(output[1]);
  RETURN_IF_ERROR(child.status());

  const absl::Time deadline = absl::Now() + timeout;
  absl::Status stopped;
  std::string text;
  char buffer[8192];
  while (true) {
    if (stopped.ok() && cancelled.load()) {
      stopped = CommandCancelled(ProgramName(command));
      KillGroup(*child);
    } else if (stopped.ok() && absl::Now() > deadline) {
      stopped = CommandTimedOut(ProgramName(command));
      KillGroup(*child);
    }
    pollfd readable{output[0], POLLIN, 0};
    int ready = poll(&readable, 1, 100);
    if (ready <= 0) continue;
    ssize_t got = read(output[0], buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, got);
    if (text.size() > 2 * kMaxOutput) text.erase(0, text.size() - kMaxOutput);
  }
  int status = 0;
  while (waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  RETURN_IF_ERROR(stopped);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return CommandFailed(ProgramName(command), code, text);
}

bool IsAlive(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  if (!std::getline(file, line)) return false;
  size_t end = line.rfind(')');  // the name may contain anything
  return end != std::string::npos && end + 2 < line.size() &&
         line[end + 2] != 'Z';
}

std::vector<pid_t> ProcessesIn(const std::string& directory) {
  std::error_code error;
  std::string wanted =
      std::filesystem::weakly_canonical(directory, error).string();
  std::vector<pid_t> result;
  if (wanted.empty()) return result;
  for (std::filesystem::directory_iterator it("/proc", error), end;
       !error && it != end; it.increment(error)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(it->path().filename().string(), &pid)) continue;
    if (pid == getpid()) continue;
    std::error_code unreadable;
    std::string cwd =
        std::filesystem::read_symlink(it->path() / "cwd", unreadable).string();
    if (unreadable) continue;
    if (cwd == wanted || absl::StartsWith(cwd, wanted + "/")) {
      result.push_back(pid);
    }
  }
  return result;
}

absl::Status EndProcessesIn(const std::string& directory,
                            absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    std::vector<pid_t> alive;
    for (pid_t pid : ProcessesIn(directory)) {
      if (IsAlive(pid)) alive.push_back(pid);
    }
    if (alive.empty()) return absl::OkStatus();
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          alive.size(), " processes in ", directory, " do not end"));
    }
    for (pid_t pid : alive) kill(pid, SIGKILL);
    absl::SleepFor(absl::Milliseconds(10));
  }
}

}  // namespace howdah::local::postgres
