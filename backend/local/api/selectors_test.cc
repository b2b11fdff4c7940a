#include "backend/local/api/selectors.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

using ::howdah::testing::IsOk;
using ::howdah::testing::StatusIs;
using ::testing::HasSubstr;

Json Labelled(Json labels) {
  return {{"metadata",
           {{"name", "demo"},
            {"namespace", "default"},
            {"labels", std::move(labels)}}},
          {"involvedObject", {{"kind", "Cluster"}}}};
}

bool Matches(absl::string_view text, const Json& object) {
  absl::StatusOr<LabelSelector> selector = LabelSelector::Parse(text);
  EXPECT_THAT(selector, IsOk()) << text;
  return selector.ok() && selector->Matches(object);
}

TEST(LabelSelectorTest, FollowsTheWholeGrammar) {
  Json object = Labelled({{"app", "pg"}, {"cnpg.io/cluster", "a"}, {"n", "5"}});
  for (const char* good :
       {"", "app=pg", "app==pg", "app!=x", "other!=x", "app", "!other",
        "app in (x, pg)", "app in (pg),n", "app notin (x,y)", "other notin (x)",
        "cnpg.io/cluster=a,app=pg", "n>4", "n<6", " app = pg "}) {
    EXPECT_TRUE(Matches(good, object)) << good;
  }
  for (const char* bad :
       {"app=x", "app!=pg", "other", "!app", "app in (x)", "app notin (pg)",
        "n>5", "n<5", "app>1", "app=pg,x"}) {
    EXPECT_FALSE(Matches(bad, object)) << bad;
  }
  EXPECT_FALSE(Matches("app", Json{{"metadata", {{"name", "x"}}}}));
  EXPECT_FALSE(Matches("app", Json{{"metadata", {{"labels", "broken"}}}}));
}

TEST(LabelSelectorTest, RefusesWhatItCannotParse) {
  for (const char* text : {"=a", "a in x", "a in (x", "a b", "a=b,,c", "a=b c",
                           "/a", "a/b/c", "-a", "a=-", "a>x", "a in (b-)"}) {
    EXPECT_THAT(LabelSelector::Parse(text).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("unable to parse requirement")))
        << text;
  }
}

TEST(FieldSelectorTest, SelectsBySupportedFieldsOnly) {
  Json object = Labelled(Json::object());
  auto matches = [&](absl::string_view text) {
    auto selector = FieldSelector::Parse(text, {"involvedObject.kind"});
    EXPECT_THAT(selector, IsOk()) << text;
    return selector.ok() && selector->Matches(object);
  };
  EXPECT_TRUE(matches("metadata.name=demo,metadata.namespace!=other"));
  EXPECT_TRUE(matches("involvedObject.kind==Cluster"));
  EXPECT_FALSE(matches("metadata.name!=demo"));
  EXPECT_FALSE(matches("involvedObject.kind=Pod"));
  EXPECT_THAT(FieldSelector::Parse("spec.x=1", {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "field label not supported: spec.x"));
  for (const char* text : {"nonsense", "metadata.name=a=b",
                           "metadata.name=a\\b", "metadata.name=a\\"}) {
    EXPECT_THAT(FieldSelector::Parse(text, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_TRUE(matches("metadata.name!=a\\,b\\=c"));
}

}  // namespace
}  // namespace howdah::local
