#include "backend/services/aiven_fleet_reading.h"

#include <utility>

#include "proto/support/status_macros.h"

namespace howdah::services {

absl::StatusOr<AivenFleet> ReadAivenFleet(aiven::Account& account,
                                          std::vector<std::string> projects,
                                          const aiven::ReadOptions& options,
                                          AivenSources& sources) {
  if (projects.empty()) {
    ASSIGN_OR_RETURN(const auto all, account.ListProjects(options));
    sources.Note(all.read_at);
    for (const aiven::Project& project : *all.value) {
      projects.push_back(project.name);
    }
  }
  AivenFleet fleet;
  fleet.reading = account.ReadFleet(projects, options);
  static const std::vector<aiven::ServiceVersion> kNoVersions;
  const auto& versions = fleet.reading.versions.ok()
                             ? *fleet.reading.versions->value
                             : kNoVersions;
  if (!fleet.reading.versions.ok()) {
    sources.Miss("", "", fleet.reading.versions.status());
  }
  absl::Status error;
  size_t read = 0;
  for (const aiven::ProjectReading& project : fleet.reading.projects) {
    if (!project.services.ok()) {
      error = project.services.status();
      sources.Miss(project.project, "", error);
      continue;
    }
    ++read;
    sources.Note(project.services->read_at);
    for (const aiven::Service& service : *project.services->value) {
      fleet.rows.push_back({&service, aiven::EndOfLife(service, versions)});
    }
  }
  if (read == 0 && !error.ok()) return error;
  return fleet;
}

}  // namespace howdah::services
