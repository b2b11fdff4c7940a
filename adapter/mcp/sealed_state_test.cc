#include "adapter/mcp/sealed_state.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::mcp {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
constexpr char kOther[] = "fedcba9876543210fedcba9876543210";

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kLater = kNow + absl::Minutes(10);

StateSealer WithKeys(absl::string_view text) {
  return StateSealer(SealingKeys::FromText(text).value());
}

TEST(StateSealerTest, OpensWhatItSealed) {
  const StateSealer sealer(SealingKeys::Random());
  const std::string sealed = sealer.Seal("orders@7", "b", kLater);
  EXPECT_THAT(sealed, Not(HasSubstr("orders")));
  EXPECT_EQ(sealer.Open(sealed, "b", kNow).value(), "orders@7");
  EXPECT_EQ(sealer.Open(sealer.Seal("", "", kLater), "", kNow).value(), "");
}

TEST(StateSealerTest, NeverSealsTheSameTwice) {
  const StateSealer sealer(SealingKeys::Random());
  EXPECT_NE(sealer.Seal("a", "b", kLater), sealer.Seal("a", "b", kLater));
}

TEST(StateSealerTest, AnotherBindingDoesNotOpen) {
  const StateSealer sealer(SealingKeys::Random());
  const std::string sealed =
      sealer.Seal("a", Binding({"tools/call", "x", "alice"}), kLater);
  EXPECT_THAT(
      sealer.Open(sealed, Binding({"tools/call", "x", "bob"}), kNow).status(),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(StateSealerTest, BindingsOfOtherPartsDiffer) {
  EXPECT_NE(Binding({"ab", "c"}), Binding({"a", "bc"}));
  EXPECT_NE(Binding({"a", ""}), Binding({"a"}));
}

TEST(StateSealerTest, EveryChangedCharacterIsNoticed) {
  const StateSealer sealer(SealingKeys::Random());
  const std::string sealed = sealer.Seal("state", "b", kLater);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sealer.Open(changed, "b", kNow).ok()) << i;
  }
  for (absl::string_view bad : {"", "A", "!", "AAAA"}) {
    EXPECT_FALSE(sealer.Open(bad, "b", kNow).ok()) << bad;
  }
  EXPECT_FALSE(sealer.Open(absl::StrCat(sealed, "-TAMPERED"), "b", kNow).ok());
  EXPECT_FALSE(sealer.Open(absl::StrCat(sealed, "="), "b", kNow).ok());
}

TEST(StateSealerTest, WhatIsTooOldSaysSo) {
  const StateSealer sealer(SealingKeys::Random());
  const std::string sealed = sealer.Seal("state", "b", kLater);
  EXPECT_TRUE(sealer.Open(sealed, "b", kLater - absl::Seconds(1)).ok());
  EXPECT_THAT(std::string(sealer.Open(sealed, "b", kLater).status().message()),
              HasSubstr("expired"));
}

TEST(StateSealerTest, ReplicasWithTheSameSecretOpenEachOthers) {
  const std::string sealed = WithKeys(kSecret).Seal("a", "b", kLater);
  EXPECT_TRUE(WithKeys(kSecret).Open(sealed, "b", kNow).ok());
  EXPECT_FALSE(WithKeys(kOther).Open(sealed, "b", kNow).ok());
}

TEST(StateSealerTest, AnOldSecretStillOpensBehindANewOne) {
  const std::string sealed = WithKeys(kSecret).Seal("a", "b", kLater);
  const StateSealer both =
      WithKeys(absl::StrCat("# new\n", kOther, "\n\n", kSecret, "\n"));
  EXPECT_TRUE(both.Open(sealed, "b", kNow).ok());
  EXPECT_FALSE(
      WithKeys(kSecret).Open(both.Seal("a", "b", kLater), "b", kNow).ok());
}

TEST(SealingKeysTest, RefusesWeakSecretsWithoutShowingThem) {
  const absl::Status weak = SealingKeys::FromText("hunter2").status();
  EXPECT_THAT(weak, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(weak.message()), Not(HasSubstr("hunter2")));
  EXPECT_FALSE(SealingKeys::FromText("# nothing\n").ok());
}

}  // namespace
}  // namespace howdah::mcp
