#include "backend/local/plane.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backend/local/api/api_router.h"
#include "backend/local/api/https_server.h"
#include "backend/local/api/operator_store.h"
#include "backend/local/certificates.h"
#include "backend/local/control_socket.h"
#include "backend/local/controllers/controller_manager.h"
#include "backend/local/kubeconfig_writer.h"
#include "backend/local/plane_log.h"
#include "backend/local/private_files.h"
#include "backend/local/store/sqlite_object_store.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

// A plane that is about to end is waited for.
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::StatusOr<FileLock> LockPlane(const DataDirectory& data) {
  absl::Time deadline = absl::Now() + kPatience;
  while (true) {
    absl::StatusOr<FileLock> lock =
        FileLock::Acquire(data.plane_lock(), absl::Milliseconds(200));
    if (lock.ok() || absl::Now() >= deadline) return lock;
    if (!absl::IsAlreadyExists(lock.status())) return lock;
    if (ControlClient::Connect(data.control_socket()).ok()) {
      return absl::AlreadyExistsError(absl::StrCat(
          "A plane runs on ", data.path(),
          " already; see howdah-local status --data-dir ", data.path()));
    }
  }
}

uint16_t RememberedPort(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  int port = 0;
  if (!text.ok() || !absl::SimpleAtoi(*text, &port)) return 0;
  return port > 0 && port < 65536 ? static_cast<uint16_t>(port) : 0;
}

}  // namespace

class Plane::Impl {
 public:
  explicit Impl(const PlaneOptions& options)
      : options_(options), data_(options.data_dir) {}
  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop();
  const nlohmann::json& facts() const { return facts_; }

 private:
  absl::Status StartServer(const Certificates& tls);

  const PlaneOptions options_;
  const DataDirectory data_;
  nlohmann::json facts_;
  // In the order of construction; destroyed in reverse.
  std::optional<FileLock> lock_;
  std::unique_ptr<SqliteObjectStore> store_;
  std::unique_ptr<OperatorStore> operator_store_;
  std::unique_ptr<ApiRouter> router_;
  std::unique_ptr<HttpsServer> server_;
  std::unique_ptr<controllers::ControllerManager> controllers_;
};

absl::Status Plane::Impl::Start() {
  RETURN_IF_ERROR(data_.Create());
  ASSIGN_OR_RETURN(lock_, LockPlane(data_));
  ASSIGN_OR_RETURN(store_, SqliteObjectStore::Open({.path = data_.objects()}));
  RETURN_IF_ERROR(CreateInitialNamespaces(*store_));
  ASSIGN_OR_RETURN(std::string token, LoadOrMakeSecret(data_.token()));
  ASSIGN_OR_RETURN(Certificates tls,
                   LoadOrMakeCertificates(data_.pki(), absl::Now()));
  router_ = std::make_unique<ApiRouter>(*store_, ApiRouterOptions{token});
  RETURN_IF_ERROR(StartServer(tls));
  std::string host = options_.host == "::1" ? "[::1]" : options_.host;
  std::string server = absl::StrCat("https://", host, ":", server_->port());
  RETURN_IF_ERROR(
      WritePrivateFile(data_.port(), absl::StrCat(server_->port())));
  RETURN_IF_ERROR(
      WriteKubeconfig(data_.kubeconfig(), {server, tls.ca_pem, token}));
  controllers::ControllerOptions options;
  options.data_dir = data_.path();
  operator_store_ = std::make_unique<OperatorStore>(*store_, &absl::Now);
  ASSIGN_OR_RETURN(controllers_, controllers::ControllerManager::Create(
                                     *operator_store_, std::move(options)));
  RETURN_IF_ERROR(controllers_->Start());
  facts_ = {{"kubeconfig", data_.kubeconfig()},
            {"server", server},
            {"pid", getpid()},
            {"data_dir", data_.path()}};
  return absl::OkStatus();
}

absl::Status Plane::Impl::StartServer(const Certificates& tls) {
  HttpsServerOptions options;
  options.host = options_.host;
  options.port = options_.port;
  options.certificate_pem = tls.server_pem;
  options.private_key_pem = tls.server_key_pem;
  if (options_.port == 0) {
    // The port of last time keeps an older kubeconfig valid.
    options.port = RememberedPort(data_.port());
    if (options.port != 0) {
      absl::StatusOr<std::unique_ptr<HttpsServer>> again =
          HttpsServer::Start(options, *router_);
      if (again.ok()) {
        server_ = *std::move(again);
        return absl::OkStatus();
      }
      options.port = 0;
    }
  }
  ASSIGN_OR_RETURN(server_, HttpsServer::Start(options, *router_));
  return absl::OkStatus();
}

void Plane::Impl::Stop() {
  // The API first: who watches would see instances go for no reason.
  if (server_ != nullptr) server_->Stop();
  server_.reset();
  if (controllers_ != nullptr) controllers_->Stop();
  controllers_.reset();
  operator_store_.reset();
  router_.reset();
  store_.reset();
  lock_.reset();
}

Plane::Plane(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Plane::~Plane() = default;

absl::StatusOr<std::unique_ptr<Plane>> Plane::Start(
    const PlaneOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Plane>(new Plane(std::move(impl)));
}

const nlohmann::json& Plane::facts() const { return impl_->facts(); }

void Plane::Stop() { impl_->Stop(); }

}  // namespace howdah::local
