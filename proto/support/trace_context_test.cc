#include "proto/support/trace_context.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::support {
namespace {

using ::testing::MatchesRegex;

constexpr char kId[] = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(TraceContextTest, IdsOfCallersAreKept) {
  const TraceContext recorded =
      TraceFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(recorded.id, kId);
  EXPECT_TRUE(recorded.sampled);
  EXPECT_FALSE(
      TraceFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
          .sampled);
}

TEST(TraceContextTest, OthersGetANewOne) {
  for (const char* value :
       {"", "00-xyz", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
    const TraceContext trace = TraceFrom(value);
    EXPECT_THAT(trace.id, MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(trace.id.size(), 32u);
    EXPECT_FALSE(trace.sampled);
  }
  EXPECT_NE(TraceFrom("").id, TraceFrom("").id);
}

TEST(TraceContextTest, EachRequestIsAChildOfItsOwn) {
  const std::string one = ChildTraceparent({kId, true});
  EXPECT_THAT(one,
              MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]+-01"));
  EXPECT_EQ(one.size(), 55u);
  EXPECT_NE(one, ChildTraceparent({kId, true}));
  EXPECT_EQ(ChildTraceparent({kId, false}).substr(52), "-00");
  EXPECT_EQ(TraceFrom(one).id, kId);
  EXPECT_EQ(ChildTraceparent({}), "");
}

}  // namespace
}  // namespace howdah::support
