#include "backend/local/fields/managed_fields.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A list of each kind, a map, and a field by itself.
const Json& Schema() {
  static const auto* const kSchema = new Json(Json::parse(R"json({
"type": "object", "properties": {
"metadata": {"type": "object", "properties": {
 "name": {"type": "string"}, "uid": {"type": "string"},
 "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
"spec": {"type": "object", "properties": {
 "size": {"type": "integer"},
 "settings": {"type": "object", "additionalProperties": {"type": "string"}},
 "tags": {"type": "array", "items": {"type": "string"},
  "x-kubernetes-list-type": "set"},
 "words": {"type": "array", "items": {"type": "string"}},
 "roles": {"type": "array", "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object",
   "properties": {"name": {"type": "string"}, "login": {"type": "boolean"}}}}}}}
})json"));
  return *kSchema;
}

FieldManager By(const std::string& name) {
  return {.name = name,
          .api_version = "v1",
          .now = absl::FromUnixSeconds(1700000000)};
}

Json Object(Json spec) {
  return {{"metadata", {{"name", "x"}}}, {"spec", std::move(spec)}};
}

// As it lies in the store.
Json Stored(Json object) {
  object["metadata"]["uid"] = "1";
  return object;
}

Json Apply(const std::string& manager, const Json& before, Json spec,
           bool force = false) {
  auto applied = ApplyFields(Schema(), By(manager), before,
                             Object(std::move(spec)), force);
  EXPECT_OK(applied.status());
  EXPECT_THAT(applied->conflicts, IsEmpty());
  return Stored(applied->object);
}

Json FieldsOfManager(const Json& object, const std::string& manager) {
  for (const Json& entry : object["metadata"]["managedFields"]) {
    if (entry["manager"] == manager) return entry["fieldsV1"];
  }
  return nullptr;
}

TEST(ManagedFieldsTest, WhatIsNoLongerAppliedGoes) {
  Json object = Apply("ada", Json::object(),
                      {{"size", 1}, {"settings", {{"a", "1"}, {"b", "2"}}}});
  object = Apply("ada", object, {{"settings", {{"a", "1"}}}});
  EXPECT_EQ(object["spec"], Json({{"settings", {{"a", "1"}}}}));
  EXPECT_EQ(FieldsOfManager(object, "ada"),
            Json::parse(R"({"f:spec": {"f:settings": {"f:a": {}}}})"));
}

TEST(ManagedFieldsTest, MetadataThatAreNoLongerAppliedTakeNoNameAlong) {
  Json config = Object({{"size", 1}});
  config["metadata"]["labels"] = {{"a", "b"}};
  auto applied =
      ApplyFields(Schema(), By("ada"), Json::object(), config, false);
  ASSERT_OK(applied.status());
  const Json object = Apply("ada", Stored(applied->object), {{"size", 2}});
  EXPECT_EQ(object["metadata"]["name"], "x");
  EXPECT_FALSE(object["metadata"].contains("labels"));
}

TEST(ManagedFieldsTest, WhatAnotherAppliesTooStays) {
  Json object = Apply("ada", Json::object(), {{"size", 1}});
  object = Apply("bea", object, {{"size", 1}});
  object = Apply("ada", object, {{"words", {"a"}}});
  EXPECT_EQ(object["spec"]["size"], 1);
  object = Apply("bea", object, {{"settings", {{"a", "1"}}}});
  EXPECT_FALSE(object["spec"].contains("size"));
}

TEST(ManagedFieldsTest, WhatIsAnothersIsAConflict) {
  const Json object = Apply("ada", Json::object(), {{"size", 1}});
  auto refused =
      ApplyFields(Schema(), By("bea"), object, Object({{"size", 2}}), false);
  ASSERT_OK(refused.status());
  ASSERT_THAT(refused->conflicts, SizeIs(1));
  EXPECT_EQ(refused->conflicts[0].manager, "\"ada\"");
  EXPECT_EQ(FieldPathText(refused->conflicts[0].path), ".spec.size");
  const Json forced = Apply("bea", object, {{"size", 2}}, /*force=*/true);
  EXPECT_EQ(forced["spec"]["size"], 2);
  EXPECT_EQ(FieldsOfManager(forced, "ada"), nullptr);
}

TEST(ManagedFieldsTest, ListsAreMergedByTheirKind) {
  Json object = Apply(
      "ada", Json::object(),
      {{"tags", {"a", "b"}},
       {"words", {"x", "y"}},
       {"roles", {{{"name", "app"}, {"login", true}}, {{"name", "dba"}}}}});
  object =
      Apply("bea", object, {{"tags", {"c"}}, {"roles", {{{"name", "etl"}}}}});
  EXPECT_THAT(object["spec"]["tags"], ElementsAre("a", "b", "c"));
  EXPECT_THAT(object["spec"]["roles"], SizeIs(3));
  object = Apply("ada", object, {{"roles", {{{"name", "dba"}}}}});
  EXPECT_THAT(object["spec"]["tags"], ElementsAre("c"));
  EXPECT_EQ(object["spec"]["roles"],
            Json::parse(R"([{"name": "dba"}, {"name": "etl"}])"));
  EXPECT_EQ(FieldsOfManager(object, "bea"), Json::parse(R"json({"f:spec": {
"f:tags": {"v:\"c\"": {}},
"f:roles": {"k:{\"name\":\"etl\"}": {".": {}, "f:name": {}}}}})json"));
}

TEST(ManagedFieldsTest, AnAtomicListIsOneField) {
  const Json object = Apply("ada", Json::object(), {{"words", {"x", "y"}}});
  auto refused = ApplyFields(Schema(), By("bea"), object,
                             Object({{"words", {"x"}}}), false);
  ASSERT_OK(refused.status());
  ASSERT_THAT(refused->conflicts, SizeIs(1));
  EXPECT_EQ(FieldPathText(refused->conflicts[0].path), ".spec.words");
}

TEST(ManagedFieldsTest, AnUpdateTakesWhatItChanges) {
  const Json before =
      Apply("ada", Json::object(), {{"settings", {{"a", "1"}, {"b", "2"}}}});
  Json next = before;
  next["spec"]["settings"]["a"] = "9";
  next["spec"]["size"] = 4;
  TrackUpdate(Schema(), By("cat"), before, next);
  EXPECT_EQ(FieldsOfManager(next, "ada"),
            Json::parse(R"({"f:spec": {"f:settings": {"f:b": {}}}})"));
  EXPECT_EQ(
      FieldsOfManager(next, "cat"),
      Json::parse(R"({"f:spec": {"f:settings": {"f:a": {}}, "f:size": {}}})"));
}

TEST(ManagedFieldsTest, WhoseFieldsNobodyKnowsAreHeldByNobodyUntilApplied) {
  const Json before = Stored(Object({{"size", 1}}));
  Json next = before;
  next["spec"]["size"] = 2;
  TrackUpdate(Schema(), By("cat"), before, next);
  EXPECT_FALSE(next["metadata"].contains("managedFields"));
  const Json applied = Apply("ada", next, {{"words", {"a"}}});
  EXPECT_EQ(FieldsOfManager(applied, "before-first-apply"),
            Json::parse(R"({"f:spec": {".": {}, "f:size": {}}})"));
}

TEST(ManagedFieldsTest, AnEmptyEntryResetsThem) {
  const Json before = Apply("ada", Json::object(), {{"size", 1}});
  Json next = before;
  next["metadata"]["managedFields"] = Json::array({Json::object()});
  TrackUpdate(Schema(), By("cat"), before, next);
  EXPECT_FALSE(next["metadata"].contains("managedFields"));
}

TEST(ManagedFieldsTest, WhatDoesNotFitIsNamed) {
  for (const auto& [spec, why] : std::vector<std::pair<Json, std::string>>{
           {{{"colour", 1}}, ".spec.colour: field not declared in schema"},
           {{{"size", "two"}}, ".spec.size: expected numeric"},
           {{{"roles", {{{"login", true}}}}}, "omits key field"},
           {{{"tags", {"a", "a"}}}, ".spec.tags: duplicate entries for key"},
           {{{"settings", {"a"}}}, ".spec.settings: expected map"}}) {
    EXPECT_THAT(
        ApplyFields(Schema(), By("ada"), Json::object(), Object(spec), false)
            .status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  }
}

TEST(ManagedFieldsTest, TheManagerIsTheProgramUnlessNamed) {
  EXPECT_EQ(ManagerName("ada", "kubectl/v1.30 (linux)"), "ada");
  EXPECT_EQ(ManagerName("", "kubectl/v1.30 (linux)"), "kubectl");
  EXPECT_EQ(ManagerName("", std::string(200, 'x')).size(), 128u);
}

TEST(ManagedFieldsTest, ManyUpdatersEndAsOne) {
  Json object = Object({{"settings", Json::object()}});
  TrackUpdate(Schema(), By("m"), Json::object(), object);
  object = Stored(object);
  for (int i = 0; i < 12; ++i) {
    Json next = object;
    next["spec"]["settings"]["k" + std::to_string(i)] = "v";
    FieldManager by = By("m" + std::to_string(i));
    by.now += absl::Minutes(i + 1);
    TrackUpdate(Schema(), by, object, next);
    object = next;
  }
  EXPECT_THAT(object["metadata"]["managedFields"], SizeIs(10));
  EXPECT_NE(FieldsOfManager(object, "ancient-changes"), nullptr);
  EXPECT_NE(FieldsOfManager(object, "m11"), nullptr);
  EXPECT_EQ(FieldsOfManager(object, "m"), nullptr);
}

}  // namespace
}  // namespace howdah::local
