#include "backend/server/admin.h"

#include <boost/asio/io_context.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/observability/log.h"
#include "proto/support/admin_server.h"
#include "proto/support/metrics_text.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

constexpr char kPrometheus[] = "text/plain; version=0.0.4; charset=utf-8";
constexpr int kUnavailable = 503;

class AdminDoor : public Admin {
 public:
  AdminDoor(const Server& server, Readiness& readiness)
      : server_(server), readiness_(readiness) {}
  ~AdminDoor() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(const std::string& listen) {
    ASSIGN_OR_RETURN(const std::string address, door_.Start(listen));
    observability::Log(observability::LogLevel::kInfo, "admin listening",
                       {{"address", address}});
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

 private:
  support::AdminPage Page(const std::string& path) {
    if (path == "/health/live") return {.body = R"({"status":"ok"})"};
    if (path == "/health/ready") return Ready();
    if (path == "/metrics") {
      return {.body = Metrics(), .content_type = kPrometheus};
    }
    return support::AdminServer::NothingHere();
  }

  std::vector<Readiness::Check> Checks() {
    std::vector<Readiness::Check> checks = readiness_.Look();
    if (server_.draining()) checks.push_back({"serving", false, "draining"});
    return checks;
  }

  support::AdminPage Ready() {
    bool all = true;
    std::string states;
    for (const Readiness::Check& check : Checks()) {
      all = all && check.good;
      states += states.empty() ? "" : ",";
      observability::AppendJsonString(states, check.name);
      states += ":";
      observability::AppendJsonString(states, check.state);
    }
    return {.status = all ? 200 : kUnavailable,
            .body = absl::StrCat(R"({"status":")", all ? "ok" : "unavailable",
                                 R"(","checks":{)", states, "}}")};
  }

  std::string Metrics() {
    support::MetricsText text;
    server_.TellMetrics(text);
    text.Family("howdah_backend_ready", "gauge",
                "Whether a check of readiness is good.");
    for (const Readiness::Check& check : Checks()) {
      text.Sample({{"check", check.name}}, check.good ? 1 : 0);
    }
    text.Process();
    return text.text();
  }

  const Server& server_;
  Readiness& readiness_;
  boost::asio::io_context io_{1};
  support::AdminServer door_{
      io_, [this](const std::string& path,
                  const support::AdminServer::Answer& to) { to(Page(path)); }};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(const std::string& listen,
                                                    const Server& server,
                                                    Readiness& readiness) {
  auto door = std::make_unique<AdminDoor>(server, readiness);
  RETURN_IF_ERROR(door->Listen(listen));
  return std::unique_ptr<Admin>(std::move(door));
}

}  // namespace howdah::server
