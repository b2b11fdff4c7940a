// The known name that a wrong one was probably meant to be.
//
//   NearestName("instnces", {"instances", "name"});   // "instances"
//   NearestName("colour", {"instances", "name"});     // ""
#ifndef HOWDAH_ADAPTER_TRANSCODING_NEAREST_NAME_H_
#define HOWDAH_ADAPTER_TRANSCODING_NEAREST_NAME_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::transcoding {

// Compares without case and separators, so that clusterName finds
// cluster_name. Empty if none is near.
absl::string_view NearestName(absl::string_view wrong,
                              const std::vector<absl::string_view>& known);

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_NEAREST_NAME_H_
