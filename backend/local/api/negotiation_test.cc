#include "backend/local/api/negotiation.h"

#include "gtest/gtest.h"

namespace howdah::local {
namespace {

constexpr char kTable[] = "application/json;as=Table;g=meta.k8s.io;v=v1";

std::string Chosen(absl::string_view accept) {
  const auto choice = Negotiate(accept, Transforms::kObjects);
  if (!choice) return "nothing";
  return (choice->yaml ? "yaml" : "json") + choice->as;
}

TEST(NegotiationTest, TheBestThatCanBeServedIsChosen) {
  EXPECT_EQ(Chosen(""), "json");
  EXPECT_EQ(Chosen("*/*"), "json");
  EXPECT_EQ(Chosen("text/html, application/yaml;q=0.3, */*;q=0.1"), "yaml");
  EXPECT_EQ(Chosen("application/json;q=0.5,application/yaml"), "yaml");
  EXPECT_EQ(Chosen("*/*, application/yaml"), "yaml");
  EXPECT_EQ(Chosen("application/vnd.kubernetes.protobuf,application/json"),
            "json");
  EXPECT_EQ(Chosen("text/html"), "nothing");
  EXPECT_EQ(Chosen("junk"), "nothing");
}

TEST(NegotiationTest, OnlyWhatCanBeMadeOfItIsChosen) {
  EXPECT_EQ(Chosen(kTable), "jsonTable");
  EXPECT_EQ(Chosen("application/json;as=Table"), "nothing");
  EXPECT_EQ(Chosen("application/json;as=Other;g=meta.k8s.io;v=v1,*/*"), "json");
  EXPECT_EQ(Chosen("application/json;v=v1"), "nothing");
  EXPECT_FALSE(Negotiate(kTable, Transforms::kNone));
  EXPECT_TRUE(Negotiate(
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
      Transforms::kDiscovery));
}

TEST(NegotiationTest, StreamsAreOfJson) {
  EXPECT_EQ(Chosen("application/json;stream=watch"), "json");
  EXPECT_EQ(Chosen("application/json;stream=other"), "nothing");
  EXPECT_EQ(Chosen("application/yaml;stream=watch"), "nothing");
  EXPECT_TRUE(
      Negotiate("application/json;pretty=1", Transforms::kNone)->pretty);
}

}  // namespace
}  // namespace howdah::local
