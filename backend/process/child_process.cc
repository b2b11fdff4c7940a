#include "backend/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "backend/process/guardian.h"
#include "proto/support/status_macros.h"

namespace howdah::process {
namespace {

absl::Status Failed(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(error)));
}

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed("pipe", errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// All that the child needs, made before the fork: between fork and exec only
// async-signal-safe calls are allowed.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  const char* directory = nullptr;
  rlim_t most_memory = RLIM_INFINITY;
  rlim_t longest_file = RLIM_INFINITY;
  pid_t parent = 0;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Never more than we may ourselves.
void Lower(int resource, rlim_t most) {
  if (most == RLIM_INFINITY) return;
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return;
  now.rlim_max = now.rlim_max == RLIM_INFINITY || most < now.rlim_max
                     ? most
                     : now.rlim_max;
  now.rlim_cur = now.rlim_max;
  setrlimit(resource, &now);
}

// In the child; reports an errno on `report` if it cannot become the program.
[[noreturn]] void Become(const Prepared& prepared, int output, int errors,
                         int report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != prepared.parent) _exit(127);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  Lower(RLIMIT_CORE, 0);
  Lower(RLIMIT_DATA, prepared.most_memory);
  Lower(RLIMIT_FSIZE, prepared.longest_file);
  umask(077);
  const int input = open("/dev/null", O_RDONLY);
  // Above all that is in use, so that no copy overwrites another's source.
  const int safe_output = fcntl(output, F_DUPFD, 10);
  const int safe_errors = fcntl(errors, F_DUPFD, 10);
  const int safe_report = fcntl(report, F_DUPFD, 10);
  if (input >= 0 && dup2(input, 0) == 0 && dup2(safe_output, 1) == 1 &&
      dup2(safe_errors, 2) == 2 && dup2(safe_report, 3) == 3 &&
      close_range(4, ~0U, 0) == 0 && fcntl(3, F_SETFD, FD_CLOEXEC) == 0 &&
      (prepared.directory == nullptr || chdir(prepared.directory) == 0)) {
    // Looks on PATH where there is no slash; allocates nothing.
    execvpe(prepared.argv[0], prepared.argv.data(),
            prepared.environment.data());
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(3, &error, sizeof(error));
  _exit(127);
}

// 0, or the errno with which the child could not become the program.
int ReadReport(int report) {
  int error = 0;
  ssize_t got;
  do {
    got = read(report, &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  return got == sizeof(error) ? error : 0;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

void Descriptor::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const Command& command) {
  ASSIGN_OR_RETURN(Pipe output, MakePipe());
  ASSIGN_OR_RETURN(Pipe errors, MakePipe());
  ASSIGN_OR_RETURN(Pipe report, MakePipe());
  Prepared prepared{.argv = Pointers(command.argv),
                    .environment = Pointers(command.environment)};
  if (!command.directory.empty()) {
    prepared.directory = command.directory.c_str();
  }
  if (command.most_memory > 0) prepared.most_memory = command.most_memory;
  if (command.longest_file > 0) prepared.longest_file = command.longest_file;
  prepared.parent = getpid();
  // Not posix_spawn: it can neither ask for the signal of the parent's death
  // nor set limits.
  const pid_t pid = fork();
  if (pid == 0) {
    Become(prepared, output.write_end.get(), errors.write_end.get(),
           report.write_end.get());
  }
  if (pid < 0) return Failed("fork", errno);
  // In both processes, so that it is done whoever comes first.
  setpgid(pid, pid);
  Guardian::Of().Watch(pid);
  report.write_end.Close();
  ChildProcess child;
  child.pid_ = pid;
  child.output_ = std::move(output.read_end);
  child.errors_ = std::move(errors.read_end);
  if (const int error = ReadReport(report.read_end.get()); error != 0) {
    return Failed(command.argv[0], error);
  }
  child.end_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (child.end_.get() < 0) return Failed("pidfd_open", errno);
  for (const int fd : {child.output_.get(), child.errors_.get()}) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      end_(std::move(other.end_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  Kill();
  Reap();
}

void ChildProcess::Kill() {
  if (pid_ > 0) kill(-pid_, SIGKILL);
}

int ChildProcess::Reap() {
  // First until it is dead but not gone, so that its number stays its own.
  siginfo_t info{};
  while (waitid(P_PID, pid_, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  kill(-pid_, SIGKILL);
  Guardian::Of().Forget(pid_);
  return WaitFor(std::exchange(pid_, -1));
}

}  // namespace howdah::process
