// Cursors of lists that are held in memory. A cursor is tied to the list it was
// given for, so that one for an older list is refused and not misread.
//
//   Paging paging({"a", "b", "c"}, 2);
//   paging.At("")        -> items 0 to 2, next "5f3a.1"
//   paging.At("5f3a.1")  -> items 2 to 3, no next
#ifndef HOWDAH_ADAPTER_MCP_PAGING_H_
#define HOWDAH_ADAPTER_MCP_PAGING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::mcp {

struct PageRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  // Empty on the last page.
  std::string next;
};

// Threads: any; it never changes.
class Paging {
 public:
  // `names` are those of all items, in order.
  Paging(const std::vector<absl::string_view>& names, int page_size);

  // Nothing if the cursor is none of this list. An empty one is the first page.
  std::optional<PageRange> At(absl::string_view cursor) const;

 private:
  const std::size_t size_;
  const std::size_t page_size_;
  std::string prefix_;
};

// What to say of a cursor that is none.
std::string UnknownCursor(absl::string_view cursor);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PAGING_H_
