#include "backend/kubernetes/exec_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/kubernetes/json_text.h"
#include "backend/kubernetes/text.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

extern char** environ;

namespace howdah::kubernetes {
namespace {

using nlohmann::json;

constexpr size_t kMaxOutputBytes = size_t{1} << 20;
// How often a running plug-in is looked at for cancellation.
constexpr int kPollMilliseconds = 50;
constexpr absl::string_view kDefaultApiVersion =
    "client.authentication.k8s.io/v1";

absl::Status Failed(const ExecPlugin& plugin, absl::string_view problem) {
  return support::ErrorBuilder(absl::StatusCode::kUnauthenticated,
                               "EXEC_PLUGIN_FAILED", support::kPostgresDomain)
      .Message(absl::StrCat("The credential plug-in ", plugin.command,
                            " of the kubeconfig gave no credentials: ", problem,
                            ".", plugin.install_hint.empty() ? "" : " ",
                            BoundedText(plugin.install_hint, 300)))
      .With("command", plugin.command)
      .With("problem", problem)
      .Build();
}

std::string ApiVersion(const ExecPlugin& plugin) {
  return plugin.api_version.empty() ? std::string(kDefaultApiVersion)
                                    : plugin.api_version;
}

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The value of KUBERNETES_EXEC_INFO.
std::string ExecInfo(const Connection& connection) {
  json spec = {{"interactive", false}};
  if (connection.exec->provide_cluster_info) {
    const net::TlsOptions& tls = connection.tls;
    json cluster = {{"server", connection.server}};
    if (!tls.server_name.empty()) cluster["tls-server-name"] = tls.server_name;
    if (tls.insecure_skip_verify) cluster["insecure-skip-tls-verify"] = true;
    const std::string ca = !tls.ca_pem.empty() || tls.ca_file.empty()
                               ? tls.ca_pem
                               : FileText(tls.ca_file);
    if (!ca.empty()) {
      cluster["certificate-authority-data"] = absl::Base64Escape(ca);
    }
    if (!connection.proxy_url.empty()) {
      cluster["proxy-url"] = connection.proxy_url;
    }
    spec["cluster"] = std::move(cluster);
  }
  return DumpJson({{"apiVersion", ApiVersion(*connection.exec)},
                   {"kind", "ExecCredential"},
                   {"spec", std::move(spec)}});
}

// Environment of the child: ours, then the plug-in's own, which wins.
std::vector<std::string> ChildEnvironment(const Connection& connection) {
  std::vector<std::pair<std::string, std::string>> own =
      connection.exec->environment;
  own.emplace_back("KUBERNETES_EXEC_INFO", ExecInfo(connection));
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const auto& [name, value] : own) {
      replaced |= absl::StartsWith(*entry, absl::StrCat(name, "="));
    }
    if (!replaced) result.emplace_back(*entry);
  }
  for (const auto& [name, value] : own) {
    result.push_back(absl::StrCat(name, "=", value));
  }
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A pipe of which the child gets the writing end.
struct Pipe {
  int read_end = -1;
  int write_end = -1;

  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  void CloseWriteEnd() {
    if (write_end >= 0) close(std::exchange(write_end, -1));
  }
  ~Pipe() {
    CloseWriteEnd();
    if (read_end >= 0) close(read_end);
  }
};

// A started plug-in; killed and reaped by the destructor if still there.
class Child {
 public:
  ~Child() {
    if (pid_ <= 0) return;
    // Its own process group, so that its children go too.
    kill(-pid_, SIGKILL);
    Reap();
  }

  // Returns 0 or an errno.
  int Start(const Connection& connection);
  // Reads until the child has closed both pipes; false if it had to be stopped.
  bool ReadAll(std::stop_token cancelled, absl::Time until);
  // Waits for the end and returns the wait status.
  int Reap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    return status;
  }

  const std::string& output() const { return output_; }
  const std::string& errors() const { return errors_; }

 private:
  static bool ReadSome(Pipe& pipe, std::string& text);

  pid_t pid_ = -1;
  Pipe stdout_;
  Pipe stderr_;
  std::string output_;
  std::string errors_;
};

int Child::Start(const Connection& connection) {
  if (!stdout_.Open() || !stderr_.Open()) return errno;
  std::vector<std::string> arguments = connection.exec->arguments;
  arguments.insert(arguments.begin(), connection.exec->command);
  std::vector<std::string> environment = ChildEnvironment(connection);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, stdout_.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, stderr_.write_end, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawnp(
      &pid_, connection.exec->command.c_str(), &actions, &attributes,
      Pointers(arguments).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) pid_ = -1;
  stdout_.CloseWriteEnd();
  stderr_.CloseWriteEnd();
  return error;
}

bool Child::ReadSome(Pipe& pipe, std::string& text) {
  char buffer[4096];
  const ssize_t count = read(pipe.read_end, buffer, sizeof(buffer));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) {
    close(std::exchange(pipe.read_end, -1));
    return true;
  }
  text.append(buffer, count);
  return text.size() <= kMaxOutputBytes;
}

bool Child::ReadAll(std::stop_token cancelled, absl::Time until) {
  while (stdout_.read_end >= 0 || stderr_.read_end >= 0) {
    if (cancelled.stop_requested() || absl::Now() >= until) return false;
    // poll() passes over negative descriptors.
    pollfd ends[] = {{stdout_.read_end, POLLIN, 0},
                     {stderr_.read_end, POLLIN, 0}};
    if (poll(ends, 2, kPollMilliseconds) <= 0) continue;
    if (ends[0].revents != 0 && !ReadSome(stdout_, output_)) return false;
    if (ends[1].revents != 0 && !ReadSome(stderr_, errors_)) return false;
  }
  return true;
}

absl::StatusOr<ExecCredential> ReadCredential(const ExecPlugin& plugin,
                                              const std::string& output) {
  json value;
  if (!ParseJson(output, value) || TextAt(value, "kind") != "ExecCredential") {
    return Failed(plugin, "it did not print an ExecCredential");
  }
  if (TextAt(value, "apiVersion") != ApiVersion(plugin)) {
    return Failed(plugin, absl::StrCat("it answered in another version than ",
                                       ApiVersion(plugin)));
  }
  const json& status = ValueAt(value, "status");
  ExecCredential credential;
  credential.token = TextAt(status, "token");
  credential.certificate_pem = TextAt(status, "clientCertificateData");
  credential.key_pem = TextAt(status, "clientKeyData");
  if (credential.token.empty() &&
      (credential.certificate_pem.empty() || credential.key_pem.empty())) {
    return Failed(plugin,
                  "its ExecCredential has neither a token nor a certificate "
                  "with its key");
  }
  const std::string expires = TextAt(status, "expirationTimestamp");
  std::string error;
  if (!expires.empty() && !absl::ParseTime(absl::RFC3339_full, expires,
                                           &credential.expires, &error)) {
    return Failed(plugin, "its expirationTimestamp is not an RFC 3339 time");
  }
  return credential;
}

}  // namespace

absl::StatusOr<ExecCredential> RunExecPlugin(const Connection& connection,
                                             std::stop_token cancelled,
                                             absl::Duration limit) {
  const ExecPlugin& plugin = *connection.exec;
  if (plugin.needs_terminal) {
    return Failed(plugin,
                  "it wants a terminal (interactiveMode: Always), which a "
                  "server does not have");
  }
  Child child;
  if (const int error = child.Start(connection); error != 0) {
    return Failed(plugin,
                  absl::StrCat("it cannot be run (", strerror(error), ")"));
  }
  if (!child.ReadAll(cancelled, absl::Now() + limit)) {
    if (cancelled.stop_requested()) {
      return support::ErrorBuilder(absl::StatusCode::kCancelled, "CANCELLED",
                                   support::kPostgresDomain)
          .Message("Cancelled while the credential plug-in ran.")
          .With("command", plugin.command)
          .Build();
    }
    return Failed(plugin, absl::StrCat("it did not finish within ",
                                       absl::FormatDuration(limit),
                                       " or printed too much"));
  }
  const int status = child.Reap();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Failed(
        plugin,
        absl::StrCat(WIFEXITED(status)
                         ? absl::StrCat("exit code ", WEXITSTATUS(status))
                         : absl::StrCat("signal ", WTERMSIG(status)),
                     ": ", BoundedText(child.errors())));
  }
  return ReadCredential(plugin, child.output());
}

}  // namespace howdah::kubernetes
