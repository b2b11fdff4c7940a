#include "proto/support/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace howdah::support {
namespace {

constexpr size_t kLongestName = 64;

std::string Plain(absl::string_view name) {
  std::string plain;
  for (const char c : name.substr(0, kLongestName)) {
    if (absl::ascii_isalnum(c)) plain += absl::ascii_tolower(c);
  }
  return plain;
}

// Levenshtein: insertions, deletions and replacements.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(absl::string_view wrong,
                        const std::vector<std::string>& known) {
  const std::string meant = Plain(wrong);
  std::string best;
  size_t best_distance = std::max<size_t>(2, meant.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::string candidate = Plain(name);
    size_t distance = Distance(meant, candidate);
    // "cluster" for cluster_name: one contains the other.
    if (meant.size() >= 4 && (absl::StrContains(candidate, meant) ||
                              absl::StrContains(meant, candidate))) {
      distance = std::min<size_t>(distance, 2);
    }
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace howdah::support
