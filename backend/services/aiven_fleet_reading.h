// All services of some projects, ready for questions.
//
//   ASSIGN_OR_RETURN(const AivenFleet fleet,
//                    ReadAivenFleet(*account, {}, options, sources));
//   aiven::Select(fleet.rows, query);
#ifndef HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_READING_H_
#define HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_READING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/aiven/account.h"
#include "backend/aiven/fleet_query.h"
#include "backend/services/aiven_answers.h"

namespace howdah::services {

// Owns: what the rows point to.
struct AivenFleet {
  aiven::FleetReading reading;
  std::vector<aiven::FleetRow> rows;
};

// Of all projects if none is named. Projects that cannot be read are noted in
// `sources`; an error if that is every one.
absl::StatusOr<AivenFleet> ReadAivenFleet(aiven::Account& account,
                                          std::vector<std::string> projects,
                                          const aiven::ReadOptions& options,
                                          AivenSources& sources);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AIVEN_FLEET_READING_H_
