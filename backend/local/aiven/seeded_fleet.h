// The fleet that every sandbox begins with: 30 projects of two organisations
// with 120 services. docs/aiven-sandbox.md has the table of what is known about
// it.
//
//   Fleet fleet = SeedFleet({.start = now, .secret = token});
//
// Ten teams have a project for each of prod, staging and dev, with a
// PostgreSQL, a Valkey, the main store of the team, and one service more. Times
// are relative to the start, so that the answers are the same on every day.
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_SEEDED_FLEET_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_SEEDED_FLEET_H_

#include <string>

#include "absl/time/time.h"
#include "backend/local/aiven/fleet.h"

namespace howdah::local::aiven {

struct SeedOptions {
  absl::Time start;
  // Passwords follow from it, and nothing else does.
  std::string secret;
};

Fleet SeedFleet(const SeedOptions& options);

// Users, databases and sizes that a new service of its type and plan has.
void FillDefaults(Service& service, absl::string_view secret, absl::Time now);

// Who did what the seed tells of; also the user of the admin token.
inline constexpr char kDemoUser[] = "ada@example.org";

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_SEEDED_FLEET_H_
