#include "backend/local/controllers/liveness.h"

#include "gtest/gtest.h"

namespace howdah::local::controllers {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
const absl::Time kStart = absl::FromUnixSeconds(1700000000);

TEST(Liveness, ASilentServerHangsAfterThePatience) {
  Liveness liveness;
  EXPECT_FALSE(liveness.Hangs(kPatience, kStart));
  for (int second : {0, 10, 20}) {
    liveness.Silent(kStart + absl::Seconds(second));
  }
  EXPECT_FALSE(liveness.Hangs(kPatience, kStart + absl::Seconds(29)));
  EXPECT_TRUE(liveness.Hangs(kPatience, kStart + absl::Seconds(30)));
}

TEST(Liveness, AMachineThatSleptCondemnsNobody) {
  Liveness liveness;
  liveness.Silent(kStart);
  liveness.Silent(kStart + absl::Hours(8));
  EXPECT_FALSE(liveness.Hangs(kPatience, kStart + absl::Hours(8)));
}

TEST(Liveness, AnAnswerForgivesEverything) {
  Liveness liveness;
  for (int i = 0; i < 5; ++i) liveness.Silent(kStart);
  liveness.Heard();
  liveness.Silent(kStart + absl::Minutes(5));
  EXPECT_FALSE(liveness.Hangs(kPatience, kStart + absl::Minutes(5)));
}

}  // namespace
}  // namespace howdah::local::controllers
