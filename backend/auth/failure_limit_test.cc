#include "backend/auth/failure_limit.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backend/auth/errors.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace howdah::auth {
namespace {

using howdah::testing::HasReason;

constexpr char kEve[] = "ipv4:192.0.2.1:4000";
constexpr char kTooMany[] = "TOO_MANY_FAILURES";

absl::Status Expired() { return TokenRefused(kTokenExpired, "It is over."); }

class FailureLimitTest : public ::testing::Test {
 protected:
  // What a caller hears whose token turns out to be `outcome`.
  absl::Status Ask(const std::string& token, const absl::Status& outcome,
                   const std::string& peer = kEve, bool trusted = false) {
    if (auto refusal = limit_.Refusal(peer, token)) return *refusal;
    const auto trial = limit_.Begin(peer, token, trusted);
    return trial.ok() ? limit_.End(*trial, outcome) : trial.status();
  }
  void FailOften(const std::string& peer = kEve) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_THAT(Ask(absl::StrCat("bad", i), Expired(), peer),
                  HasReason(kTokenExpired));
    }
  }

  howdah::testing::FakeClock clock_;
  FailureLimit limit_{{.rate = {.per_second = 1, .burst = 3}}, clock_};
};

TEST_F(FailureLimitTest, FurtherBadTokensOfAnAddressAreRefused) {
  FailOften();
  EXPECT_THAT(Ask("bad3", Expired()), HasReason(kTooMany));
  // Whatever port it calls from, but not for others.
  EXPECT_THAT(Ask("bad4", Expired(), "ipv4:192.0.2.1:4001"),
              HasReason(kTooMany));
  EXPECT_THAT(Ask("bad5", Expired(), "ipv4:192.0.2.2:4000"),
              HasReason(kTokenExpired));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Ask("bad6", Expired()), HasReason(kTokenExpired));
}

TEST_F(FailureLimitTest, OneTokenAtATimeIsStillLookedAt) {
  FailOften();
  const auto first = limit_.Begin(kEve, "new", false);
  ASSERT_OK(first);
  EXPECT_THAT(limit_.Begin(kEve, "other", false), HasReason(kTooMany));
  EXPECT_OK(limit_.End(*first, absl::OkStatus()));
  EXPECT_OK(Ask("other", absl::OkStatus()));
}

TEST_F(FailureLimitTest, TokensThatWereGoodDoNotWait) {
  FailOften();
  const auto other = limit_.Begin(kEve, "bad4", false);
  ASSERT_OK(other);
  EXPECT_OK(Ask("known", absl::OkStatus(), kEve, /*trusted=*/true));
  EXPECT_THAT(limit_.End(*other, Expired()), HasReason(kTooMany));
}

TEST_F(FailureLimitTest, ABadTokenThatComesAgainCostsOnlyItself) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Ask("bad", Expired()), HasReason(kTokenExpired));
  }
  EXPECT_THAT(Ask("bad", absl::OkStatus()), HasReason(kTooMany));
  EXPECT_THAT(Ask("other", Expired()), HasReason(kTokenExpired));
  // Its key may have become known.
  clock_.Advance(absl::Seconds(5));
  EXPECT_OK(Ask("bad", absl::OkStatus()));
}

TEST_F(FailureLimitTest, GoodTokensAndOutagesAreNoFailures) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_OK(Ask(absl::StrCat("good", i), absl::OkStatus()));
    EXPECT_THAT(Ask(absl::StrCat("who knows", i),
                    IssuerUnavailable("it is down.", absl::Seconds(1))),
                HasReason("ISSUER_UNAVAILABLE"));
  }
}

TEST_F(FailureLimitTest, ManyFirstCallsWithOneTokenAreOneFailure) {
  const auto first = limit_.Begin(kEve, "bad", false);
  ASSERT_OK(first);
  for (int i = 0; i < 20; ++i) {
    const auto joined = limit_.Begin(kEve, "bad", false);
    ASSERT_OK(joined);
    EXPECT_THAT(limit_.End(*joined, Expired()), HasReason(kTokenExpired));
  }
  EXPECT_THAT(limit_.End(*first, Expired()), HasReason(kTokenExpired));
  EXPECT_THAT(Ask("bad1", Expired()), HasReason(kTokenExpired));
  EXPECT_THAT(Ask("bad2", Expired()), HasReason(kTokenExpired));
  EXPECT_THAT(Ask("bad3", Expired()), HasReason(kTooMany));
}

TEST_F(FailureLimitTest, AnAddressOfIpv6StandsForItsNetwork) {
  FailOften("ipv6:%5B2001:db8::1%5D:4000");
  EXPECT_THAT(Ask("bad4", Expired(), "ipv6:[2001:db8::ffff]:4001"),
              HasReason(kTooMany));
  EXPECT_THAT(Ask("bad5", Expired(), "ipv6:%5B2001:db8:0:1::1%5D:4000"),
              HasReason(kTokenExpired));
}

TEST_F(FailureLimitTest, CallersOnAUnixSocketAreNotLimited) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Ask("bad", Expired(), "unix:/run/howdah.sock"),
                HasReason(kTokenExpired));
  }
  EXPECT_OK(Ask("bad", absl::OkStatus(), "unix:/run/howdah.sock"));
}

TEST_F(FailureLimitTest, OnlySoManyBadTokensAreRemembered) {
  FailureLimit small(
      {.rate = {.per_second = 1000, .burst = 1000}, .most_remembered = 2},
      clock_);
  for (const char* token : {"a", "b", "c"}) {
    const auto trial = small.Begin(kEve, token, false);
    ASSERT_OK(trial);
    EXPECT_THAT(small.End(*trial, Expired()), HasReason(kTokenExpired));
  }
  EXPECT_FALSE(small.Refusal(kEve, "a").has_value());
  EXPECT_TRUE(small.Refusal(kEve, "b").has_value());
  EXPECT_TRUE(small.Refusal(kEve, "c").has_value());
}

}  // namespace
}  // namespace howdah::auth
