// The `continue` tokens of paged lists.
//
//   std::string token = EncodePageToken({version, "default", "demo", now});
//   ASSIGN_OR_RETURN(PageToken from, DecodePageToken(token));
#ifndef HOWDAH_BACKEND_LOCAL_API_PAGE_TOKEN_H_
#define HOWDAH_BACKEND_LOCAL_API_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::local {

// Where the next page begins: after this object. `version` is that of the
// first page, so that a watch from it misses nothing.
struct PageToken {
  uint64_t version = 0;
  std::string namespace_name;
  std::string name;
  absl::Time issued;
};

std::string EncodePageToken(const PageToken& token);

// 400 if it is none; 410 (Expired) if it is older than five minutes.
absl::StatusOr<PageToken> DecodePageToken(absl::string_view text,
                                          absl::Time now);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_PAGE_TOKEN_H_
