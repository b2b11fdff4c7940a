#include "backend/auth/impersonation.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

constexpr absl::string_view kReserved = "system:";

}  // namespace

absl::Status Impersonate(const Impersonation& as, Principal& principal) {
  if (!as.on) return absl::OkStatus();
  std::string user = absl::StrCat(as.prefix, principal.name);
  if (absl::StartsWith(user, kReserved)) {
    return support::ErrorBuilder(absl::StatusCode::kPermissionDenied,
                                 "RESERVED_NAME", support::kHowdahDomain)
        .Message(absl::StrCat(
            "A caller named \"", principal.name,
            "\" would be one of Kubernetes' own users and is not let in."))
        .Build();
  }
  principal.kubernetes_user = std::move(user);
  for (const std::string& group : principal.groups) {
    std::string name = absl::StrCat(as.prefix, group);
    if (!absl::StartsWith(name, kReserved)) {
      principal.kubernetes_groups.push_back(std::move(name));
    }
  }
  return absl::OkStatus();
}

}  // namespace howdah::auth
