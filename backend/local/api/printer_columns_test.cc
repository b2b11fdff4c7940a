#include "backend/local/api/printer_columns.h"

#include "backend/local/api/representation.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

TEST(PrinterColumnsTest, AgesReadAsKubectlPrintsThem) {
  EXPECT_EQ(HumanDuration(absl::Seconds(-5)), "<invalid>");
  EXPECT_EQ(HumanDuration(absl::Seconds(119)), "119s");
  EXPECT_EQ(HumanDuration(absl::Seconds(120)), "2m");
  EXPECT_EQ(HumanDuration(absl::Seconds(125)), "2m5s");
  EXPECT_EQ(HumanDuration(absl::Minutes(59)), "59m");
  EXPECT_EQ(HumanDuration(absl::Hours(3) + absl::Minutes(7)), "3h7m");
  EXPECT_EQ(HumanDuration(absl::Hours(47)), "47h");
  EXPECT_EQ(HumanDuration(absl::Hours(49)), "2d1h");
  EXPECT_EQ(HumanDuration(absl::Hours(24 * 400)), "400d");
  EXPECT_EQ(HumanDuration(absl::Hours(24 * 740)), "2y10d");
}

TEST(RepresentationTest, AClusterIsATableRow) {
  const ResourceInfo* info = FindResource(kCnpgGroup, "v1", "clusters");
  ASSERT_NE(info, nullptr);
  Json cluster = Json::parse(R"({
    "kind": "Cluster", "apiVersion": "postgresql.cnpg.io/v1",
    "metadata": {"name": "demo", "creationTimestamp": "2023-11-14T22:13:20Z",
                 "resourceVersion": "7"},
    "status": {"instances": 3, "readyInstances": 2, "phase": "Failing over",
               "currentPrimary": "demo-1"}})");
  auto as = Representation::FromAccept(
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "");
  ASSERT_OK(as.status());
  Json table = as->OfList(*info, {cluster}, {{"resourceVersion", "9"}},
                          absl::FromUnixSeconds(1700000000 + 61));
  EXPECT_EQ(table["kind"], "Table");
  EXPECT_EQ(table["metadata"]["resourceVersion"], "9");
  std::vector<std::string> names;
  for (const Json& column : table["columnDefinitions"]) {
    if (column["priority"] == 0) names.push_back(column["name"]);
  }
  EXPECT_THAT(names, ::testing::ElementsAre("Name", "Age", "Instances", "Ready",
                                            "Status", "Primary"));
  EXPECT_EQ(table["rows"][0]["cells"],
            Json({"demo", "61s", 3, 2, "Failing over", "demo-1", ""}));
  EXPECT_EQ(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
}

TEST(RepresentationTest, OnlyJsonIsServed) {
  EXPECT_OK(Representation::FromAccept("*/*", "").status());
  EXPECT_OK(Representation::FromAccept(
                "application/vnd.kubernetes.protobuf,application/json", "")
                .status());
  EXPECT_FALSE(
      Representation::FromAccept("application/vnd.kubernetes.protobuf", "")
          .ok());
}

}  // namespace
}  // namespace howdah::local
