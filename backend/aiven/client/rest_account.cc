#include "backend/aiven/client/rest_account.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "backend/aiven/answer_reader.h"
#include "backend/aiven/api_path.h"
#include "backend/aiven/client/api_client.h"
#include "backend/aiven/client/parallel.h"
#include "backend/aiven/client/read_cache.h"
#include "backend/aiven/client/token_source.h"
#include "backend/aiven/errors.h"
#include "backend/net/http_client.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_macros.h"

namespace howdah::aiven {
namespace {

// How long answers are used again. Names of projects hardly change, services
// do while somebody looks.
constexpr absl::Duration kKeepProjects = absl::Seconds(60);
constexpr absl::Duration kKeepServices = absl::Seconds(15);
constexpr absl::Duration kKeepMetrics = absl::Seconds(30);
constexpr absl::Duration kKeepFacts = absl::Hours(1);

constexpr absl::Duration kLongestWaitForVersions = absl::Seconds(5);

// The counters of one ClickHouse node, since it started.
constexpr char kInsertedRows[] =
    "SELECT value FROM system.events WHERE event = 'InsertedRows'";
constexpr char kUptime[] =
    "SELECT value FROM system.asynchronous_metrics WHERE metric = 'Uptime'";

std::string KeyOf(const ServiceKey& key) {
  return absl::StrCat(key.project, "/", key.service);
}

std::string ServiceInWords(absl::string_view what, const ServiceKey& key) {
  return absl::StrCat(what, " service ", key.service, " in project ",
                      key.project);
}

class RestAccount : public Account {
 public:
  RestAccount(const AccountSettings& settings,
              const RestAccountOptions& options, net::Clock& clock)
      : settings_(settings),
        most_at_once_(options.most_at_once),
        clock_(clock),
        tokens_(MakeTokenSource(settings)),
        http_({}),
        client_({.base_url = settings.base_url,
                 .rate = options.rate,
                 .try_timeout = options.try_timeout,
                 .random = options.random},
                *tokens_, http_, clock),
        projects_({.keep = kKeepProjects}, clock),
        services_({.keep = kKeepServices}, clock),
        versions_({.keep = kKeepFacts}, clock),
        service_({.keep = kKeepServices}, clock),
        events_({.keep = kKeepServices}, clock),
        metrics_({.keep = kKeepMetrics}, clock),
        insert_rates_({.keep = kKeepMetrics}, clock),
        certificates_({.keep = kKeepFacts}, clock) {}

  const std::string& name() const override { return settings_.name; }
  const std::string& default_project() const override {
    return settings_.default_project;
  }
  const std::string& base_url() const override { return settings_.base_url; }
  bool is_sandbox() const override { return client_.is_sandbox(); }
  absl::Time Now() override { return clock_.Now(); }

  absl::StatusOr<Fresh<std::vector<Project>>> ListProjects(
      const ReadOptions& options) override {
    return projects_.Get("", WantOf(options), [&] {
      return Read<std::vector<Project>>(
          {.path = "/project", .subject = "the projects"}, options,
          &ReadProjects);
    });
  }

  FleetReading ReadFleet(const std::vector<std::string>& projects,
                         const ReadOptions& options) override {
    const Want want = WantOf(options);
    FleetReading fleet;
    std::vector<size_t> unknown;
    for (const std::string& project : projects) {
      fleet.projects.push_back({project, absl::UnknownError("not read")});
      ProjectReading& reading = fleet.projects.back();
      if (auto kept = services_.Peek(project, want)) {
        reading.services = *std::move(kept);
      } else {
        unknown.push_back(fleet.projects.size() - 1);
      }
    }
    // What is known about versions hardly ever changes, and services are shown
    // without it too: a refresh is not about it, and it is not waited for long.
    Want want_versions = want;
    want_versions.options.refresh = false;
    want_versions.options.deadline =
        std::min(options.deadline, clock_.Now() + kLongestWaitForVersions);
    const auto versions = versions_.Peek("", want_versions);
    if (versions) fleet.versions = *versions;
    // First, since its wait is short: behind thirty projects, one refusal by
    // the rate limit would leave it no slot.
    const size_t extra = versions ? 0 : 1;
    InParallel(extra + unknown.size(), most_at_once_, [&](size_t i) {
      if (i < extra) {
        fleet.versions = ListVersions(want_versions);
      } else {
        ProjectReading& reading = fleet.projects[unknown[i - extra]];
        reading.services = ListServices(reading.project, want);
      }
    });
    return fleet;
  }

  absl::StatusOr<Fresh<Service>> GetService(
      const ServiceKey& key, const ReadOptions& options) override {
    ASSIGN_OR_RETURN(const std::string path,
                     ServicePath(key.project, key.service));
    return service_.Get(KeyOf(key), WantOf(options), [&] {
      return Read<Service>({.path = path, .subject = ServiceInWords("", key)},
                           options, [&](absl::string_view body) {
                             return ReadService(body, key.project);
                           });
    });
  }

  absl::StatusOr<Fresh<std::vector<Event>>> ListEvents(
      const std::string& project, const ReadOptions& options) override {
    ASSIGN_OR_RETURN(const std::string path, ProjectPath(project, "/events"));
    return events_.Get(project, WantOf(options), [&] {
      return Read<std::vector<Event>>(
          {.path = path,
           .subject = absl::StrCat("the events of project ", project)},
          options, &ReadEvents);
    });
  }

  absl::StatusOr<LogPage> GetLogs(const ServiceKey& key, const LogQuery& query,
                                  const ReadOptions& options) override {
    ASSIGN_OR_RETURN(const std::string path,
                     ServicePath(key.project, key.service, "/logs"));
    nlohmann::json body = {{"limit", query.limit}, {"sort_order", "desc"}};
    if (!query.offset.empty()) body["offset"] = query.offset;
    return Read<LogPage>({.method = "POST",
                          .path = path,
                          .body = Dump(body),
                          .subject = ServiceInWords("the logs of", key)},
                         options, &ReadLogs);
  }

  std::vector<absl::StatusOr<Fresh<Metrics>>> GetMetrics(
      const std::vector<ServiceKey>& keys, const PeriodName& period,
      const ReadOptions& options) override {
    return ReadMany<Metrics>(
        metrics_, keys, absl::StrCat("/", period), options,
        [&](const ServiceKey& key) -> absl::StatusOr<Metrics> {
          ASSIGN_OR_RETURN(const std::string path,
                           ServicePath(key.project, key.service, "/metrics"));
          return Read<Metrics>(
              {.method = "POST",
               .path = path,
               .body = Dump({{"period", period}}),
               .subject = ServiceInWords("the metrics of", key)},
              options, &ReadMetrics);
        });
  }

  std::vector<absl::StatusOr<Fresh<double>>> GetInsertRates(
      const std::vector<ServiceKey>& keys,
      const ReadOptions& options) override {
    return ReadMany<double>(
        insert_rates_, keys, "", options,
        [&](const ServiceKey& key) -> absl::StatusOr<double> {
          ASSIGN_OR_RETURN(const double rows,
                           QueryNumber(key, kInsertedRows, options));
          ASSIGN_OR_RETURN(const double seconds,
                           QueryNumber(key, kUptime, options));
          if (seconds <= 0) return BadAnswer("the uptime", "is not positive");
          return rows / seconds;
        });
  }

  absl::StatusOr<ConnectionSecrets> GetConnectionSecrets(
      const ServiceKey& key, const ReadOptions& options) override {
    ASSIGN_OR_RETURN(
        const std::string path,
        ServicePath(key.project, key.service, "?include_secrets=true"));
    return Read<ConnectionSecrets>(
        {.path = path, .subject = ServiceInWords("the connection to", key)},
        options, &ReadConnectionSecrets);
  }

  absl::StatusOr<Fresh<std::string>> GetCertificateAuthority(
      const std::string& project, const ReadOptions& options) override {
    ASSIGN_OR_RETURN(const std::string path, ProjectPath(project, "/kms/ca"));
    return certificates_.Get(project, WantOf(options), [&] {
      return Read<std::string>(
          {.path = path,
           .subject = absl::StrCat("the certificate of project ", project)},
          options, &ReadCertificate);
    });
  }

 private:
  Want WantOf(const ReadOptions& options) {
    return {.options = options, .token_generation = client_.token_generation()};
  }

  static std::string Dump(const nlohmann::json& body) { return body.dump(); }

  template <typename T>
  absl::StatusOr<T> Read(
      const ApiRequest& request, const ReadOptions& options,
      absl::FunctionRef<absl::StatusOr<T>(absl::string_view)> read) {
    absl::StatusOr<T> result = absl::UnknownError("not read");
    RETURN_IF_ERROR(client_.Send(request, options, [&](absl::string_view body) {
      result = read(body);
      return result.status();
    }));
    return result;
  }

  absl::StatusOr<Fresh<std::vector<Service>>> ListServices(
      const std::string& project, const Want& want) {
    ASSIGN_OR_RETURN(const std::string path, ProjectPath(project, "/service"));
    return services_.Get(project, want, [&] {
      return Read<std::vector<Service>>(
          {.path = path,
           .subject = absl::StrCat("the services of project ", project)},
          want.options,
          [&](absl::string_view body) { return ReadServices(body, project); });
    });
  }

  absl::StatusOr<Fresh<std::vector<ServiceVersion>>> ListVersions(
      const Want& want) {
    return versions_.Get("", want, [&] {
      return Read<std::vector<ServiceVersion>>(
          {.path = "/service_versions", .subject = "the versions of services"},
          want.options, &ReadServiceVersions);
    });
  }

  absl::StatusOr<double> QueryNumber(const ServiceKey& key, const char* query,
                                     const ReadOptions& options) {
    ASSIGN_OR_RETURN(
        const std::string path,
        ServicePath(key.project, key.service, "/clickhouse/query"));
    return Read<double>(
        {.method = "POST",
         .path = path,
         .body = Dump({{"database", "system"}, {"query", query}}),
         .subject = ServiceInWords("the counters of", key)},
        options, &ReadNumber);
  }

  template <typename T>
  std::vector<absl::StatusOr<Fresh<T>>> ReadMany(
      ReadCache<T>& cache, const std::vector<ServiceKey>& keys,
      absl::string_view suffix, const ReadOptions& options,
      absl::FunctionRef<absl::StatusOr<T>(const ServiceKey&)> read) {
    const Want want = WantOf(options);
    std::vector<absl::StatusOr<Fresh<T>>> results;
    std::vector<size_t> unknown;
    for (const ServiceKey& key : keys) {
      auto kept = cache.Peek(KeyOf(key) + std::string(suffix), want);
      if (kept) {
        results.emplace_back(*std::move(kept));
      } else {
        unknown.push_back(results.size());
        results.emplace_back(absl::UnknownError("not read"));
      }
    }
    InParallel(unknown.size(), most_at_once_, [&](size_t i) {
      const size_t at = unknown[i];
      results[at] = cache.Get(KeyOf(keys[at]) + std::string(suffix), want,
                              [&] { return read(keys[at]); });
    });
    return results;
  }

  const AccountSettings settings_;
  const size_t most_at_once_;
  net::Clock& clock_;
  const std::unique_ptr<TokenSource> tokens_;
  net::HttpClient http_;
  ApiClient client_;
  ReadCache<std::vector<Project>> projects_;
  ReadCache<std::vector<Service>> services_;
  ReadCache<std::vector<ServiceVersion>> versions_;
  ReadCache<Service> service_;
  ReadCache<std::vector<Event>> events_;
  ReadCache<Metrics> metrics_;
  ReadCache<double> insert_rates_;
  ReadCache<std::string> certificates_;
};

}  // namespace

std::unique_ptr<Account> MakeRestAccount(const AccountSettings& settings,
                                         const RestAccountOptions& options,
                                         net::Clock& clock) {
  return std::make_unique<RestAccount>(settings, options, clock);
}

}  // namespace howdah::aiven
