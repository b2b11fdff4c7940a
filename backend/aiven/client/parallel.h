// Work that waits for others, many pieces at once.
//
//   InParallel(projects.size(), 32, [&](size_t i) { Ask(projects[i]); });
#ifndef HOWDAH_BACKEND_AIVEN_CLIENT_PARALLEL_H_
#define HOWDAH_BACKEND_AIVEN_CLIENT_PARALLEL_H_

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace howdah::aiven {

// Runs piece(0) … piece(count - 1), on this thread and at most `most` - 1 that
// live as long as the call; returns when all are done. `piece` must not throw.
void InParallel(size_t count, size_t most,
                absl::FunctionRef<void(size_t)> piece);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_CLIENT_PARALLEL_H_
