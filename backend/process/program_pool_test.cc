// Real programs: small scripts of /bin/sh.
#include "backend/process/program_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::process {
namespace {

using How = ProgramEnd::How;
using ::howdah::testing::StatusIs;
using ::testing::HasSubstr;

Program Script(const std::string& script) {
  Program program;
  program.command.argv = {"/bin/sh", "-c", script};
  program.until = absl::Now() + absl::Minutes(1);
  return program;
}

bool Exists(pid_t pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  if (!std::getline(stat, text)) return false;
  return text[text.rfind(')') + 2] != 'Z';
}

// Waits for what must happen soon; fails the test if it does not.
template <typename Condition>
bool Eventually(Condition condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(20);
       absl::Now() < end;) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

pid_t FirstLineAsPid(const std::string& text) {
  pid_t pid = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text.substr(0, text.find('\n')), &pid)) << text;
  return pid;
}

// A file that a script writes and the test waits for.
class Note {
 public:
  Note() {
    std::string path = ::testing::TempDir() + "/note-XXXXXX";
    const int fd = mkstemp(path.data());
    close(fd);
    path_ = path;
  }
  ~Note() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }
  std::string Await() const {
    std::string text;
    EXPECT_TRUE(Eventually([&] {
      std::ifstream in(path_);
      return static_cast<bool>(std::getline(in, text));
    }));
    return text;
  }

 private:
  std::string path_;
};

TEST(ProgramPoolTest, TellsWhatAProgramPrintedAndHowItEnded) {
  ProgramPool pool({});
  const auto end = pool.RunAndWait(Script("echo out; echo err >&2; exit 7"));
  ASSERT_OK(end);
  EXPECT_EQ(end->how, How::kExited);
  EXPECT_EQ(end->code, 7);
  EXPECT_EQ(end->output, "out\n");
  EXPECT_EQ(end->errors, "err\n");
  EXPECT_FALSE(end->output_cut());
}

TEST(ProgramPoolTest, GivesAProgramNothingButWhatItIsGiven) {
  setenv("HOWDAH_TEST_SECRET", "s3cr3t", 1);
  ProgramPool pool({});
  Program program;
  program.command = {.argv = {"/usr/bin/env"}, .environment = {"A=1", "B=2"}};
  EXPECT_EQ(pool.RunAndWait(program)->output, "A=1\nB=2\n");
  program = Script("pwd; cat; ls /proc/self/fd; umask");
  program.command.directory = "/";
  // Of descriptors only the three, and the one with which ls looks.
  EXPECT_EQ(pool.RunAndWait(program)->output, "/\n0\n1\n2\n3\n0077\n");
}

TEST(ProgramPoolTest, AProgramThatCannotBeStartedIsUnavailable) {
  ProgramPool pool({});
  Program program;
  program.command.argv = {"/no/such/program"};
  const auto end = pool.RunAndWait(program);
  EXPECT_THAT(end, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(end.status().message(), HasSubstr("No such file"));
  EXPECT_OK(pool.RunAndWait(Script("true"))) << "its place is free again";
}

// Runs one that never ends until its time is over, with so much time that it
// printed something: what machines need for that differs.
absl::StatusOr<ProgramEnd> RunOutOfTime(ProgramPool& pool, Program program) {
  for (absl::Duration time = absl::Milliseconds(200);; time *= 2) {
    program.until = absl::Now() + time;
    absl::StatusOr<ProgramEnd> end = pool.RunAndWait(program);
    if (!end.ok() || !end->output.empty()) return end;
  }
}

TEST(ProgramPoolTest, KillsAProgramWithItsChildrenWhenTimeIsOver) {
  ProgramPool pool({});
  const auto end = RunOutOfTime(pool, Script("sleep 600 & echo $!; wait"));
  ASSERT_OK(end);
  EXPECT_EQ(end->how, How::kOutOfTime);
  const pid_t child = FirstLineAsPid(end->output);
  EXPECT_TRUE(Eventually([&] { return !Exists(child); }));
}

TEST(ProgramPoolTest, KillsAProgramWithItsChildrenWhenTheCallerGoes) {
  ProgramPool pool({});
  Note note;
  std::stop_source caller;
  Program program =
      Script(absl::StrCat("sleep 600 & echo $! > ", note.path(), "; wait"));
  program.cancelled = caller.get_token();
  auto end = std::async([&] { return pool.RunAndWait(program); });
  const pid_t child = FirstLineAsPid(note.Await());
  EXPECT_TRUE(Exists(child));
  caller.request_stop();
  EXPECT_EQ(end.get()->how, How::kCancelled);
  EXPECT_TRUE(Eventually([&] { return !Exists(child); }));
}

TEST(ProgramPoolTest, KillsAProgramWithItsChildrenWhenItsGraceIsOver) {
  ProgramPool pool({});
  Note note;
  std::stop_source server;
  Program program =
      Script(absl::StrCat("sleep 600 & echo $! > ", note.path(), "; wait"));
  program.ending = server.get_token();
  program.grace = absl::Milliseconds(50);
  auto end = std::async([&] { return pool.RunAndWait(program); });
  const pid_t child = FirstLineAsPid(note.Await());
  server.request_stop();
  EXPECT_EQ(end.get()->how, How::kEnding);
  EXPECT_TRUE(Eventually([&] { return !Exists(child); }));
}

TEST(ProgramPoolTest, AProgramThatEndsWithinItsGraceJustEnds) {
  ProgramPool pool({});
  Note note;
  Note gate;
  std::filesystem::remove(gate.path());
  std::stop_source server;
  Program program =
      Script(absl::StrCat("echo > ", note.path(), "; while ! test -e ",
                          gate.path(), "; do sleep 0.02; done; echo done"));
  program.ending = server.get_token();
  program.grace = absl::Minutes(1);
  auto end = std::async([&] { return pool.RunAndWait(program); });
  note.Await();
  server.request_stop();
  std::ofstream(gate.path()) << "go";
  const auto ended = end.get();
  EXPECT_EQ(ended->how, How::kExited);
  EXPECT_EQ(ended->output, "done\n");
  // One that comes then has no grace to begin in.
  program.grace = absl::ZeroDuration();
  const auto late = pool.RunAndWait(program);
  EXPECT_EQ(late->how, How::kEnding);
  EXPECT_FALSE(late->started);
}

TEST(ProgramPoolTest, AChildLeftBehindNeitherHoldsTheAnswerNorLives) {
  ProgramPool pool({});
  // It keeps the pipes open.
  const auto end = pool.RunAndWait(Script("sleep 600 & echo $!"));
  ASSERT_OK(end);
  EXPECT_EQ(end->how, How::kExited);
  const pid_t child = FirstLineAsPid(end->output);
  EXPECT_TRUE(Eventually([&] { return !Exists(child); }));
}

TEST(ProgramPoolTest, KeepsTheBeginningOfALongOutputAndCountsTheRest) {
  ProgramPool pool({});
  Program program =
      Script("head -c 3000000 /dev/zero | tr '\\0' x; echo done >&2");
  program.most_output = 1000;
  const auto end = pool.RunAndWait(program);
  ASSERT_OK(end);
  EXPECT_EQ(end->output, std::string(1000, 'x'));
  EXPECT_EQ(end->output_bytes, 3000000u);
  EXPECT_TRUE(end->output_cut());
  EXPECT_EQ(end->errors, "done\n") << "it was not stopped";
}

TEST(ProgramPoolTest, WhatPrintsForEverIsStoppedInTime) {
  ProgramPool pool({});
  Program program = Script("yes");
  program.most_output = 1000;
  const auto end = RunOutOfTime(pool, program);
  ASSERT_OK(end);
  EXPECT_EQ(end->how, How::kOutOfTime);
  EXPECT_EQ(end->output.size(), 1000u);
}

TEST(ProgramPoolTest, LimitsHold) {
  ProgramPool pool({});
  Program program = Script("ulimit -d; ulimit -f; ulimit -c");
  program.command.most_memory = 512 << 20;
  program.command.longest_file = 1 << 20;
  EXPECT_EQ(pool.RunAndWait(program)->output, "524288\n2048\n0\n");
}

// Counts how many run at once, and lets them go together.
TEST(ProgramPoolTest, RunsAFewAtATimeAndRefusesWhatIsTooMuch) {
  Note gate;
  std::filesystem::remove(gate.path());
  ProgramPool pool({.most_running = 2, .most_waiting = 3});
  std::atomic<int> ended = 0;
  std::atomic<int> started = 0;
  Note marks;
  const std::string script =
      absl::StrCat("echo $$ >> ", marks.path(), "; while ! test -e ",
                   gate.path(), "; do sleep 0.02; done");
  for (int i = 0; i < 5; ++i) {
    EXPECT_OK(pool.Run(Script(script), [&](absl::StatusOr<ProgramEnd> end) {
      EXPECT_EQ(end->how, How::kExited);
      ++ended;
    }));
  }
  EXPECT_THAT(pool.Run(Script("true"), nullptr),
              StatusIs(absl::StatusCode::kResourceExhausted));
  const auto running = [&] {
    std::ifstream in(marks.path());
    std::string line;
    int count = 0;
    while (std::getline(in, line)) ++count;
    return count;
  };
  EXPECT_TRUE(Eventually([&] { return running() == 2; }));
  EXPECT_EQ(ended, 0);
  std::ofstream(gate.path()) << "go";
  EXPECT_TRUE(Eventually([&] { return ended == 5; }));
  EXPECT_EQ(running(), 5);
  EXPECT_OK(pool.RunAndWait(Script("true")));
}

TEST(ProgramPoolTest, WhoWaitsForItsTurnCanGoToo) {
  ProgramPool pool({.most_running = 1, .most_waiting = 1});
  std::stop_source first;
  Note note;
  Program program = Script(absl::StrCat("echo > ", note.path(), "; sleep 600"));
  program.cancelled = first.get_token();
  std::promise<void> over;
  ASSERT_OK(pool.Run(program, [&](absl::StatusOr<ProgramEnd> end) {
    EXPECT_EQ(end->how, How::kCancelled);
    EXPECT_TRUE(end->started);
    over.set_value();
  }));
  std::stop_source second;
  Program waiting = Script("echo never");
  waiting.cancelled = second.get_token();
  std::promise<ProgramEnd> gone;
  ASSERT_OK(pool.Run(
      waiting, [&](absl::StatusOr<ProgramEnd> end) { gone.set_value(*end); }));
  note.Await();
  second.request_stop();
  const ProgramEnd end = gone.get_future().get();
  EXPECT_EQ(end.how, How::kCancelled);
  EXPECT_FALSE(end.started);
  first.request_stop();
  over.get_future().get();
}

TEST(ProgramPoolTest, APoolThatEndsLeavesNothingBehind) {
  Note note;
  std::promise<ProgramEnd> end;
  {
    ProgramPool pool({});
    ASSERT_OK(pool.Run(
        Script(absl::StrCat("sleep 600 & echo $! > ", note.path(), "; wait")),
        [&](absl::StatusOr<ProgramEnd> how) { end.set_value(*how); }));
    note.Await();
  }
  EXPECT_EQ(end.get_future().get().how, How::kCancelled);
  const pid_t child = FirstLineAsPid(note.Await());
  EXPECT_TRUE(Eventually([&] { return !Exists(child); }));
}

// Forked before it has threads of its own.
TEST(ProgramPoolTest, AKilledProcessLeavesNoChildBehind) {
  Note note;
  const pid_t server = fork();
  if (server == 0) {
    ProgramPool pool({});
    pool.RunAndWait(Script(absl::StrCat("sleep 600 & echo $$ $! > ",
                                        note.path(), ".new; mv ", note.path(),
                                        ".new ", note.path(), "; wait")))
        .IgnoreError();
    _exit(0);
  }
  const std::vector<std::string> pids = absl::StrSplit(note.Await(), ' ');
  ASSERT_EQ(pids.size(), 2u);
  const pid_t program = FirstLineAsPid(pids[0]);
  const pid_t child = FirstLineAsPid(pids[1]);
  EXPECT_TRUE(Exists(program));
  EXPECT_TRUE(Exists(child));
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  EXPECT_TRUE(Eventually([&] { return !Exists(program) && !Exists(child); }));
}

}  // namespace
}  // namespace howdah::process
