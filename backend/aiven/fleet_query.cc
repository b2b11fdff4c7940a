#include "backend/aiven/fleet_query.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::aiven {
namespace {

template <typename Values, typename Test>
bool AnyOrEmpty(const Values& values, Test test) {
  return values.empty() || std::any_of(values.begin(), values.end(), test);
}

bool MatchesPlan(const Service& service, absl::string_view wanted) {
  if (absl::ConsumeSuffix(&wanted, "*")) {
    return absl::StartsWithIgnoreCase(service.plan, wanted);
  }
  return absl::EqualsIgnoreCase(service.plan, wanted);
}

bool MatchesVersion(const Service& service, absl::string_view wanted) {
  absl::string_view version = service.version;
  return absl::ConsumePrefix(&version, wanted) &&
         (version.empty() || version.front() == '.');
}

bool MatchesCloud(const Service& service, absl::string_view wanted) {
  return absl::EqualsIgnoreCase(service.provider, wanted) ||
         absl::EqualsIgnoreCase(service.cloud, wanted);
}

bool MatchesTag(const Service& service, absl::string_view wanted) {
  const std::pair<std::string, std::string> tag =
      absl::StrSplit(wanted, absl::MaxSplits('=', 1));
  const auto found = service.tags.find(tag.first);
  return found != service.tags.end() &&
         (!absl::StrContains(wanted, '=') || found->second == tag.second);
}

bool MatchesTexts(const Service& service, const FleetQuery& query) {
  using View = absl::string_view;
  return absl::StrContains(absl::AsciiStrToLower(service.name),
                           absl::AsciiStrToLower(query.name_contains)) &&
         AnyOrEmpty(
             query.types,
             [&](View type) { return service.type == CanonicalType(type); }) &&
         AnyOrEmpty(query.states,
                    [&](View state) {
                      return CanonicalState(service.state) ==
                             CanonicalState(state);
                    }) &&
         AnyOrEmpty(query.plans,
                    [&](View plan) { return MatchesPlan(service, plan); }) &&
         AnyOrEmpty(query.tiers,
                    [&](PlanTier tier) { return service.tier == tier; }) &&
         AnyOrEmpty(query.clouds,
                    [&](View cloud) { return MatchesCloud(service, cloud); }) &&
         AnyOrEmpty(query.regions,
                    [&](View region) {
                      return absl::EqualsIgnoreCase(service.region, region);
                    }) &&
         AnyOrEmpty(query.versions, [&](View version) {
           return MatchesVersion(service, version);
         });
}

bool Matches(const FleetRow& row, const FleetQuery& query) {
  const Service& service = *row.service;
  if (!MatchesTexts(service, query)) return false;
  for (const std::string& tag : query.tags) {
    if (!MatchesTag(service, tag)) return false;
  }
  if (query.end_of_life_before &&
      (row.end_of_life == absl::InfinitePast() ||
       row.end_of_life > *query.end_of_life_before)) {
    return false;
  }
  if (query.pending_updates &&
      *query.pending_updates == service.updates.empty()) {
    return false;
  }
  return !query.termination_protection ||
         *query.termination_protection == service.termination_protection;
}

// Numbers count as numbers: "9.6" is before "16".
std::vector<double> NumbersIn(absl::string_view version) {
  std::vector<double> numbers;
  for (const absl::string_view part : absl::StrSplit(version, '.')) {
    double number = 0;
    if (!absl::SimpleAtod(part, &number)) number = 0;
    numbers.push_back(number);
  }
  return numbers;
}

bool Less(const FleetRow& a, const FleetRow& b, Property by) {
  switch (by) {
    case Property::kVersion:
      return std::make_tuple(NumbersIn(a.service->version),
                             a.service->version) <
             std::make_tuple(NumbersIn(b.service->version), b.service->version);
    case Property::kNodeCount:
      return a.service->node_count < b.service->node_count;
    case Property::kCreated:
      return a.service->created < b.service->created;
    case Property::kTier:
      return a.service->tier < b.service->tier;
    case Property::kEndOfLife: {
      // What never ends comes after all that does.
      const auto end = [](const FleetRow& row) {
        return row.end_of_life == absl::InfinitePast() ? absl::InfiniteFuture()
                                                       : row.end_of_life;
      };
      return end(a) < end(b);
    }
    default:
      return ValueOf(a, by) < ValueOf(b, by);
  }
}

std::string Day(absl::Time time) {
  return time == absl::InfinitePast()
             ? "-"
             : absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

}  // namespace

std::string CanonicalState(absl::string_view state) {
  std::string letters;
  for (const char c : state) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      letters += absl::ascii_toupper(static_cast<unsigned char>(c));
    }
  }
  return letters == "POWEREDOFF" ? "POWEROFF" : letters;
}

std::string CanonicalType(absl::string_view type) {
  std::string lower = absl::AsciiStrToLower(type);
  return lower == "postgresql" || lower == "postgres" ? "pg" : lower;
}

absl::Time EndOfLife(const Service& service,
                     const std::vector<ServiceVersion>& versions) {
  if (service.end_of_life != absl::InfinitePast()) return service.end_of_life;
  for (const ServiceVersion& version : versions) {
    if (version.type == service.type && !version.major.empty() &&
        MatchesVersion(service, version.major)) {
      return version.end_of_life;
    }
  }
  return absl::InfinitePast();
}

std::vector<FleetRow> Select(const std::vector<FleetRow>& all,
                             const FleetQuery& query) {
  std::vector<FleetRow> rows;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rows),
               [&](const FleetRow& row) { return Matches(row, query); });
  return rows;
}

void Sort(std::vector<FleetRow>& rows, Property by, bool descending) {
  std::sort(rows.begin(), rows.end(),
            [&](const FleetRow& a, const FleetRow& b) {
              if (Less(a, b, by)) return !descending;
              if (Less(b, a, by)) return descending;
              return std::tie(a.service->project, a.service->name) <
                     std::tie(b.service->project, b.service->name);
            });
}

std::vector<FleetGroup> Count(const std::vector<FleetRow>& rows,
                              const std::vector<Property>& properties) {
  std::map<std::vector<std::string>, int> counts;
  for (const FleetRow& row : rows) {
    std::vector<std::string> values;
    for (const Property property : properties) {
      values.push_back(ValueOf(row, property));
    }
    ++counts[std::move(values)];
  }
  std::vector<FleetGroup> groups;
  for (const auto& [values, count] : counts) groups.push_back({values, count});
  std::stable_sort(groups.begin(), groups.end(),
                   [](const FleetGroup& a, const FleetGroup& b) {
                     return a.count > b.count;
                   });
  return groups;
}

std::string ValueOf(const FleetRow& row, Property property) {
  const Service& service = *row.service;
  const auto shown = [](const std::string& text) {
    return text.empty() ? std::string("-") : text;
  };
  switch (property) {
    case Property::kProject:
      return shown(service.project);
    case Property::kName:
      return shown(service.name);
    case Property::kType:
      return shown(service.type);
    case Property::kState:
      return shown(service.state);
    case Property::kPlan:
      return shown(service.plan);
    case Property::kTier:
      return std::string(TierName(service.tier));
    case Property::kCloud:
      return shown(service.cloud);
    case Property::kProvider:
      return shown(service.provider);
    case Property::kRegion:
      return shown(service.region);
    case Property::kVersion:
      return shown(service.version);
    case Property::kEndOfLife:
      return Day(row.end_of_life);
    case Property::kNodeCount:
      return absl::StrCat(service.node_count);
    case Property::kCreated:
      return Day(service.created);
  }
  return "-";
}

std::vector<std::string> ExplainUnknownValues(const std::vector<FleetRow>& all,
                                              const FleetQuery& query) {
  std::vector<std::string> sentences;
  const auto look = [&](absl::string_view what, Property property,
                        const std::vector<std::string>& values,
                        std::vector<std::string> FleetQuery::*filter) {
    for (const std::string& value : values) {
      FleetQuery alone;
      alone.*filter = {value};
      if (!Select(all, alone).empty()) continue;
      constexpr size_t kMostShown = 20;
      std::vector<std::string> known;
      for (const FleetGroup& group : Count(all, {property})) {
        if (known.size() < kMostShown) known.push_back(group.values.front());
      }
      sentences.push_back(absl::StrCat(
          "No service has the ", what, " \"", absl::Utf8SafeCEscape(value),
          "\"; there are ", absl::StrJoin(known, ", "), "."));
    }
  };
  look("type", Property::kType, query.types, &FleetQuery::types);
  look("state", Property::kState, query.states, &FleetQuery::states);
  look("plan", Property::kPlan, query.plans, &FleetQuery::plans);
  look("cloud", Property::kCloud, query.clouds, &FleetQuery::clouds);
  look("region", Property::kRegion, query.regions, &FleetQuery::regions);
  look("version", Property::kVersion, query.versions, &FleetQuery::versions);
  return sentences;
}

}  // namespace howdah::aiven
