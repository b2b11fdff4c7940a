#include "adapter/mcp/too_often.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"

namespace howdah::mcp {

void RefuseTooOften(transports::Exchange& exchange, absl::Duration wait) {
  const std::int64_t seconds = absl::ToInt64Seconds(
      absl::Ceil(std::max(wait, absl::Seconds(1)), absl::Seconds(1)));
  exchange.SetHeader("Retry-After", absl::StrCat(seconds));
  exchange.Finish({kHttpTooManyRequests,
                   jsonrpc::ErrorMessage(
                       {}, jsonrpc::InvalidRequest(absl::StrCat(
                               "Too many requests; try again in ", seconds,
                               seconds == 1 ? " second." : " seconds.")))});
}

}  // namespace howdah::mcp
