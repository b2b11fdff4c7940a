// An account over Aiven's REST API. Makes no request before it is asked.
//
//   auto account = MakeRestAccount(settings, {}, net::SystemClock());
#ifndef HOWDAH_BACKEND_AIVEN_CLIENT_REST_ACCOUNT_H_
#define HOWDAH_BACKEND_AIVEN_CLIENT_REST_ACCOUNT_H_

#include <functional>
#include <memory>

#include "backend/aiven/account.h"
#include "backend/aiven/account_settings.h"
#include "backend/aiven/rate_limit.h"
#include "backend/net/backoff.h"
#include "backend/net/clock.h"

namespace howdah::aiven {

struct RestAccountOptions {
  RateLimitOptions rate = {};
  // Of one try.
  absl::Duration try_timeout = absl::Seconds(30);
  // Requests of one call that are under way at once.
  size_t most_at_once = 32;
  std::function<double()> random = &net::RandomUnit;
};

std::unique_ptr<Account> MakeRestAccount(const AccountSettings& settings,
                                         const RestAccountOptions& options,
                                         net::Clock& clock);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_CLIENT_REST_ACCOUNT_H_
