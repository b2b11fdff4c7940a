#include "backend/server/server.h"

#include <utility>

#include "backend/server/call_chain.h"
#include "backend/validation/request_validator.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

class WholeServer : public Server {
 public:
  WholeServer(const ServerOptions& options, MethodRegistry registry,
              const ServerParts& parts)
      : registry_(std::move(registry)),
        policy_(options.policy),
        toolsets_(options.toolsets,
                  registry_.default_toolsets(options.environment)),
        metrics_(registry_.methods().size()),
        executor_(options.executor),
        chain_({.authenticator = parts.authenticator,
                .policy = policy_,
                .toolsets = toolsets_,
                .validator = validator_,
                .executor = executor_,
                .audit = parts.audit,
                .metrics = metrics_}) {}

  absl::Status Start(const AsyncServerOptions& options) {
    RETURN_IF_ERROR(registry_.Check());
    RETURN_IF_ERROR(toolsets_.CheckKnown(registry_.toolsets()));
    for (const auto& method : registry_.methods()) {
      RETURN_IF_ERROR(validator_.Add(*method->descriptor->input_type()));
    }
    ASSIGN_OR_RETURN(server_, AsyncServer::Start(options, registry_, chain_));
    return absl::OkStatus();
  }

  const std::vector<std::string>& listening() const override {
    return server_->listening();
  }
  const observability::CallMetrics& metrics() const override {
    return metrics_;
  }
  void SetReadOnly(bool read_only) override {
    policy_.set_read_only(read_only);
  }
  void Drain(absl::Duration grace) override { server_->Drain(grace); }

 private:
  // In the order of need: what stands below uses what stands above.
  const MethodRegistry registry_;
  auth::Policy policy_;
  const auth::ToolsetPolicy toolsets_;
  validation::RequestValidator validator_;
  observability::CallMetrics metrics_;
  Executor executor_;
  CallChain chain_;
  std::unique_ptr<AsyncServer> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, MethodRegistry registry,
    const ServerParts& parts) {
  auto server =
      std::make_unique<WholeServer>(options, std::move(registry), parts);
  RETURN_IF_ERROR(server->Start(options.net));
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace howdah::server
