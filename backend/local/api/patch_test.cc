#include "backend/local/api/patch.h"

#include "backend/local/api/api_error.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

Json Patched(PatchKind kind, const Json& before, const Json& patch) {
  absl::StatusOr<Json> result = ApplyPatch(kind, before, patch);
  EXPECT_OK(result.status());
  return result.ok() ? *result : Json();
}

TEST(PatchTest, MergePatchReplacesListsAndRemovesNulls) {
  EXPECT_EQ(
      Patched(PatchKind::kMerge, {{"a", {{"x", 1}, {"y", 2}}}, {"l", {1, 2}}},
              {{"a", {{"y", nullptr}}}, {"l", {3}}}),
      Json({{"a", {{"x", 1}}}, {"l", {3}}}));
}

TEST(PatchTest, AFailedTestOfAJsonPatchIs422AndABadPatch400) {
  Json before = {{"a", 1}};
  Json good = Json::parse(R"([{"op":"test","path":"/a","value":1},
                              {"op":"replace","path":"/a","value":2}])");
  EXPECT_EQ(Patched(PatchKind::kJson, before, good), Json({{"a", 2}}));
  Json test = Json::parse(R"([{"op":"test","path":"/a","value":9}])");
  EXPECT_EQ(HttpCode(ApplyPatch(PatchKind::kJson, before, test).status()), 422);
  Json missing = Json::parse(R"([{"op":"remove","path":"/nothing"}])");
  EXPECT_EQ(HttpCode(ApplyPatch(PatchKind::kJson, before, missing).status()),
            422);
  Json broken = Json::parse(R"([{"op":"fly","path":"/a"}])");
  EXPECT_EQ(HttpCode(ApplyPatch(PatchKind::kJson, before, broken).status()),
            422);
  EXPECT_EQ(
      HttpCode(ApplyPatch(PatchKind::kJson, before, Json::object()).status()),
      400);
}

TEST(PatchTest, StrategicMergeKnowsTheMergeKeys) {
  Json before = Json::parse(R"({
    "metadata": {"finalizers": ["a"], "labels": {"x": "1", "y": "2"}},
    "spec": {"ports": [{"port": 1, "name": "one"}, {"port": 2}], "list": [1]}})");
  Json patch = Json::parse(R"({
    "metadata": {"finalizers": ["b"], "labels": {"y": null}},
    "spec": {"$setElementOrder/ports": [{"port": 1}],
             "ports": [{"port": 1, "name": "new"},
                       {"port": 2, "$patch": "delete"}, {"port": 3}],
             "list": [2]}})");
  EXPECT_EQ(Patched(PatchKind::kStrategic, before, patch), Json::parse(R"({
    "metadata": {"finalizers": ["a", "b"], "labels": {"x": "1"}},
    "spec": {"ports": [{"port": 1, "name": "new"}, {"port": 3}],
             "list": [2]}})"));
  EXPECT_EQ(Patched(PatchKind::kStrategic, before,
                    Json::parse(R"({"metadata": {"$patch": "replace",
                                    "labels": {"z": "3"}},
                                    "spec": {"$patch": "delete"}})")),
            Json::parse(R"({"metadata": {"labels": {"z": "3"}}})"));
  EXPECT_EQ(Patched(PatchKind::kStrategic, before, Json::parse(R"({"metadata":
                      {"$deleteFromPrimitiveList/finalizers": ["a"]}})"))
                ["metadata"]["finalizers"],
            Json::array());
  EXPECT_EQ(HttpCode(ApplyPatch(PatchKind::kStrategic, before,
                                Json::parse(R"({"spec":{"ports":[{}]}})"))
                         .status()),
            400);
}

TEST(PatchTest, OtherMediaTypesAreRefused) {
  EXPECT_EQ(
      HttpCode(PatchKindOf("application/apply-patch+cbor", true).status()),
      415);
  EXPECT_EQ(HttpCode(PatchKindOf("application/strategic-merge-patch+json",
                                 /*custom_resource=*/true)
                         .status()),
            415);
  EXPECT_TRUE(PatchKindOf("application/apply-patch+yaml", true).ok());
  EXPECT_TRUE(
      PatchKindOf("application/strategic-merge-patch+json", false).ok());
  EXPECT_TRUE(
      PatchKindOf("application/merge-patch+json; charset=utf-8", true).ok());
}

}  // namespace
}  // namespace howdah::local
