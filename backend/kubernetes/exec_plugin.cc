#include "backend/kubernetes/exec_plugin.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
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
#include "backend/process/child_process.h"
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

// Reads what is there; false if it is too much.
bool ReadSome(process::Descriptor& from, std::string& text) {
  char buffer[4096];
  const ssize_t count = read(from.get(), buffer, sizeof(buffer));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) {
    from.Close();
    return true;
  }
  text.append(buffer, count);
  return text.size() <= kMaxOutputBytes;
}

// What a plug-in printed.
struct Printed {
  std::string output;
  std::string errors;
};

// Reads until the child has closed both pipes; false if it has to be stopped.
bool ReadAll(process::ChildProcess& child, std::stop_token cancelled,
             absl::Time until, Printed& printed) {
  while (child.output().get() >= 0 || child.errors().get() >= 0) {
    if (cancelled.stop_requested() || absl::Now() >= until) return false;
    // poll() passes over negative descriptors.
    pollfd ends[] = {{child.output().get(), POLLIN, 0},
                     {child.errors().get(), POLLIN, 0}};
    if (poll(ends, 2, kPollMilliseconds) <= 0) continue;
    if (ends[0].revents != 0 && !ReadSome(child.output(), printed.output)) {
      return false;
    }
    if (ends[1].revents != 0 && !ReadSome(child.errors(), printed.errors)) {
      return false;
    }
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
  process::Command command{.argv = plugin.arguments,
                           .environment = ChildEnvironment(connection)};
  command.argv.insert(command.argv.begin(), plugin.command);
  absl::StatusOr<process::ChildProcess> child =
      process::ChildProcess::Start(command);
  if (!child.ok()) {
    return Failed(plugin, absl::StrCat("it cannot be run (",
                                       child.status().message(), ")"));
  }
  Printed printed;
  if (!ReadAll(*child, cancelled, absl::Now() + limit, printed)) {
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
  const int status = child->Reap();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Failed(
        plugin,
        absl::StrCat(WIFEXITED(status)
                         ? absl::StrCat("exit code ", WEXITSTATUS(status))
                         : absl::StrCat("signal ", WTERMSIG(status)),
                     ": ", BoundedText(printed.errors)));
  }
  return ReadCredential(plugin, printed.output);
}

}  // namespace howdah::kubernetes
