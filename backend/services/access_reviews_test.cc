#include "backend/services/access_reviews.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_control_plane.h"

namespace howdah::services {
namespace {

using kubernetes::kClusters;
using nlohmann::json;

// Answers reviews as the test says.
class ReviewingPlane : public howdah::testing::FakeControlPlane {
 public:
  absl::StatusOr<kubernetes::Written> Create(
      const kubernetes::Resource& resource, absl::string_view namespace_name,
      const json& object, const kubernetes::WriteOptions& options,
      const kubernetes::Call& call) override {
    EXPECT_EQ(resource.plural, "selfsubjectaccessreviews");
    EXPECT_EQ(namespace_name, "");
    asked.push_back(object["spec"]["resourceAttributes"].dump() + " by " +
                    call.impersonate_user);
    if (!answers) return absl::UnavailableError("down");
    kubernetes::Written written;
    written.object = object;
    written.object["status"]["allowed"] = allows;
    return written;
  }

  bool answers = true;
  bool allows = true;
  std::vector<std::string> asked;
};

class AccessReviewsTest : public ::testing::Test {
 protected:
  static kubernetes::Call As(const std::string& user,
                             std::vector<std::string> groups = {}) {
    kubernetes::Call call;
    call.impersonate_user = user;
    call.impersonate_groups = std::move(groups);
    return call;
  }

  howdah::testing::FakeClock clock_;
  ReviewingPlane plane_;
  AccessReviews reviews_{plane_, clock_};
  const Access get_{"get", kClusters, "shop"};
};

TEST_F(AccessReviewsTest, WithoutImpersonationNobodyIsAsked) {
  EXPECT_TRUE(reviews_.Known({}, get_));
  EXPECT_TRUE(reviews_.Allows({}, get_));
  EXPECT_TRUE(plane_.asked.empty());
}

TEST_F(AccessReviewsTest, KubernetesIsAskedAsTheCallerOnceForAWhile) {
  EXPECT_FALSE(reviews_.Known(As("ada"), get_).has_value());
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
  EXPECT_EQ(reviews_.Known(As("ada"), get_), true);
  EXPECT_THAT(plane_.asked,
              ::testing::ElementsAre(
                  R"({"group":"postgresql.cnpg.io","namespace":"shop",)"
                  R"("resource":"clusters","verb":"get"} by ada)"));
  clock_.Advance(absl::Seconds(30));
  EXPECT_FALSE(reviews_.Known(As("ada"), get_).has_value());
}

TEST_F(AccessReviewsTest, OneCallersRightIsNoOthers) {
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
  plane_.allows = false;
  EXPECT_FALSE(reviews_.Allows(As("eve"), get_));
  EXPECT_FALSE(reviews_.Allows(As("ada", {"guests"}), get_));
  EXPECT_FALSE(reviews_.Allows(As("ada"), {"list", kClusters, "shop"}));
  EXPECT_FALSE(reviews_.Allows(As("ada"), {"get", kClusters, "other"}));
  EXPECT_FALSE(reviews_.Allows(As("ada"), {"get", kClusters, ""}));
  EXPECT_FALSE(
      reviews_.Allows(As("ada"), {"get", kubernetes::kSecrets, "shop"}));
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
}

TEST_F(AccessReviewsTest, ANewRightIsSeenSoon) {
  plane_.allows = false;
  EXPECT_FALSE(reviews_.Allows(As("ada"), get_));
  plane_.allows = true;
  EXPECT_FALSE(reviews_.Allows(As("ada"), get_));
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
}

TEST_F(AccessReviewsTest, WhatCannotBeAskedIsNotAllowedAndNotRemembered) {
  plane_.answers = false;
  EXPECT_FALSE(reviews_.Allows(As("ada"), get_));
  plane_.answers = true;
  EXPECT_TRUE(reviews_.Allows(As("ada"), get_));
}

}  // namespace
}  // namespace howdah::services
