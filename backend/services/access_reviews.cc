#include "backend/services/access_reviews.h"

#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

namespace howdah::services {
namespace {

using nlohmann::json;

constexpr absl::Duration kKeepYes = absl::Seconds(30);
// A right that was just given should soon be seen.
constexpr absl::Duration kKeepNo = absl::Seconds(5);
constexpr size_t kMostAnswers = 10'000;

constexpr kubernetes::Resource kReviews{"authorization.k8s.io", "v1",
                                        "selfsubjectaccessreviews"};

// No name has a line break: backend/auth refuses control characters.
std::string KeyOf(const kubernetes::Call& call, const Access& access) {
  return absl::StrCat(access.verb, "\n", access.resource.group, "\n",
                      access.resource.plural, "\n", access.namespace_name, "\n",
                      call.impersonate_user, "\n",
                      absl::StrJoin(call.impersonate_groups, "\n"));
}

json ReviewOf(const Access& access) {
  json attributes = {{"verb", std::string(access.verb)},
                     {"group", std::string(access.resource.group)},
                     {"resource", std::string(access.resource.plural)}};
  if (!access.namespace_name.empty()) {
    attributes["namespace"] = std::string(access.namespace_name);
  }
  return {{"apiVersion", "authorization.k8s.io/v1"},
          {"kind", "SelfSubjectAccessReview"},
          {"spec", {{"resourceAttributes", std::move(attributes)}}}};
}

bool IsAllowed(const json& review) {
  const auto allowed = json::json_pointer("/status/allowed");
  return review.contains(allowed) && review[allowed] == true;
}

}  // namespace

std::optional<bool> AccessReviews::Known(const kubernetes::Call& call,
                                         const Access& access) {
  if (call.impersonate_user.empty()) return true;
  const std::string key = KeyOf(call, access);
  const absl::Time now = clock_.Now();
  std::lock_guard lock(mutex_);
  const auto found = answers_.find(key);
  if (found == answers_.end() || now >= found->second.until) {
    return std::nullopt;
  }
  return found->second.allowed;
}

bool AccessReviews::Allows(const kubernetes::Call& call, const Access& access) {
  if (const auto known = Known(call, access)) return *known;
  const absl::StatusOr<kubernetes::Written> review =
      plane_.Create(kReviews, "", ReviewOf(access), {}, call);
  if (!review.ok()) return false;
  const bool allowed = IsAllowed(review->object);
  const absl::Time until = clock_.Now() + (allowed ? kKeepYes : kKeepNo);
  std::lock_guard lock(mutex_);
  if (answers_.size() >= kMostAnswers) answers_.clear();
  answers_[KeyOf(call, access)] = {allowed, until};
  return allowed;
}

}  // namespace howdah::services
