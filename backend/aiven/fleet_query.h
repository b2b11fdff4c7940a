// Questions over many services, answered from values.
//
//   FleetQuery query{.types = {"pg"}};
//   std::vector<FleetRow> rows = Select(all, query);
//   Sort(rows, Property::kRegion, /*descending=*/false);
//   for (const FleetGroup& group : Count(rows, {Property::kRegion})) ...
#ifndef HOWDAH_BACKEND_AIVEN_FLEET_QUERY_H_
#define HOWDAH_BACKEND_AIVEN_FLEET_QUERY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/aiven/model.h"

namespace howdah::aiven {

// A service, and what is known about it from elsewhere.
struct FleetRow {
  const Service* service = nullptr;
  absl::Time end_of_life = absl::InfinitePast();
};

// All must match; of several values of one, one. Empty: any.
struct FleetQuery {
  std::string name_contains = {};
  std::vector<std::string> types = {};
  std::vector<std::string> states = {};
  // "business-8", or "business-*".
  std::vector<std::string> plans = {};
  std::vector<PlanTier> tiers = {};
  // Providers or whole cloud names.
  std::vector<std::string> clouds = {};
  std::vector<std::string> regions = {};
  // "key" or "key=value"; of these all must match.
  std::vector<std::string> tags = {};
  std::vector<std::string> versions = {};
  std::optional<absl::Time> end_of_life_before = {};
  std::optional<bool> pending_updates = {};
  std::optional<bool> termination_protection = {};
};

// The numbers are those of the contract.
enum class Property {
  kProject = 1,
  kName = 2,
  kType = 3,
  kState = 4,
  kPlan = 5,
  kTier = 6,
  kCloud = 7,
  kProvider = 8,
  kRegion = 9,
  kVersion = 10,
  kEndOfLife = 11,
  kNodeCount = 12,
  kCreated = 13,
};

struct FleetGroup {
  std::vector<std::string> values;
  int count = 0;
};

// From the notice of the service, else from the versions; InfinitePast if
// nothing is announced.
absl::Time EndOfLife(const Service& service,
                     const std::vector<ServiceVersion>& versions);

std::vector<FleetRow> Select(const std::vector<FleetRow>& all,
                             const FleetQuery& query);
// By the property, then by project and name.
void Sort(std::vector<FleetRow>& rows, Property by, bool descending);
// Most first.
std::vector<FleetGroup> Count(const std::vector<FleetRow>& rows,
                              const std::vector<Property>& properties);
// A value as groups show it; "-" for none.
std::string ValueOf(const FleetRow& row, Property property);

// Sentences about values of the query that no service has at all, with those
// that there are: most often a slip.
std::vector<std::string> ExplainUnknownValues(const std::vector<FleetRow>& all,
                                              const FleetQuery& query);

// "powered off" and "POWERED_OFF" are POWEROFF; everything else in capitals.
std::string CanonicalState(absl::string_view state);
// "PostgreSQL" is pg; everything else in small letters.
std::string CanonicalType(absl::string_view type);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_FLEET_QUERY_H_
