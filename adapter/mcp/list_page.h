// One page of a list that a provider gives, and how long it may be kept.
#ifndef HOWDAH_ADAPTER_MCP_LIST_PAGE_H_
#define HOWDAH_ADAPTER_MCP_LIST_PAGE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace howdah::mcp {

// What the stateless era says of caching. The default is right for what changes
// by itself and depends on the caller.
struct CacheHint {
  absl::Duration ttl = absl::ZeroDuration();
  // Whether all callers get the same.
  bool shared = false;
};

template <typename Item>
struct ListPage {
  std::vector<Item> items;
  // Opaque; empty on the last page.
  std::string next_cursor;
  CacheHint cache;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_LIST_PAGE_H_
