// What the sandbox offers: clouds, service types with their versions, plans.
// Names are Aiven's; sizes, prices and dates of end of life are invented, the
// last as days from the start of the sandbox, so that answers stay the same.
//
//   const Plan* plan = FindPlan("pg", "business-8");
//   plan->node_count;  // 2
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_CATALOGUE_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_CATALOGUE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::local::aiven {

struct Cloud {
  std::string name;  // "aws-eu-west-1"
  std::string description;
  std::string provider;  // "aws"
  std::string provider_description;
  std::string geo_region;  // "europe"
  double latitude = 0;
  double longitude = 0;
};

struct Plan {
  std::string service_type;
  std::string name;
  int node_count = 1;
  int cpu_count = 1;
  int memory_mb = 0;
  int disk_space_mb = 0;
  bool has_pitr = false;
  // Of one hour, in the cheapest cloud.
  double price_usd = 0;
};

struct ServiceVersion {
  std::string service_type;
  std::string major;  // "16"
  std::string full;   // "16.4"
  // From the start of the sandbox; unset if not announced.
  std::optional<int> days_to_end_of_life;
  // Where to go then.
  std::string upgrade_to;
};

struct ServiceType {
  std::string name;
  std::string description;
  std::string default_version;
};

const std::vector<Cloud>& Clouds();
const std::vector<Plan>& Plans();
const std::vector<ServiceVersion>& ServiceVersions();
const std::vector<ServiceType>& ServiceTypes();

// Null if there is none.
const Cloud* FindCloud(absl::string_view name);
const Plan* FindPlan(absl::string_view service_type, absl::string_view name);
const ServiceVersion* FindVersion(absl::string_view service_type,
                                  absl::string_view major);
const ServiceType* FindServiceType(absl::string_view name);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_CATALOGUE_H_
