// Text from the API server or a plug-in, made fit for messages and logs.
#ifndef HOWDAH_BACKEND_KUBERNETES_TEXT_H_
#define HOWDAH_BACKEND_KUBERNETES_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::kubernetes {

inline constexpr size_t kMaxUpstreamText = 512;

// At most `limit` bytes, cut between characters and marked with "…"; control
// characters and invalid UTF-8 become spaces, surrounding space goes.
std::string BoundedText(absl::string_view text,
                        size_t limit = kMaxUpstreamText);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_TEXT_H_
