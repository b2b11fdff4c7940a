#include "backend/local/api/schema.h"

#include "absl/strings/str_cat.h"
#include "backend/local/api/go_types.h"
#include "backend/local/api/quantity.h"
#include "backend/local/api/schema_text.h"
#include "backend/local/api/schema_validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::local {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Of schemas in short form, that of `name`.
Json Schema(const char* sources, const char* name = "T") {
  return SchemaOf(Json::parse(sources), name);
}

std::vector<std::string> Fields(const std::vector<FieldCause>& causes) {
  std::vector<std::string> fields;
  for (const FieldCause& cause : causes) fields.push_back(cause.field);
  return fields;
}

constexpr char kService[] = R"({
  "string": {"type": "string"}, "int32": {"type": "integer", "format": "int32"},
  "Port": {"fields": {"port!": "int32", "protocol": {"is": "string", "default": "TCP"}}},
  "T": {"fields": {
    "ports": "Port[by port,protocol]", "labels": "string{}", "size": "int32",
    "names": "string[]", "colour~": "string", "mood~": {"is": "string", "default": "good"},
    "owner+": {"fields": {"name!": "string"}}}}})";

TEST(SchemaTest, ShortFormsStandForWholeSchemas) {
  const Json string = {{"type", "string"}};
  EXPECT_EQ(
      Schema(R"({"string": {"type": "string"}, "T": "string[atomic]{}"})"),
      (Json{{"type", "object"},
            {"additionalProperties",
             {{"type", "array"},
              {"items", string},
              {"x-kubernetes-list-type", "atomic"}}}}));
  const Json service = Schema(kService);
  const Json& ports = service["properties"]["ports"];
  EXPECT_EQ(ports["x-kubernetes-list-map-keys"], Json({"port", "protocol"}));
  EXPECT_EQ(ports["items"]["required"], Json({"port"}));
  EXPECT_EQ(ports["items"]["properties"]["protocol"]["default"], "TCP");
  EXPECT_EQ(service["properties"]["colour"]["x-unsupported"], true);
  EXPECT_EQ(Schema(kService, "Nobody"), nullptr);
}

// Where below `path` no schema is.
void FindNothing(const Json& schema, const std::string& path,
                 std::vector<std::string>& found) {
  if (!schema.is_object()) {
    found.push_back(path);
    return;
  }
  for (const auto& [field, part] : PartOf(schema, "properties").items()) {
    FindNothing(part, absl::StrCat(path, ".", field), found);
  }
  for (const char* key : {"items", "additionalProperties"}) {
    if (!schema.contains(key)) continue;
    FindNothing(schema[key], absl::StrCat(path, ".", key), found);
  }
}

TEST(SchemaTest, EveryNameInTheTextsIsThere) {
  const Json sources = SchemaSources();
  ASSERT_TRUE(sources.contains("Cluster"));
  std::vector<std::string> missing;
  for (const auto& [name, source] : sources.items()) {
    FindNothing(SchemaOf(sources, name), name, missing);
  }
  EXPECT_THAT(missing, IsEmpty());
}

TEST(SchemaTest, UnknownFieldsGoAndWhatHasNoEffectIsTold) {
  Json value = {{"size", 1},
                {"strange", 1},
                {"colour", "red"},
                {"mood", "good"},
                {"ports", {{{"port", 1}, {"odd", 1}}}}};
  const Pruned pruned = Prune(Schema(kService), value, Json::object());
  EXPECT_THAT(pruned.unknown, ElementsAre("ports[0].odd", "strange"));
  EXPECT_THAT(pruned.unsupported, ElementsAre("colour"));
  EXPECT_FALSE(value.contains("strange"));
  EXPECT_TRUE(value.contains("colour"));
}

TEST(SchemaTest, WhatStaysAsItWasIsNotToldAgain) {
  Json value = {{"colour", "red"}, {"mood", "bad"}};
  const Pruned pruned =
      Prune(Schema(kService), value, {{"colour", "red"}, {"mood", "good"}});
  EXPECT_THAT(pruned.unsupported, ElementsAre("mood"));
}

TEST(SchemaTest, NullsAreNothingButInLists) {
  Json value = {{"size", nullptr},
                {"labels", {{"a", nullptr}}},
                {"names", {nullptr}},
                {"ports", {{{"port", 1}, {"protocol", nullptr}}}}};
  DropNulls(Schema(kService), value);
  ApplyDefaults(Schema(kService), value);
  EXPECT_EQ(value, (Json{{"labels", Json::object()},
                         {"names", {nullptr}},
                         {"mood", "good"},
                         {"ports", {{{"port", 1}, {"protocol", "TCP"}}}}}));
}

TEST(SchemaTest, EveryWrongIsACause) {
  const Json schema = Schema(kService);
  EXPECT_THAT(Fields(Validate(schema,
                              {{"size", "1"},
                               {"labels", {{"a", 1}}},
                               {"names", {"a", nullptr}},
                               {"ports", {Json::object()}}},
                              nullptr)),
              ElementsAre("labels.a", "names[1]", "ports[0].port", "size"));
  // Of a number that is too large the real server names no field.
  const auto large = Validate(schema, {{"size", 3000000000}}, nullptr);
  ASSERT_THAT(Fields(large), ElementsAre(kNoField));
  EXPECT_EQ(large[0].message,
            "Invalid value: \"\": Checked value must be of type integer with "
            "format int32 in size");
  EXPECT_THAT(Validate(schema, {{"size", 2.0}}, nullptr), IsEmpty());
}

TEST(SchemaTest, WhatWasWrongBeforeMayStay) {
  const Json schema = Schema(kService);
  const Json before = {{"size", "1"}, {"names", {1}}};
  Json next = before;
  next["labels"] = {{"a", "b"}};
  EXPECT_THAT(Validate(schema, next, &before), IsEmpty());
  next["names"].push_back("b");
  EXPECT_THAT(Fields(Validate(schema, next, &before)), ElementsAre("names[0]"));
}

TEST(SchemaTest, KeysOfAListStandOnce) {
  const Json schema = Schema(kService);
  const Json port = {{"port", 1}, {"protocol", "TCP"}};
  const Json other = {{"port", 1}, {"protocol", "UDP"}};
  EXPECT_THAT(ValidateLists(schema, {{"ports", {port, other}}}), IsEmpty());
  const auto causes = ValidateLists(schema, {{"ports", {port, other, port}}});
  ASSERT_THAT(Fields(causes), ElementsAre("ports[2]"));
  EXPECT_EQ(causes[0].reason, "FieldValueDuplicate");
}

TEST(SchemaTest, GoWritesWhatItHasReadInItsOwnWay) {
  Json value = {{"names", {nullptr}}, {"ports", {nullptr}}};
  Rewrite(Schema(kService), value);
  EXPECT_EQ(value, (Json{{"names", {""}},
                         {"ports", {{{"port", 0}}}},
                         {"owner", {{"name", ""}}}}));
}

TEST(SchemaTest, GoReadsNoNumberThatIsTooLarge) {
  const Json schema = Schema(kService);
  EXPECT_EQ(Misfit(schema, {{"size", 3000000000}}),
            "json: cannot unmarshal number into Go struct field size of type "
            "integer");
  EXPECT_EQ(Misfit(schema, {{"size", 5}, {"labels", nullptr}}), "");
}

TEST(SchemaTest, QuantitiesHaveOneForm) {
  for (const auto& [text, canonical] :
       std::vector<std::pair<std::string, std::string>>{
           {"1024Mi", "1Gi"},
           {"1.5Gi", "1536Mi"},
           {"512Mi", "512Mi"},
           {"0.5", "500m"},
           {"1000m", "1"},
           {"1500m", "1500m"},
           {"1000000", "1M"},
           {"100Ei", "100Ei"},
           {"0", "0"},
           {"1e3", "1e3"},
           {"120e1", "1200"},
           {"0.5Ki", "512"},
           {"-1024Ki", "-1Mi"},
           {"1n", "1n"},
           {"nonsense", "nonsense"}}) {
    EXPECT_EQ(CanonicalQuantity(text), canonical) << text;
  }
  EXPECT_EQ(*ParseQuantity("1.5Ki"), 1536);
  EXPECT_FALSE(ParseQuantity("1.5.5").ok());
  EXPECT_FALSE(ParseQuantity("").ok());
}

}  // namespace
}  // namespace howdah::local
