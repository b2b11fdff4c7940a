// Calls over stdio, by a client as lean as direct_call: one thread that writes
// a line and reads the answer's.
//
//   stdio_call CALLS LINE COMMAND ARGUMENTS...   prints one JSON line.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Server {
  pid_t pid;
  int input;
  int output;
};

Server Start(char** command) {
  int in[2];
  int out[2];
  if (pipe(in) != 0 || pipe(out) != 0) std::exit(1);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
    execv(command[0], command);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  return {pid, in[1], out[0]};
}

// The answer without its newline; empty if the server is gone.
std::string Ask(const Server& server, const std::string& line) {
  if (write(server.input, line.data(), line.size()) !=
      static_cast<ssize_t>(line.size())) {
    return "";
  }
  std::string answer;
  char buffer[65536];
  while (answer.empty() || answer.back() != '\n') {
    const ssize_t count = read(server.output, buffer, sizeof buffer);
    if (count <= 0) return "";
    answer.append(buffer, count);
  }
  answer.pop_back();
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: stdio_call CALLS LINE COMMAND ARGUMENTS...\n");
    return 2;
  }
  using Clock = std::chrono::steady_clock;
  const int calls = std::atoi(argv[1]);
  const std::string line = std::string(argv[2]) + "\n";
  const Server server = Start(argv + 3);
  std::vector<double> micros;
  std::string first;
  for (int i = -100; i < calls; ++i) {
    const auto begin = Clock::now();
    const std::string answer = Ask(server, line);
    const auto end = Clock::now();
    if (first.empty()) first = answer;
    if (answer.empty() || answer != first ||
        answer.find("\"isError\":true") != std::string::npos) {
      std::fprintf(stderr, "bad answer: %s\n", answer.c_str());
      return 1;
    }
    if (i >= 0) {
      micros.push_back(
          std::chrono::duration<double, std::micro>(end - begin).count());
    }
  }
  close(server.input);
  waitpid(server.pid, nullptr, 0);
  std::sort(micros.begin(), micros.end());
  std::printf("{\"n\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
              micros.size(), micros[micros.size() / 2],
              micros[micros.size() * 99 / 100]);
}
