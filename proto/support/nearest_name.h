// The known name that a wrong one was probably meant to be.
//
//   NearestName("instnces", {"instances", "name"});   // "instances"
//   NearestName("colour", {"instances", "name"});     // ""
#ifndef HOWDAH_PROTO_SUPPORT_NEAREST_NAME_H_
#define HOWDAH_PROTO_SUPPORT_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Compares without case and separators, so that clusterName finds
// cluster_name. Empty if none is near.
std::string NearestName(absl::string_view wrong,
                        const std::vector<std::string>& known);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_NEAREST_NAME_H_
