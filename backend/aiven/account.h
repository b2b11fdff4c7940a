// An Aiven account as the services see it: what can be asked, and how old the
// answers may be.
//
//   const auto projects = account.ListProjects({.deadline = call.deadline});
//   projects->value; projects->read_at;
#ifndef HOWDAH_BACKEND_AIVEN_ACCOUNT_H_
#define HOWDAH_BACKEND_AIVEN_ACCOUNT_H_

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/aiven/model.h"
#include "proto/support/trace_context.h"

namespace howdah::aiven {

// A value and when it was read.
template <typename T>
struct Fresh {
  std::shared_ptr<const T> value;
  absl::Time read_at;
};

struct ReadOptions {
  absl::Time deadline = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  // Ask anew, whatever is remembered.
  bool refresh = false;
  // Sent as `traceparent` when set. What is remembered, or asked for another,
  // has the trace of who asked.
  support::TraceContext trace = {};
};

struct ServiceKey {
  std::string project;
  std::string service;
};

// What was read about one project.
struct ProjectReading {
  std::string project;
  absl::StatusOr<Fresh<std::vector<Service>>> services;
};

struct FleetReading {
  // In the order asked for.
  std::vector<ProjectReading> projects;
  absl::StatusOr<Fresh<std::vector<ServiceVersion>>> versions =
      absl::UnknownError("not read");
};

// As Aiven names them: "hour" … "year".
using PeriodName = std::string;

struct LogQuery {
  int limit = 100;
  // Of the page before; empty for the newest lines.
  std::string offset;
};

// Threads: safe. All calls may block until the deadline.
class Account {
 public:
  virtual ~Account() = default;

  virtual const std::string& name() const = 0;
  // Empty if calls have to name one.
  virtual const std::string& default_project() const = 0;
  virtual const std::string& base_url() const = 0;
  // It is the sandbox, as far as its answers have told.
  virtual bool is_sandbox() const = 0;
  virtual absl::Time Now() = 0;

  virtual absl::StatusOr<Fresh<std::vector<Project>>> ListProjects(
      const ReadOptions& options) = 0;
  // Asks for all projects at once.
  virtual FleetReading ReadFleet(const std::vector<std::string>& projects,
                                 const ReadOptions& options) = 0;
  virtual absl::StatusOr<Fresh<Service>> GetService(
      const ServiceKey& key, const ReadOptions& options) = 0;
  virtual absl::StatusOr<Fresh<std::vector<Event>>> ListEvents(
      const std::string& project, const ReadOptions& options) = 0;
  virtual absl::StatusOr<LogPage> GetLogs(const ServiceKey& key,
                                          const LogQuery& query,
                                          const ReadOptions& options) = 0;
  // Of all these services at once, in their order.
  virtual std::vector<absl::StatusOr<Fresh<Metrics>>> GetMetrics(
      const std::vector<ServiceKey>& keys, const PeriodName& period,
      const ReadOptions& options) = 0;
  // Rows that these ClickHouse services took a second, since they started.
  virtual std::vector<absl::StatusOr<Fresh<double>>> GetInsertRates(
      const std::vector<ServiceKey>& keys, const ReadOptions& options) = 0;
  // Never remembered.
  virtual absl::StatusOr<ConnectionSecrets> GetConnectionSecrets(
      const ServiceKey& key, const ReadOptions& options) = 0;
  // PEM of the authority that signs the certificates of a project's services.
  virtual absl::StatusOr<Fresh<std::string>> GetCertificateAuthority(
      const std::string& project, const ReadOptions& options) = 0;
};

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_ACCOUNT_H_
