#include "backend/server/server.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

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
  void Leave() override {
    draining_ = true;
    server_->Leave();
  }
  void Drain(absl::Duration grace) override {
    draining_ = true;
    server_->Drain(grace);
  }
  bool draining() const override { return draining_; }
  void TellMetrics(support::MetricsText& text) const override;

 private:
  // In the order of need: what stands below uses what stands above.
  std::atomic<bool> draining_ = false;
  const MethodRegistry registry_;
  auth::Policy policy_;
  const auth::ToolsetPolicy toolsets_;
  validation::RequestValidator validator_;
  observability::CallMetrics metrics_;
  Executor executor_;
  CallChain chain_;
  std::unique_ptr<AsyncServer> server_;
};

// Only what has happened: most methods never end with most codes.
void WholeServer::TellMetrics(support::MetricsText& text) const {
  const auto& methods = registry_.methods();
  text.Family("howdah_backend_calls_total", "counter", "Calls that ended.");
  std::vector<double> ended(methods.size());
  for (size_t i = 0; i < methods.size(); ++i) {
    for (size_t code = 0; code < observability::CallMetrics::kCodes; ++code) {
      const auto status = static_cast<absl::StatusCode>(code);
      const auto calls = static_cast<double>(metrics_.calls(i, status));
      if (calls == 0) continue;
      ended[i] += calls;
      const std::string name = absl::StatusCodeToString(status);
      text.Sample({{"service", methods[i]->descriptor->service()->name()},
                   {"method", methods[i]->descriptor->name()},
                   {"code", name}},
                  calls);
    }
  }
  text.Family("howdah_backend_call_seconds", "summary", "How long calls took.");
  for (size_t i = 0; i < methods.size(); ++i) {
    if (ended[i] == 0) continue;
    const absl::string_view service = methods[i]->descriptor->service()->name();
    const absl::string_view method = methods[i]->descriptor->name();
    text.Sample({{"service", service}, {"method", method}},
                absl::ToDoubleSeconds(metrics_.total_time(i)), "_sum");
    text.Sample({{"service", service}, {"method", method}}, ended[i], "_count");
  }
}

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
