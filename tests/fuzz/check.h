// What a fuzz target demands; a broken demand is a finding.
//
//   Demand(text.size() <= limit, "no longer than the limit");
#ifndef HOWDAH_TESTS_FUZZ_CHECK_H_
#define HOWDAH_TESTS_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

#include "absl/strings/string_view.h"

namespace howdah::fuzz {

// Ends the program, so that libFuzzer keeps the input.
inline void Demand(bool kept, absl::string_view what) {
  if (kept) return;
  std::fprintf(stderr, "broken demand: %.*s\n", static_cast<int>(what.size()),
               what.data());
  std::abort();
}

}  // namespace howdah::fuzz

#endif  // HOWDAH_TESTS_FUZZ_CHECK_H_
