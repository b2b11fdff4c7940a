#include "backend/kubernetes/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "backend/kubernetes/text.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

namespace fs = std::filesystem;
using support::ErrorBuilder;

constexpr absl::string_view kInClusterName = "in-cluster";

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status Missing(absl::string_view what, absl::string_view file) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "KUBECONFIG_MISSING", support::kPostgresDomain)
      .Message(absl::StrCat(
          what,
          " Give a kubeconfig with --kubeconfig or KUBECONFIG, or start "
          "the local plane with ./howdah up."))
      .With("file", file)
      .Precondition("KUBECONFIG", file, "The file must exist and be readable.")
      .Build();
}

absl::Status Invalid(absl::string_view file, absl::string_view problem) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "KUBECONFIG_INVALID", support::kPostgresDomain)
      .Message(absl::StrCat("The kubeconfig file ", file,
                            " cannot be used: ", problem,
                            ". Correct it; \"kubectl config view --kubeconfig ",
                            file, "\" shows how Kubernetes reads it."))
      .With("file", file)
      .With("problem", problem)
      .Precondition("KUBECONFIG", file, problem)
      .Build();
}

bool ReadFile(const fs::path& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored)) return false;
  text.assign(std::istreambuf_iterator<char>(file), {});
  return !file.bad();
}

// A relative path is relative to the file that holds it.
std::string Resolved(const fs::path& file, const std::string& path) {
  if (path.empty() || fs::path(path).is_absolute()) return path;
  return (file.parent_path() / path).lexically_normal().string();
}

}  // namespace

// Reads one file into a Kubeconfig. What is there already stays: first wins.
class KubeconfigReader {
 public:
  KubeconfigReader(fs::path file, Kubeconfig& config)
      : file_(std::move(file)), config_(config) {}

  absl::Status Read(const std::string& text);

 private:
  absl::Status ReadDocument(const YAML::Node& document);
  absl::Status ReadCluster(const std::string& name, const YAML::Node& node);
  absl::Status ReadUser(const std::string& name, const YAML::Node& node);
  absl::Status ReadContext(const std::string& name, const YAML::Node& node);
  absl::StatusOr<ExecPlugin> ReadExec(const std::string& user,
                                      const YAML::Node& node);
  absl::Status Each(const YAML::Node& document, const char* list,
                    const char* item,
                    absl::Status (KubeconfigReader::*read)(const std::string&,
                                                           const YAML::Node&));
  absl::Status ReadData(const YAML::Node& node, const char* key,
                        const std::string& owner, std::string& pem);

  static std::string Text(const YAML::Node& node, const char* key) {
    const YAML::Node value = node[key];
    return value && !value.IsNull() ? value.as<std::string>() : "";
  }
  static bool Flag(const YAML::Node& node, const char* key) {
    const YAML::Node value = node[key];
    return value && !value.IsNull() && value.as<bool>();
  }
  static std::vector<std::string> Texts(const YAML::Node& node,
                                        const char* key) {
    const YAML::Node value = node[key];
    return value && !value.IsNull() ? value.as<std::vector<std::string>>()
                                    : std::vector<std::string>();
  }

  const fs::path file_;
  Kubeconfig& config_;
};

absl::Status KubeconfigReader::Read(const std::string& text) {
  try {
    return ReadDocument(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    // Its message says where and why, and repeats no values.
    return Invalid(
        file_.string(),
        absl::StrCat("it is not valid YAML (line ", error.mark.line + 1, ": ",
                     BoundedText(error.msg, 200), ")"));
  }
}

absl::Status KubeconfigReader::ReadDocument(const YAML::Node& document) {
  if (!document || document.IsNull()) return absl::OkStatus();
  if (!document.IsMap()) {
    return Invalid(file_.string(), "it is not a YAML mapping");
  }
  if (config_.current_context_.empty()) {
    config_.current_context_ = Text(document, "current-context");
  }
  RETURN_IF_ERROR(
      Each(document, "clusters", "cluster", &KubeconfigReader::ReadCluster));
  RETURN_IF_ERROR(Each(document, "users", "user", &KubeconfigReader::ReadUser));
  return Each(document, "contexts", "context", &KubeconfigReader::ReadContext);
}

absl::Status KubeconfigReader::Each(
    const YAML::Node& document, const char* list, const char* item,
    absl::Status (KubeconfigReader::*read)(const std::string&,
                                           const YAML::Node&)) {
  const YAML::Node entries = document[list];
  if (!entries || entries.IsNull()) return absl::OkStatus();
  if (!entries.IsSequence()) {
    return Invalid(file_.string(), absl::StrCat(list, " is not a list"));
  }
  for (const YAML::Node& entry : entries) {
    if (!entry.IsMap() || Text(entry, "name").empty()) {
      return Invalid(file_.string(),
                     absl::StrCat("an entry of ", list, " has no name"));
    }
    const YAML::Node content = entry[item];
    RETURN_IF_ERROR(
        (this->*read)(Text(entry, "name"),
                      content && content.IsMap() ? content : YAML::Load("{}")));
  }
  return absl::OkStatus();
}

absl::Status KubeconfigReader::ReadData(const YAML::Node& node, const char* key,
                                        const std::string& owner,
                                        std::string& pem) {
  const std::string encoded = Text(node, key);
  if (!encoded.empty() && !absl::Base64Unescape(encoded, &pem)) {
    return Invalid(file_.string(),
                   absl::StrCat(key, " of ", owner, " is not base64"));
  }
  return absl::OkStatus();
}

absl::Status KubeconfigReader::ReadCluster(const std::string& name,
                                           const YAML::Node& node) {
  Kubeconfig::Cluster cluster;
  cluster.server = Text(node, "server");
  cluster.proxy_url = Text(node, "proxy-url");
  cluster.tls.server_name = Text(node, "tls-server-name");
  cluster.tls.insecure_skip_verify = Flag(node, "insecure-skip-tls-verify");
  cluster.tls.ca_file = Resolved(file_, Text(node, "certificate-authority"));
  RETURN_IF_ERROR(ReadData(node, "certificate-authority-data",
                           absl::StrCat("cluster ", name), cluster.tls.ca_pem));
  config_.clusters_.emplace(name, std::move(cluster));
  return absl::OkStatus();
}

absl::Status KubeconfigReader::ReadUser(const std::string& name,
                                        const YAML::Node& node) {
  const std::string owner = absl::StrCat("user ", name);
  Kubeconfig::User user;
  user.certificate.certificate_file =
      Resolved(file_, Text(node, "client-certificate"));
  user.certificate.key_file = Resolved(file_, Text(node, "client-key"));
  RETURN_IF_ERROR(ReadData(node, "client-certificate-data", owner,
                           user.certificate.certificate_pem));
  RETURN_IF_ERROR(
      ReadData(node, "client-key-data", owner, user.certificate.key_pem));
  user.token = Text(node, "token");
  user.token_file = Resolved(file_, Text(node, "tokenFile"));
  user.impersonate_user = Text(node, "as");
  user.impersonate_groups = Texts(node, "as-groups");
  if (const YAML::Node exec = node["exec"]; exec && exec.IsMap()) {
    ASSIGN_OR_RETURN(user.exec, ReadExec(name, exec));
  }
  config_.users_.emplace(name, std::move(user));
  return absl::OkStatus();
}

absl::StatusOr<ExecPlugin> KubeconfigReader::ReadExec(const std::string& user,
                                                      const YAML::Node& node) {
  ExecPlugin exec;
  exec.api_version = Text(node, "apiVersion");
  exec.command = Text(node, "command");
  if (exec.command.empty()) {
    return Invalid(file_.string(),
                   absl::StrCat("exec of user ", user, " has no command"));
  }
  // As kubectl: a name is looked for in PATH, a path is relative to the file.
  if (absl::StrContains(exec.command, "/")) {
    exec.command = Resolved(file_, exec.command);
  }
  exec.arguments = Texts(node, "args");
  if (const YAML::Node env = node["env"]; env && env.IsSequence()) {
    for (const YAML::Node& entry : env) {
      exec.environment.emplace_back(Text(entry, "name"), Text(entry, "value"));
    }
  }
  exec.provide_cluster_info = Flag(node, "provideClusterInfo");
  exec.needs_terminal = Text(node, "interactiveMode") == "Always";
  exec.install_hint = Text(node, "installHint");
  return exec;
}

absl::Status KubeconfigReader::ReadContext(const std::string& name,
                                           const YAML::Node& node) {
  config_.contexts_.emplace(
      name, Kubeconfig::Context{Text(node, "cluster"), Text(node, "user"),
                                Text(node, "namespace"), file_.string()});
  return absl::OkStatus();
}

Environment Environment::OfProcess() {
  Environment environment;
  environment.kubeconfig = FromEnvironment("KUBECONFIG");
  environment.home = FromEnvironment("HOME");
  environment.service_host = FromEnvironment("KUBERNETES_SERVICE_HOST");
  environment.service_port = FromEnvironment("KUBERNETES_SERVICE_PORT");
  return environment;
}

absl::StatusOr<Kubeconfig> Kubeconfig::Load(const KubeconfigOptions& options,
                                            const Environment& environment) {
  Kubeconfig config;
  std::string text;
  if (!options.path.empty()) {
    config.source_ = options.path;
    if (!ReadFile(options.path, text)) {
      return Missing(absl::StrCat("The kubeconfig file ", options.path,
                                  " (--kubeconfig) cannot be read."),
                     options.path);
    }
    RETURN_IF_ERROR(KubeconfigReader(options.path, config).Read(text));
    return config;
  }
  if (!environment.kubeconfig.empty()) {
    config.source_ = environment.kubeconfig;
    bool any = false;
    for (const auto path :
         absl::StrSplit(environment.kubeconfig, ':', absl::SkipEmpty())) {
      // As in every client, a file of the list may be missing, but not all.
      if (!ReadFile(std::string(path), text)) continue;
      any = true;
      RETURN_IF_ERROR(KubeconfigReader(std::string(path), config).Read(text));
    }
    if (any) return config;
    return Missing(absl::StrCat("None of the files of KUBECONFIG (",
                                environment.kubeconfig, ") can be read."),
                   environment.kubeconfig);
  }
  if (!environment.service_host.empty() &&
      ReadFile(absl::StrCat(environment.service_account_dir, "/token"), text)) {
    return InCluster(environment);
  }
  const std::string path = absl::StrCat(environment.home, "/.kube/config");
  config.source_ = path;
  if (!ReadFile(path, text)) {
    return Missing(
        absl::StrCat("No Kubernetes is configured: KUBECONFIG is not set, this "
                     "is not a pod, and ",
                     path, " cannot be read."),
        path);
  }
  RETURN_IF_ERROR(KubeconfigReader(path, config).Read(text));
  return config;
}

Kubeconfig Kubeconfig::InCluster(const Environment& environment) {
  const std::string& account = environment.service_account_dir;
  const std::string name(kInClusterName);
  const bool ipv6 = absl::StrContains(environment.service_host, ":");
  Kubeconfig config;
  config.source_ = account;
  config.current_context_ = name;
  Cluster& cluster = config.clusters_[name];
  cluster.server = absl::StrCat(
      "https://", ipv6 ? "[" : "", environment.service_host, ipv6 ? "]" : "",
      ":", environment.service_port.empty() ? "443" : environment.service_port);
  cluster.tls.ca_file = absl::StrCat(account, "/ca.crt");
  config.users_[name].token_file = absl::StrCat(account, "/token");
  Context& context = config.contexts_[name];
  context = {name, name, "", account};
  std::string text;
  if (ReadFile(absl::StrCat(account, "/namespace"), text)) {
    context.namespace_name = std::string(absl::StripAsciiWhitespace(text));
  }
  return config;
}

std::vector<std::string> Kubeconfig::context_names() const {
  std::vector<std::string> names;
  for (const auto& [name, context] : contexts_) names.push_back(name);
  return names;
}

absl::StatusOr<Connection> Kubeconfig::Resolve(absl::string_view wanted) const {
  const std::string name =
      wanted.empty() ? current_context_ : std::string(wanted);
  const std::string known =
      contexts_.empty() ? "none" : absl::StrJoin(context_names(), ", ");
  const auto context = contexts_.find(name);
  if (context == contexts_.end()) {
    return ErrorBuilder(absl::StatusCode::kNotFound, "CONTEXT_NOT_FOUND",
                        support::kPostgresDomain)
        .Message(
            name.empty()
                ? absl::StrCat("The kubeconfig ", source_,
                               " has no current-context; choose one of its "
                               "contexts: ",
                               known, ".")
                : absl::StrCat("The kubeconfig ", source_, " has no context \"",
                               BoundedText(name, 100), "\"; it has: ", known,
                               "."))
        .With("context", BoundedText(name, 100))
        .With("file", source_)
        .With("known", known)
        .Build();
  }
  const std::string& source = context->second.source;
  const auto cluster = clusters_.find(context->second.cluster);
  if (cluster == clusters_.end() || cluster->second.server.empty()) {
    return Invalid(source, absl::StrCat("context ", name, " names cluster \"",
                                        context->second.cluster,
                                        "\", which has no server"));
  }
  Connection connection;
  connection.context = name;
  connection.source = source;
  connection.server =
      std::string(absl::StripSuffix(cluster->second.server, "/"));
  if (!absl::StrContains(connection.server, "://")) {
    connection.server = absl::StrCat("https://", connection.server);
  }
  connection.tls = cluster->second.tls;
  connection.proxy_url = cluster->second.proxy_url;
  if (!context->second.namespace_name.empty()) {
    connection.default_namespace = context->second.namespace_name;
  }
  if (context->second.user.empty()) return connection;
  const auto user = users_.find(context->second.user);
  if (user == users_.end()) {
    return Invalid(
        source, absl::StrCat("context ", name, " names user \"",
                             context->second.user, "\", which is not there"));
  }
  connection.tls.client = user->second.certificate;
  connection.token = user->second.token;
  connection.token_file = user->second.token_file;
  connection.exec = user->second.exec;
  connection.impersonate_user = user->second.impersonate_user;
  connection.impersonate_groups = user->second.impersonate_groups;
  return connection;
}

}  // namespace howdah::kubernetes
