#include "adapter/mcp/toolsets.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ToolsetsTest, AListIsSplitAndAllMeansEverything) {
  EXPECT_THAT(SplitToolsets(" postgres,, aiven "),
              ElementsAre("postgres", "aiven"));
  EXPECT_THAT(SplitToolsets(""), IsEmpty());
  EXPECT_THAT(SplitToolsets("aws,all"), IsEmpty());
  EXPECT_THAT(SplitToolsets("p\r\nx: y"), ElementsAre("none"));
}

TEST(ToolsetsTest, ACallerCanOnlyNarrow) {
  EXPECT_THAT(NarrowToolsets({}, {}), IsEmpty());
  EXPECT_THAT(NarrowToolsets({}, {"aws"}), ElementsAre("aws"));
  EXPECT_THAT(NarrowToolsets({"postgres"}, {}), ElementsAre("postgres"));
  EXPECT_THAT(NarrowToolsets({"postgres", "aws"}, {"aws", "aiven"}),
              ElementsAre("aws"));
}

TEST(ToolsetsTest, NothingInCommonAllowsNothing) {
  const Toolsets left = NarrowToolsets({"postgres"}, {"aws"});
  EXPECT_FALSE(AllowsToolset(left, "postgres"));
  EXPECT_FALSE(AllowsToolset(left, "aws"));
  EXPECT_TRUE(AllowsToolset(left, "")) << "cannot be switched off";
}

TEST(ToolsetsTest, NoListAllowsAll) {
  EXPECT_TRUE(AllowsToolset({}, "postgres"));
}

}  // namespace
}  // namespace howdah::mcp
