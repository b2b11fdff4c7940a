#include "backend/process/program_pool.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace howdah::process {
namespace {

using How = ProgramEnd::How;

constexpr size_t kReadAtOnce = 64 * 1024;

// Reads what is there. Keeps `most` of it, counts all; closes at the end.
void ReadAvailable(Descriptor& from, size_t most, std::string& kept,
                   size_t& all) {
  char buffer[kReadAtOnce];
  while (from.get() >= 0) {
    const ssize_t got = read(from.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return from.Close();
    all += static_cast<size_t>(got);
    kept.append(buffer, std::min<size_t>(got, most - kept.size()));
    // One that never stops printing must not keep us here.
    if (static_cast<size_t>(got) < sizeof(buffer)) return;
    if (all > 2 * most) return;
  }
}

// An eventfd. Threads: safe.
class Bell {
 public:
  int fd() const { return fd_.get(); }
  void Ring() {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(fd(), &one, sizeof(one));
  }
  void Silence() {
    uint64_t rings;
    [[maybe_unused]] const ssize_t got = read(fd(), &rings, sizeof(rings));
  }

 private:
  Descriptor fd_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

}  // namespace

class ProgramPool::Impl {
 public:
  explicit Impl(const ProgramPoolOptions& options) : options_(options) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    bell_.Ring();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Add(Program program, Done done, bool always) {
    auto job = std::make_unique<Job>(std::move(program), std::move(done));
    const std::function<void()> ring = [this] { bell_.Ring(); };
    job->on_cancel.emplace(job->program.cancelled, ring);
    job->on_ending.emplace(job->program.ending, ring);
    {
      const std::lock_guard lock(mutex_);
      const size_t free = options_.most_running -
                          std::min(options_.most_running, running_count_);
      if (!always && waiting_.size() >= free + options_.most_waiting) {
        return absl::ResourceExhaustedError(
            absl::StrCat(waiting_.size(), " programs wait already"));
      }
      waiting_.push_back(std::move(job));
      if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
    }
    bell_.Ring();
    return absl::OkStatus();
  }

 private:
  struct Job {
    Job(Program given, Done then)
        : program(std::move(given)), done(std::move(then)) {}

    Program program;
    Done done;
    std::optional<ChildProcess> child;
    ProgramEnd end;
    std::optional<How> stopped;
    size_t error_bytes = 0;
    // Rings when the caller has gone.
    std::optional<std::stop_callback<std::function<void()>>> on_cancel;
    // The same when the server ends; then `until` is the end of the grace.
    std::optional<std::stop_callback<std::function<void()>>> on_ending;
    bool is_ending = false;
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;

  void Work();
  // Takes those that wait and may start now, and those that need not any more.
  Jobs TakeWaiting(absl::Time now);
  static bool IsOver(const Job& job, absl::Time now) {
    return job.program.cancelled.stop_requested() || now >= job.program.until;
  }
  static How WhyOver(const Job& job) {
    if (job.program.cancelled.stop_requested()) return How::kCancelled;
    return job.is_ending ? How::kEnding : How::kOutOfTime;
  }
  // Shortens the time of those whose server ends.
  void NoteEndings(absl::Time now);
  static void NoteEnding(Job& job, absl::Time now) {
    if (job.is_ending || !job.program.ending.stop_requested()) return;
    const absl::Time end = now + job.program.grace;
    // One that would have been stopped before is just late.
    if (end >= job.program.until) return;
    job.is_ending = true;
    job.program.until = end;
  }
  void Begin(std::unique_ptr<Job> job);
  void Wait(absl::Time until);
  void StopOverdue(absl::Time now);
  // Whether any has ended.
  bool CollectEnded();
  void Finish(std::unique_ptr<Job> job);
  absl::Time NextDeadline();

  const ProgramPoolOptions options_;
  Bell bell_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Job>> waiting_;
  size_t running_count_ = 0;
  bool stopping_ = false;
  Jobs running_;  // of the thread
  std::vector<pollfd> polled_;
  std::thread thread_;
};

void ProgramPool::Impl::Work() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    const absl::Time now = absl::Now();
    NoteEndings(now);
    for (std::unique_ptr<Job>& job : TakeWaiting(now)) Begin(std::move(job));
    StopOverdue(now);
    // Whose place is free now is for one that waits.
    if (!CollectEnded()) Wait(NextDeadline());
  }
  for (std::unique_ptr<Job>& job : running_) {
    job->stopped = How::kCancelled;
    Finish(std::move(job));
  }
  running_.clear();
  std::deque<std::unique_ptr<Job>> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(waiting_);
  }
  for (std::unique_ptr<Job>& job : left) {
    job->stopped = How::kCancelled;
    Finish(std::move(job));
  }
}

void ProgramPool::Impl::NoteEndings(absl::Time now) {
  for (const auto& job : running_) NoteEnding(*job, now);
  const std::lock_guard lock(mutex_);
  for (const auto& job : waiting_) NoteEnding(*job, now);
}

ProgramPool::Impl::Jobs ProgramPool::Impl::TakeWaiting(absl::Time now) {
  Jobs taken;
  const std::lock_guard lock(mutex_);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const bool over = IsOver(**it, now);
    if (!over && running_count_ >= options_.most_running) {
      ++it;
      continue;
    }
    if (!over) ++running_count_;
    if (over) (*it)->stopped = WhyOver(**it);
    taken.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  return taken;
}

void ProgramPool::Impl::Begin(std::unique_ptr<Job> job) {
  if (job->stopped) return Finish(std::move(job));
  absl::StatusOr<ChildProcess> child =
      ChildProcess::Start(job->program.command);
  if (!child.ok()) {
    {
      const std::lock_guard lock(mutex_);
      --running_count_;
    }
    return job->done(child.status());
  }
  job->child.emplace(*std::move(child));
  job->end.started = true;
  running_.push_back(std::move(job));
}

absl::Time ProgramPool::Impl::NextDeadline() {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& job : running_) {
    if (!job->stopped) next = std::min(next, job->program.until);
  }
  const std::lock_guard lock(mutex_);
  for (const auto& job : waiting_) next = std::min(next, job->program.until);
  return next;
}

void ProgramPool::Impl::Wait(absl::Time until) {
  polled_.clear();
  polled_.push_back({bell_.fd(), POLLIN, 0});
  for (const auto& job : running_) {
    // poll() passes over negative descriptors.
    for (const int fd : {job->child->end_fd(), job->child->output().get(),
                         job->child->errors().get()}) {
      polled_.push_back({fd, POLLIN, 0});
    }
  }
  int milliseconds = -1;
  if (until != absl::InfiniteFuture()) {
    const absl::Duration left =
        std::clamp(until - absl::Now(), absl::ZeroDuration(), absl::Minutes(1));
    milliseconds = static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
  }
  poll(polled_.data(), polled_.size(), milliseconds);
  bell_.Silence();
}

void ProgramPool::Impl::StopOverdue(absl::Time now) {
  for (const auto& job : running_) {
    if (job->stopped || !IsOver(*job, now)) continue;
    job->stopped = WhyOver(*job);
    job->child->Kill();
  }
}

bool ProgramPool::Impl::CollectEnded() {
  bool any = false;
  for (auto it = running_.begin(); it != running_.end();) {
    Job& job = **it;
    ReadAvailable(job.child->output(), job.program.most_output, job.end.output,
                  job.end.output_bytes);
    ReadAvailable(job.child->errors(), job.program.most_errors, job.end.errors,
                  job.error_bytes);
    pollfd ended{job.child->end_fd(), POLLIN, 0};
    if (poll(&ended, 1, 0) <= 0) {
      ++it;
      continue;
    }
    std::unique_ptr<Job> over = std::move(*it);
    it = running_.erase(it);
    Finish(std::move(over));
    any = true;
  }
  return any;
}

// Tells the caller how it ended. Not waited for is the end of its output: a
// child of the program may hold that open for ever.
void ProgramPool::Impl::Finish(std::unique_ptr<Job> job) {
  ProgramEnd& end = job->end;
  if (job->child) {
    job->child->Kill();
    const int status = job->child->Reap();
    ReadAvailable(job->child->output(), job->program.most_output, end.output,
                  end.output_bytes);
    ReadAvailable(job->child->errors(), job->program.most_errors, end.errors,
                  job->error_bytes);
    end.how = WIFEXITED(status) ? How::kExited : How::kSignalled;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    const std::lock_guard lock(mutex_);
    --running_count_;
  }
  // One that ended by itself just in time did end by itself.
  if (job->stopped && (!job->child || end.how == How::kSignalled)) {
    end.how = *job->stopped;
  }
  job->on_cancel.reset();
  job->on_ending.reset();
  job->done(std::move(end));
}

ProgramPool::ProgramPool(const ProgramPoolOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
ProgramPool::~ProgramPool() = default;

absl::Status ProgramPool::Run(Program program, Done done) {
  return impl_->Add(std::move(program), std::move(done), /*always=*/false);
}

absl::StatusOr<ProgramEnd> ProgramPool::RunAndWait(Program program) {
  std::promise<absl::StatusOr<ProgramEnd>> promise;
  std::future<absl::StatusOr<ProgramEnd>> end = promise.get_future();
  const absl::Status added = impl_->Add(
      std::move(program),
      [&promise](absl::StatusOr<ProgramEnd> how) {
        promise.set_value(std::move(how));
      },
      /*always=*/true);
  if (!added.ok()) return added;
  return end.get();
}

}  // namespace howdah::process
