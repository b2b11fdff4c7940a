#include "adapter/mcp/http_narrowing.h"

#include <map>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeExchange : public transports::Exchange {
 public:
  explicit FakeExchange(std::string target,
                        std::map<std::string, std::string> headers = {})
      : target_(std::move(target)), headers_(std::move(headers)) {}

  absl::string_view Target() const override { return target_; }
  absl::string_view Header(absl::string_view name) const override {
    const auto found = headers_.find(std::string(name));
    return found == headers_.end() ? absl::string_view() : found->second;
  }
  bool Streams() const override { return false; }
  void Send(std::string) override {}
  void Finish(transports::Reply) override {}

 private:
  const std::string target_;
  const std::map<std::string, std::string> headers_;
};

RequestContext Narrowed(const FakeExchange& exchange, bool read_only = false,
                        const Toolsets& toolsets = {}) {
  RequestContext context;
  Narrow(read_only, toolsets, exchange, context);
  return context;
}

TEST(HttpNarrowingTest, OnlyWhoGotLessIsNarrowed) {
  EXPECT_FALSE(Narrowed(FakeExchange("/mcp")).narrowed);
  EXPECT_FALSE(Narrowed(FakeExchange("/mcp"), true, {"postgres"}).narrowed);
  EXPECT_FALSE(
      Narrowed(FakeExchange("/mcp", {{"X-MCP-Readonly", "true"}}), true)
          .narrowed);
  EXPECT_TRUE(
      Narrowed(FakeExchange("/mcp", {{"X-MCP-Readonly", "true"}})).narrowed);
  EXPECT_TRUE(
      Narrowed(FakeExchange("/mcp", {{"X-MCP-Toolsets", "aws"}})).narrowed);
  EXPECT_TRUE(Narrowed(FakeExchange("/mcp?read_only=1")).narrowed);
}

TEST(HttpNarrowingTest, WithoutAWishTheOperatorDecides) {
  EXPECT_FALSE(Narrowed(FakeExchange("/mcp")).read_only);
  EXPECT_THAT(Narrowed(FakeExchange("/mcp")).toolsets, IsEmpty());
  const auto context = Narrowed(FakeExchange("/mcp?x=1"), true, {"postgres"});
  EXPECT_TRUE(context.read_only);
  EXPECT_THAT(context.toolsets, ElementsAre("postgres"));
}

TEST(HttpNarrowingTest, ReadOnlyByUrlOrHeaderAndASlipNarrows) {
  for (const char* target :
       {"/mcp?read_only=true", "/mcp?read_only", "/mcp?a=b&read_only=yes",
        "/mcp?read_only=false&read_only=1"}) {
    EXPECT_TRUE(Narrowed(FakeExchange(target)).read_only) << target;
  }
  EXPECT_TRUE(
      Narrowed(FakeExchange("/mcp", {{"X-MCP-Readonly", "true"}})).read_only);
  EXPECT_FALSE(
      Narrowed(FakeExchange("/mcp?read_only=0", {{"X-MCP-Readonly", "False"}}))
          .read_only);
}

TEST(HttpNarrowingTest, NobodyCanWiden) {
  EXPECT_TRUE(Narrowed(FakeExchange("/mcp?read_only=false",
                                    {{"X-MCP-Readonly", "false"}}),
                       /*read_only=*/true)
                  .read_only);
  const auto context =
      Narrowed(FakeExchange("/mcp?toolsets=aws,postgres%2Caiven",
                            {{"X-MCP-Toolsets", "postgres, aws"}}),
               false, {"postgres", "aiven"});
  EXPECT_THAT(context.toolsets, ElementsAre("postgres"));
  EXPECT_THAT(
      Narrowed(FakeExchange("/mcp?toolsets=all"), false, {"postgres"}).toolsets,
      ElementsAre("postgres"));
}

TEST(HttpNarrowingTest, NothingInCommonLeavesNothing) {
  const auto context =
      Narrowed(FakeExchange("/mcp?toolsets=aws"), false, {"postgres"});
  EXPECT_FALSE(AllowsToolset(context.toolsets, "postgres"));
  EXPECT_FALSE(AllowsToolset(context.toolsets, "aws"));
}

}  // namespace
}  // namespace howdah::mcp
