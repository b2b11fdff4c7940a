// Values of the sandbox as the JSON that Aiven's API answers with.
//
//   ServiceJson(service, fleet, {.now = now, .with_secrets = false});
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_REPRESENTATION_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_REPRESENTATION_H_

#include <string>

#include "absl/time/time.h"
#include "backend/local/aiven/catalogue.h"
#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

// "2026-11-21T17:40:00Z"
std::string TimeText(absl::Time time);

// What makes one view of a service differ from another.
struct ServiceView {
  absl::Time now;
  // Since 2026 passwords and what contains them are there on demand only.
  bool with_secrets = false;
};

Json ServiceJson(const Service& service, const Fleet& fleet,
                 const ServiceView& view);
Json UserJson(const ServiceUser& user, bool with_secret);
Json ProjectJson(const Project& project);
Json CloudJson(const Cloud& cloud);
Json EventJson(const Event& event);
Json VersionJson(const ServiceVersion& version, const Fleet& fleet,
                 absl::Time now);
Json BackupsJson(const Service& service, absl::Time now);

// `plans` of the lists, and the fuller one of a single plan.
Json PlanJson(const Plan& plan);
Json PlanSpecJson(const Plan& plan);
Json PriceJson(const Plan& plan, const Cloud& cloud);

// "pg-prod-1", "pg-prod-2"…: also the columns of metrics.
std::vector<std::string> NodeNames(const Service& service);
// "master", "standby"; empty where all nodes are alike.
std::string NodeRole(const Service& service, int index);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_REPRESENTATION_H_
