#include "adapter/mcp/paging.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace howdah::mcp {
namespace {

// FNV-1a over the names.
std::uint32_t Fingerprint(const std::vector<absl::string_view>& names) {
  std::uint32_t hash = 2166136261u;
  for (absl::string_view name : names) {
    for (unsigned char c : name) hash = (hash ^ c) * 16777619u;
    hash = (hash ^ 0xFF) * 16777619u;
  }
  return hash;
}

}  // namespace

Paging::Paging(const std::vector<absl::string_view>& names, int page_size)
    : size_(names.size()),
      page_size_(static_cast<std::size_t>(std::max(1, page_size))),
      prefix_(absl::StrCat(absl::Hex(Fingerprint(names)), ".")) {}

std::optional<PageRange> Paging::At(absl::string_view cursor) const {
  std::size_t page = 0;
  if (!cursor.empty()) {
    absl::string_view number = cursor;
    if (!absl::ConsumePrefix(&number, prefix_) ||
        !absl::SimpleAtoi(number, &page) || page == 0 ||
        absl::StrCat(page) != number ||
        page >= (size_ + page_size_ - 1) / page_size_) {
      return std::nullopt;
    }
  }
  PageRange range;
  range.begin = page * page_size_;
  range.end = std::min(size_, range.begin + page_size_);
  if (range.end < size_) range.next = absl::StrCat(prefix_, page + 1);
  return range;
}

std::string UnknownCursor(absl::string_view cursor) {
  return absl::StrCat("params.cursor \"", cursor.substr(0, 128),
                      "\" is not known; pass on nextCursor as it was given, or "
                      "leave it out to begin anew.");
}

}  // namespace howdah::mcp
