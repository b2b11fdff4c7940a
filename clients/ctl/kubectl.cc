#include "clients/ctl/kubectl.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace howdah::ctl {
namespace {

constexpr int kKilled = 128;

struct Pipe {
  int read = -1;
  int write = -1;
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  bool Open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void CloseRead() { Close(read); }
  void CloseWrite() { Close(write); }

 private:
  static void Close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

absl::Status CannotRun(int error) {
  if (error == ENOENT) {
    return absl::FailedPreconditionError(
        "There is no kubectl on PATH, and this command works through it. "
        "Install kubectl, or take the manifests that --print shows where it "
        "is.");
  }
  return absl::InternalError(
      absl::StrCat("kubectl cannot be run: ", std::strerror(error), "."));
}

// Writes and reads at once, so that neither side waits for the other for ever.
std::string Converse(const std::string& input, Pipe& to, Pipe& from) {
  std::string output;
  size_t written = 0;
  if (input.empty()) to.CloseWrite();
  char buffer[4096];
  while (true) {
    pollfd ends[2] = {{from.read, POLLIN, 0}, {to.write, POLLOUT, 0}};
    if (::poll(ends, 2, -1) < 0 && errno != EINTR) break;
    if (to.write >= 0 && ends[1].revents != 0) {
      const ssize_t done =
          ::write(to.write, input.data() + written, input.size() - written);
      if (done > 0) written += static_cast<size_t>(done);
      if (done < 0 || written == input.size()) to.CloseWrite();
    }
    if (ends[0].revents != 0) {
      const ssize_t done = ::read(from.read, buffer, sizeof(buffer));
      if (done <= 0) break;
      output.append(buffer, static_cast<size_t>(done));
    }
  }
  return output;
}

}  // namespace

absl::StatusOr<Kubectl::Result> ProcessKubectl::Run(
    const std::vector<std::string>& arguments, const std::string& input) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe to, from;
  if (!to.Open() || !from.Open()) return CannotRun(errno);
  std::vector<char*> argv = {const_cast<char*>("kubectl")};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, to.read, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, from.write, STDOUT_FILENO);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv.front(), &actions, nullptr,
                                   argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return CannotRun(error);
  to.CloseRead();
  from.CloseWrite();
  Result result;
  result.output = Converse(input, to, from);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code =
      WIFEXITED(status) ? WEXITSTATUS(status) : kKilled + WTERMSIG(status);
  return result;
}

}  // namespace howdah::ctl
