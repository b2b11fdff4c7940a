#include "backend/aiven/plan_tier.h"

#include <utility>

#include "absl/strings/match.h"

namespace howdah::aiven {
namespace {

constexpr std::pair<PlanTier, absl::string_view> kNames[] = {
    {PlanTier::kFree, "free"},
    {PlanTier::kDeveloper, "developer"},
    {PlanTier::kHobbyist, "hobbyist"},
    {PlanTier::kStartup, "startup"},
    {PlanTier::kBusiness, "business"},
    {PlanTier::kPremium, "premium"},
    {PlanTier::kProfessional, "professional"},
    {PlanTier::kCustom, "custom"},
};

}  // namespace

PlanTier TierOf(absl::string_view plan) {
  const absl::string_view stem = plan.substr(0, plan.find('-'));
  for (const auto& [tier, name] : kNames) {
    if (absl::EqualsIgnoreCase(stem, name)) return tier;
  }
  return PlanTier::kOther;
}

absl::string_view TierName(PlanTier tier) {
  for (const auto& [known, name] : kNames) {
    if (known == tier) return name;
  }
  return "other";
}

bool IsPro(PlanTier tier) {
  return tier == PlanTier::kBusiness || tier == PlanTier::kPremium ||
         tier == PlanTier::kProfessional;
}

}  // namespace howdah::aiven
