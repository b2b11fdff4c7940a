// Classes of plans. Aiven's API names plans, such as "business-8"; people ask
// for "Pro", which no plan is called.
//
//   TierOf("business-8")   // PlanTier::kBusiness
#ifndef HOWDAH_BACKEND_AIVEN_PLAN_TIER_H_
#define HOWDAH_BACKEND_AIVEN_PLAN_TIER_H_

#include "absl/strings/string_view.h"

namespace howdah::aiven {

// In rising order; the numbers are those of the contract.
enum class PlanTier {
  kFree = 1,
  kDeveloper = 2,
  kHobbyist = 3,
  kStartup = 4,
  kBusiness = 5,
  kPremium = 6,
  kProfessional = 7,
  kCustom = 8,
  kOther = 9,
};

PlanTier TierOf(absl::string_view plan);

// "business"
absl::string_view TierName(PlanTier tier);

// What people mean by Pro.
bool IsPro(PlanTier tier);

// The rules, in sentences that answers quote.
inline constexpr absl::string_view kTierRule =
    "The tier is the plan's name up to the first \"-\".";
inline constexpr absl::string_view kProRule =
    "No plan is called Pro; counted are business, premium and professional "
    "plans.";

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_PLAN_TIER_H_
