// What is served where: the paths of the door and their methods.
//
//   const Route* route = FindRoute("/mcp?read_only=true");
//   if (route == nullptr) ...                          // 404
//   if (!TakesMethod(*route, "PUT")) ...               // 405, Allow: methods
#ifndef HOWDAH_ADAPTER_TRANSPORTS_HTTP_ROUTES_H_
#define HOWDAH_ADAPTER_TRANSPORTS_HTTP_ROUTES_H_

#include "absl/strings/string_view.h"

namespace howdah::transports {

// The plain JSON-RPC door, which never streams.
inline constexpr absl::string_view kPlainDoor = "/";

struct Route {
  absl::string_view path;
  // As a 405 names them.
  absl::string_view methods;
  // Whether the server is well.
  bool is_probe = false;
  // Tells how to get in.
  bool is_document = false;
};

// Without the query.
absl::string_view PathOf(absl::string_view target);

// Null if nothing is served there. Threads: safe.
const Route* FindRoute(absl::string_view target);

bool TakesMethod(const Route& route, absl::string_view method);

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_HTTP_ROUTES_H_
