#include "adapter/transports/http_routes.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace howdah::transports {
namespace {

constexpr std::array<Route, 7> kRoutes = {{
    {"/mcp", "POST, GET, DELETE"},
    {kPlainDoor, "POST"},
    {"/sse-transport/sse", "GET"},
    {"/sse-transport/messages", "POST"},
    {"/health", "GET", true},
    {"/health/live", "GET", true},
    {"/health/ready", "GET", true},
}};

// All that is below it.
constexpr Route kDocument = {"/.well-known/", "GET", false, true};

}  // namespace

absl::string_view PathOf(absl::string_view target) {
  return target.substr(0, target.find('?'));
}

const Route* FindRoute(absl::string_view target) {
  const absl::string_view path = PathOf(target);
  if (absl::StartsWith(path, kDocument.path)) return &kDocument;
  for (const Route& route : kRoutes) {
    if (route.path == path) return &route;
  }
  return nullptr;
}

bool TakesMethod(const Route& route, absl::string_view method) {
  for (absl::string_view one : absl::StrSplit(route.methods, ", ")) {
    if (one == method) return true;
  }
  return false;
}

}  // namespace howdah::transports
