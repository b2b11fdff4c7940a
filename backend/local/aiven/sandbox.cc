#include "backend/local/aiven/sandbox.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/local/aiven/postgres_servers.h"
#include "backend/local/aiven/sandbox_api.h"
#include "backend/local/aiven/sandbox_server.h"
#include "backend/local/certificates.h"
#include "backend/local/data_directory.h"
#include "backend/local/private_files.h"
#include "proto/support/status_macros.h"

namespace howdah::local::aiven {
namespace {

// One that is about to end is waited for.
constexpr absl::Duration kPatience = absl::Seconds(5);

}  // namespace

class Sandbox::Impl {
 public:
  ~Impl() { Stop(); }

  absl::Status Start(const SandboxConfig& config);
  void Stop();
  const nlohmann::json& facts() const { return facts_; }

 private:
  nlohmann::json facts_;
  // In the order of construction; destroyed in reverse.
  std::optional<FileLock> lock_;
  std::unique_ptr<PostgresServers> databases_;
  std::unique_ptr<SandboxApi> api_;
  std::unique_ptr<SandboxServer> server_;
};

absl::Status Sandbox::Impl::Start(const SandboxConfig& config) {
  RETURN_IF_ERROR(DataDirectory(config.data_dir).Create());
  DataDirectory data(absl::StrCat(config.data_dir, "/aiven"));
  RETURN_IF_ERROR(data.Create());
  absl::StatusOr<FileLock> lock =
      FileLock::Acquire(absl::StrCat(data.path(), "/lock"), kPatience);
  if (absl::IsAlreadyExists(lock.status())) {
    return absl::AlreadyExistsError(
        absl::StrCat("An Aiven sandbox runs on ", data.path(),
                     " already; give another --data-dir."));
  }
  RETURN_IF_ERROR(lock.status());
  lock_ = *std::move(lock);
  const std::string admin_token_file =
      absl::StrCat(data.path(), "/admin-token");
  SandboxOptions options;
  ASSIGN_OR_RETURN(options.token, LoadOrMakeSecret(data.token()));
  ASSIGN_OR_RETURN(options.admin_token, LoadOrMakeSecret(admin_token_file));
  ASSIGN_OR_RETURN(Certificates tls,
                   LoadOrMakeCertificates(data.pki(), absl::Now()));
  options.calls_per_minute = config.calls_per_minute;
  options.ca_pem = tls.ca_pem;
  PostgresServersOptions databases;
  databases.data_dir = data.path();
  databases.certificate_pem = tls.server_pem;
  databases.private_key_pem = tls.server_key_pem;
  ASSIGN_OR_RETURN(databases_, PostgresServers::Create(databases));
  api_ = std::make_unique<SandboxApi>(std::move(options), *databases_);
  SandboxServerOptions server;
  server.host = config.host;
  server.port = config.port;
  ASSIGN_OR_RETURN(server_, SandboxServer::Start(server, *api_));
  const std::string host = config.host == "::1" ? "[::1]" : config.host;
  facts_ = {
      {"base_url", absl::StrCat("http://", host, ":", server_->port(), "/v1")},
      {"token_file", data.token()},
      {"admin_token_file", admin_token_file},
      {"pid", getpid()}};
  return absl::OkStatus();
}

void Sandbox::Impl::Stop() {
  // Calls that wait for a database end with it.
  if (databases_ != nullptr) databases_->Stop();
  if (server_ != nullptr) server_->Stop();
  server_.reset();
  api_.reset();
  databases_.reset();
  lock_.reset();
}

Sandbox::Sandbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sandbox::~Sandbox() = default;

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(
    const SandboxConfig& config) {
  auto impl = std::make_unique<Impl>();
  RETURN_IF_ERROR(impl->Start(config));
  return std::unique_ptr<Sandbox>(new Sandbox(std::move(impl)));
}

const nlohmann::json& Sandbox::facts() const { return impl_->facts(); }

void Sandbox::Stop() { impl_->Stop(); }

}  // namespace howdah::local::aiven
