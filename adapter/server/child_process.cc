#include "adapter/server/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/server/log.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/posix/stream_descriptor.hpp"
#include "simdjson.h"

extern char** environ;

namespace howdah::adapter {
namespace {

using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

constexpr int kPatienceMs = 5000;
constexpr size_t kLongestLine = 64 * 1024;

struct Pipe {
  int read = -1;
  int write = -1;
};

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
}

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Failed("pipe");
  return Pipe{ends[0], ends[1]};
}

// Starts the program with the given stdin, stdout and stderr and with signals
// as a shell would leave them.
absl::StatusOr<pid_t> Launch(const std::vector<std::string>& command, int in,
                             int out, int error) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, error, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int result = posix_spawn(&pid, arguments[0], &files, &attributes,
                                 arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (result != 0) {
    errno = result;
    return Failed(command[0]);
  }
  return pid;
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) {
    return absl::StrCat("was killed by signal ", WTERMSIG(status));
  }
  return absl::StrCat("exited with ", WEXITSTATUS(status));
}

// The text that a line means to a person.
std::string Words(absl::string_view line) {
  simdjson::dom::parser parser;
  std::string_view message;
  simdjson::dom::element root;
  if (parser.parse(line.data(), line.size()).get(root) == simdjson::SUCCESS &&
      root["msg"].get_string().get(message) == simdjson::SUCCESS) {
    std::string words(message);
    for (const char* key : {"error", "reason"}) {
      std::string_view more;
      if (root[key].get_string().get(more) == simdjson::SUCCESS) {
        absl::StrAppend(&words, ": ", std::string(more));
      }
    }
    return words;
  }
  return std::string(line);
}

}  // namespace

class ChildProcess::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, ChildEvents events)
      : events_(std::move(events)), out_(io), error_(io), end_(io) {}

  void Adopt(pid_t pid, int end, int in, int out, int error) {
    pid_ = pid;
    in_ = in;
    end_.assign(end);
    out_.assign(out);
    error_.assign(error);
    Read(out_, out_buffer_, out_text_,
         [this](absl::string_view line) { events_.on_line(line); });
    Read(error_, error_buffer_, error_text_, [this](absl::string_view line) {
      if (!line.empty()) last_line_ = std::string(line);
      LogForeignLine(line);
    });
    end_.async_wait(stream_descriptor::wait_read,
                    [self = shared_from_this()](error_code error) {
                      if (!error && !self->abandoned_) self->OnEnd();
                    });
  }

  // Ends the child and waits until it has.
  void Abandon() {
    abandoned_ = true;
    CloseInput();
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      pollfd ended{end_.native_handle(), POLLIN, 0};
      while (poll(&ended, 1, kPatienceMs) < 0 && errno == EINTR) {
      }
      if ((ended.revents & POLLIN) == 0) kill(pid_, SIGKILL);
      Reap();
    }
    error_code ignored;
    out_.close(ignored);
    error_.close(ignored);
    end_.close(ignored);
  }

  pid_t pid() const { return pid_; }
  std::string last_words() const { return Words(last_line_); }

 private:
  template <typename OnLine>
  void Read(stream_descriptor& from, std::array<char, 4096>& buffer,
            std::string& text, OnLine on_line) {
    from.async_read_some(boost::asio::buffer(buffer),
                         [self = shared_from_this(), this, &from, &buffer,
                          &text, on_line](error_code error, size_t size) {
                           if (abandoned_) return;
                           text.append(buffer.data(), size);
                           TakeLines(text, on_line);
                           if (!error && !abandoned_) {
                             Read(from, buffer, text, on_line);
                           }
                         });
  }

  template <typename OnLine>
  void TakeLines(std::string& text, const OnLine& on_line) {
    size_t begin = 0;
    for (size_t end = text.find('\n'); end != std::string::npos && !abandoned_;
         end = text.find('\n', begin)) {
      on_line(absl::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    text.erase(0, begin);
    if (text.size() > kLongestLine) text.clear();
  }

  int Reap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

  void OnEnd() {
    const std::string how = HowItEnded(Reap());
    CloseInput();
    // What it said last explains its end, and may not have been read yet.
    DrainError();
    events_.on_exit(how);
  }

  void DrainError() {
    if (!error_.is_open()) return;
    error_code error;
    error_.non_blocking(true, error);
    std::array<char, 4096> buffer;
    for (size_t size = 1; size > 0 && !error;) {
      size = error_.read_some(boost::asio::buffer(buffer), error);
      error_text_.append(buffer.data(), size);
    }
    TakeLines(error_text_, [this](absl::string_view line) {
      if (!line.empty()) last_line_ = std::string(line);
      LogForeignLine(line);
    });
  }

  void CloseInput() {
    if (in_ >= 0) close(in_);
    in_ = -1;
  }

  ChildEvents events_;
  pid_t pid_ = 0;
  int in_ = -1;
  bool abandoned_ = false;
  std::string last_line_;
  std::array<char, 4096> out_buffer_;
  std::array<char, 4096> error_buffer_;
  std::string out_text_;
  std::string error_text_;
  stream_descriptor out_;
  stream_descriptor error_;
  stream_descriptor end_;  // a pidfd: readable when the process has ended
};

ChildProcess::ChildProcess(std::shared_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

ChildProcess::~ChildProcess() { impl_->Abandon(); }

pid_t ChildProcess::pid() const { return impl_->pid(); }
std::string ChildProcess::last_words() const { return impl_->last_words(); }

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Spawn(
    boost::asio::io_context& io, const std::vector<std::string>& command,
    ChildEvents events) {
  const auto in = MakePipe();
  const auto out = MakePipe();
  const auto error = MakePipe();
  if (!in.ok() || !out.ok() || !error.ok()) return Failed("pipe");
  const auto pid = Launch(command, in->read, out->write, error->write);
  close(in->read);
  close(out->write);
  close(error->write);
  const int end =
      pid.ok() ? static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)) : -1;
  if (end < 0) {
    const absl::Status status = pid.ok() ? Failed("pidfd_open") : pid.status();
    if (pid.ok()) {
      kill(*pid, SIGKILL);
      waitpid(*pid, nullptr, 0);
    }
    for (const int fd : {in->write, out->read, error->read}) close(fd);
    return status;
  }
  auto impl = std::make_shared<Impl>(io, std::move(events));
  impl->Adopt(*pid, end, in->write, out->read, error->read);
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
}

}  // namespace howdah::adapter
