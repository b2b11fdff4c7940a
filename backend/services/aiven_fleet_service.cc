#include "backend/services/aiven_fleet_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/aiven/errors.h"
#include "backend/aiven/measurement.h"
#include "backend/services/aiven_answers.h"
#include "backend/services/aiven_fleet_reading.h"
#include "proto/support/status_details.h"

namespace howdah::services {

namespace pb = aiven::v1;

using aiven::FleetGroup;
using aiven::FleetQuery;
using aiven::FleetRow;
using aiven::PlanTier;
using aiven::Property;

namespace {

template <typename Texts>
std::vector<std::string> ToVector(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<PlanTier> TiersOf(
    const google::protobuf::RepeatedField<int>& filters) {
  std::vector<PlanTier> tiers;
  for (const int filter : filters) {
    if (filter == pb::TIER_FILTER_PRO) {
      tiers.insert(tiers.end(), {PlanTier::kBusiness, PlanTier::kPremium,
                                 PlanTier::kProfessional});
    } else if (filter != pb::TIER_FILTER_UNSPECIFIED) {
      tiers.push_back(static_cast<PlanTier>(filter));
    }
  }
  return tiers;
}

bool AsksForPro(const google::protobuf::RepeatedField<int>& filters) {
  return std::find(filters.begin(), filters.end(), pb::TIER_FILTER_PRO) !=
         filters.end();
}

FleetQuery ToQuery(const pb::QueryServicesRequest& request, absl::Time now) {
  FleetQuery query{.name_contains = request.name_contains(),
                   .types = ToVector(request.service_type()),
                   .states = ToVector(request.state()),
                   .plans = ToVector(request.plan()),
                   .tiers = TiersOf(request.tier()),
                   .clouds = ToVector(request.cloud()),
                   .regions = ToVector(request.region()),
                   .tags = ToVector(request.tag()),
                   .versions = ToVector(request.service_version())};
  if (request.has_end_of_life_within_days()) {
    query.end_of_life_before =
        now + request.end_of_life_within_days() * absl::Hours(24);
  }
  if (request.has_pending_updates()) {
    query.pending_updates = request.pending_updates();
  }
  if (request.has_termination_protection()) {
    query.termination_protection = request.termination_protection();
  }
  return query;
}

bool IsAboutTiers(const pb::QueryServicesRequest& request) {
  return request.tier_size() > 0 ||
         request.sort_by() == pb::SERVICE_PROPERTY_TIER ||
         std::find(request.group_by().begin(), request.group_by().end(),
                   pb::SERVICE_PROPERTY_TIER) != request.group_by().end();
}

void AddGroups(const std::vector<FleetRow>& rows,
               const pb::QueryServicesRequest& request,
               pb::QueryServicesResponse& response) {
  std::vector<Property> properties;
  for (const int property : request.group_by()) {
    if (property != pb::SERVICE_PROPERTY_UNSPECIFIED) {
      properties.push_back(static_cast<Property>(property));
    }
  }
  if (properties.empty()) return;
  for (const FleetGroup& group : aiven::Count(rows, properties)) {
    pb::ServiceGroup& to = *response.add_groups();
    for (const std::string& value : group.values) to.add_values(value);
    to.set_count(group.count);
  }
}

// What was measured of one service.
struct Measured {
  const aiven::Service* service = nullptr;
  double value = 0;
  absl::string_view unit;
  absl::string_view by;
  absl::Time at = absl::InfinitePast();
  std::optional<aiven::Summary> summary;
};

absl::Status NotMeasured(const aiven::Service& service,
                         absl::string_view metric) {
  return support::ErrorBuilder(absl::StatusCode::kNotFound,
                               "AIVEN_NO_MEASUREMENT", aiven::kDomain)
      .Message(absl::StrCat("There are no values of ", metric, " for service ",
                            service.name, ", which is ", service.state, "."))
      .Build();
}

constexpr absl::string_view kInsertsMeasured = "inserted rows since its start";
constexpr absl::string_view kInsertsStandIn =
    "disk writes, as its data may not be queried";

// Measures services, some by one thing and some by another.
class Ranking {
 public:
  Ranking(aiven::Account& account, const pb::RankServicesRequest& request,
          const aiven::ReadOptions& options, AivenSources& sources)
      : account_(account),
        request_(request),
        options_(options),
        sources_(sources),
        metric_(static_cast<aiven::RankBy>(request.metric())) {}

  std::vector<Measured> Measure(const std::vector<FleetRow>& rows) {
    std::vector<const aiven::Service*> services;
    for (const FleetRow& row : rows) services.push_back(row.service);
    if (metric_ == aiven::RankBy::kClickHouseInserts) {
      services = MeasureInserts(services);
      MeasureMetrics(services, kInsertsStandIn);
    } else {
      MeasureMetrics(services, aiven::FactsOf(metric_).name);
    }
    std::sort(measured_.begin(), measured_.end(),
              [](const Measured& a, const Measured& b) {
                // Rows and disk writes cannot be compared: those that were
                // measured as asked come first.
                if (a.by != b.by) return a.by == kInsertsMeasured;
                if (a.value != b.value) return a.value > b.value;
                return std::tie(a.service->project, a.service->name) <
                       std::tie(b.service->project, b.service->name);
              });
    return std::move(measured_);
  }

 private:
  static std::vector<aiven::ServiceKey> KeysOf(
      const std::vector<const aiven::Service*>& services) {
    std::vector<aiven::ServiceKey> keys;
    for (const auto* service : services) {
      keys.push_back({service->project, service->name});
    }
    return keys;
  }

  // Returns those whose data may not be queried.
  std::vector<const aiven::Service*> MeasureInserts(
      const std::vector<const aiven::Service*>& services) {
    const auto rates = account_.GetInsertRates(KeysOf(services), options_);
    std::vector<const aiven::Service*> left;
    for (size_t i = 0; i < services.size(); ++i) {
      if (rates[i].ok()) {
        sources_.Note(rates[i]->read_at);
        measured_.push_back({.service = services[i],
                             .value = *rates[i]->value,
                             .unit = "rows/s",
                             .by = kInsertsMeasured,
                             .at = rates[i]->read_at,
                             .summary = std::nullopt});
      } else if (absl::IsPermissionDenied(rates[i].status())) {
        left.push_back(services[i]);
      } else {
        sources_.Miss(services[i]->project, services[i]->name,
                      rates[i].status());
      }
    }
    return left;
  }

  void MeasureMetrics(const std::vector<const aiven::Service*>& services,
                      absl::string_view by) {
    const aiven::MetricFacts& facts = aiven::FactsOf(metric_);
    const auto metrics = account_.GetMetrics(
        KeysOf(services), PeriodText(request_.period()), options_);
    const auto statistic = static_cast<aiven::Statistic>(request_.statistic());
    for (size_t i = 0; i < services.size(); ++i) {
      if (!metrics[i].ok()) {
        sources_.Miss(services[i]->project, services[i]->name,
                      metrics[i].status());
        continue;
      }
      const auto summary = aiven::Measure(*metrics[i]->value, facts);
      if (!summary) {
        sources_.Miss(services[i]->project, services[i]->name,
                      NotMeasured(*services[i], facts.name));
        continue;
      }
      sources_.Note(metrics[i]->read_at);
      measured_.push_back({.service = services[i],
                           .value = summary->Of(statistic),
                           .unit = facts.unit,
                           .by = by,
                           .at = summary->latest_time,
                           .summary = summary});
    }
  }

  aiven::Account& account_;
  const pb::RankServicesRequest& request_;
  const aiven::ReadOptions& options_;
  AivenSources& sources_;
  const aiven::RankBy metric_;
  std::vector<Measured> measured_;
};

pb::RankedService ToProto(const Measured& measured, size_t rank,
                          pb::DetailLevel level) {
  pb::RankedService proto;
  proto.set_rank(static_cast<int32_t>(rank));
  proto.set_project_name(measured.service->project);
  proto.set_service_name(measured.service->name);
  proto.set_service_type(measured.service->type);
  proto.set_plan(measured.service->plan);
  proto.set_value(measured.value);
  proto.set_unit(std::string(measured.unit));
  proto.set_measured_by(std::string(measured.by));
  if (measured.at != absl::InfinitePast()) {
    SetTimestamp(measured.at, proto.mutable_measured_at());
  }
  if (level == pb::DETAIL_LEVEL_DETAILED && measured.summary) {
    proto.set_minimum(measured.summary->minimum);
    proto.set_average(measured.summary->average);
    proto.set_maximum(measured.summary->maximum);
    proto.set_latest(measured.summary->latest);
  }
  return proto;
}

FleetQuery ToQuery(const pb::RankServicesRequest& request) {
  FleetQuery query{.types = ToVector(request.service_type()),
                   .tiers = TiersOf(request.tier()),
                   .tags = ToVector(request.tag())};
  if (request.metric() == pb::RANK_METRIC_CLICKHOUSE_INSERTS) {
    query.types = {"clickhouse"};
  }
  return query;
}

std::string RankSummary(const std::vector<Measured>& measured,
                        size_t unmeasured) {
  if (measured.empty()) {
    return unmeasured == 0 ? "No service matches."
                           : "No service could be measured.";
  }
  const Measured& first = measured.front();
  std::string text = absl::StrCat(
      first.service->name, " in project ", first.service->project,
      " is highest of ", Counted(measured.size(), "measured service"), ": ",
      absl::StrCat(first.value), " ", first.unit, " (", first.by, ").");
  const bool mixed =
      std::any_of(measured.begin(), measured.end(),
                  [&](const Measured& one) { return one.by != first.by; });
  if (mixed) {
    absl::StrAppend(&text,
                    " Not all were measured alike; those that had to be "
                    "measured by disk writes come last.");
  }
  return text;
}

}  // namespace

absl::StatusOr<pb::QueryServicesResponse> AivenFleetService::QueryServices(
    const CallContext& context, const pb::QueryServicesRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  AivenSources sources(*account);
  ASSIGN_OR_RETURN(
      const AivenFleet fleet,
      ReadAivenFleet(*account, ToVector(request.project_name()),
                     ReadOptionsOf(context, request.refresh()), sources));
  const FleetQuery query = ToQuery(request, account->Now());
  std::vector<FleetRow> rows = aiven::Select(fleet.rows, query);
  aiven::Sort(rows, static_cast<Property>(request.sort_by()),
              request.descending());
  ASSIGN_OR_RETURN(const PageBounds page,
                   PageOf(request, rows.size(), [&](size_t i) {
                     return absl::StrCat(rows[i].service->project, "/",
                                         rows[i].service->name);
                   }));
  pb::QueryServicesResponse response;
  for (size_t i = page.begin; i < page.end; ++i) {
    *response.add_services() = ToProto(rows[i], request.detail_level());
  }
  AddGroups(rows, request, response);
  const size_t projects = fleet.reading.projects.size();
  std::string summary = absl::StrCat(
      rows.size(), rows.size() == 1 ? " service matches" : " services match",
      " of ", fleet.rows.size(), " in ", Counted(projects, "project"), ".");
  if (IsAboutTiers(request)) {
    response.set_tier_rule(
        absl::StrCat(aiven::kTierRule, AsksForPro(request.tier()) ? " " : "",
                     AsksForPro(request.tier()) ? aiven::kProRule : ""));
    absl::StrAppend(&summary, " ", response.tier_rule());
  }
  for (const std::string& sentence :
       aiven::ExplainUnknownValues(fleet.rows, query)) {
    absl::StrAppend(&summary, " ", sentence);
  }
  response.set_summary(summary + sources.Caveats());
  response.set_total(static_cast<int32_t>(rows.size()));
  response.set_projects(static_cast<int32_t>(projects));
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

absl::StatusOr<pb::RankServicesResponse> AivenFleetService::RankServices(
    const CallContext& context, const pb::RankServicesRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  AivenSources sources(*account);
  const aiven::ReadOptions options = ReadOptionsOf(context, request.refresh());
  ASSIGN_OR_RETURN(const AivenFleet fleet,
                   ReadAivenFleet(*account, ToVector(request.project_name()),
                                  options, sources));
  const std::vector<FleetRow> rows =
      aiven::Select(fleet.rows, ToQuery(request));
  const std::vector<Measured> measured =
      Ranking(*account, request, options, sources).Measure(rows);
  ASSIGN_OR_RETURN(const PageBounds page,
                   PageOf(request, measured.size(), [&](size_t i) {
                     return absl::StrCat(measured[i].service->project, "/",
                                         measured[i].service->name);
                   }));
  pb::RankServicesResponse response;
  for (size_t i = page.begin; i < page.end; ++i) {
    *response.add_services() =
        ToProto(measured[i], i + 1, request.detail_level());
  }
  const size_t unmeasured = rows.size() - measured.size();
  response.set_summary(RankSummary(measured, unmeasured) + sources.Caveats());
  response.set_measured(static_cast<int32_t>(measured.size()));
  response.set_unmeasured(static_cast<int32_t>(unmeasured));
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

}  // namespace howdah::services
