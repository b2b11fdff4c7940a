// What an Accept header asks for, as kube-apiserver negotiates it.
//
//   const std::optional<MediaChoice> choice =
//       Negotiate(request.accept, Transforms::kObjects);
//   if (!choice) return NotAcceptable();
//
// Served are JSON and YAML. Protobuf is passed over: clients that ask for it
// take JSON as well.
#ifndef HOWDAH_BACKEND_LOCAL_API_NEGOTIATION_H_
#define HOWDAH_BACKEND_LOCAL_API_NEGOTIATION_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::local {

// What an answer can be turned into: nothing else, the Table and
// PartialObjectMetadata of objects, or aggregated discovery.
enum class Transforms { kNone, kObjects, kDiscovery };

struct MediaChoice {
  bool yaml = false;
  std::string as;  // "Table", ...; empty for the thing itself
  std::string version;
  bool pretty = false;
};

// Nothing if no accepted type can be served.
std::optional<MediaChoice> Negotiate(absl::string_view accept,
                                     Transforms transforms);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_NEGOTIATION_H_
