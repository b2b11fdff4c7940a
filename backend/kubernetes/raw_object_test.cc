#include "backend/kubernetes/raw_object.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using howdah::testing::HasReason;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFirst[] =
    R"({"apiVersion":"v1","metadata":{"annotations":{"a":"}]\"{"},"name":"a",)"
    R"("managedFields":[{"f":{"name":"no"}}],"namespace":"n",)"
    R"("resourceVersion":"7"},"spec":{"list":[{},[1,{"x":"]"}]]}})";
// As some servers have it: what identifies the object comes last.
constexpr char kSecond[] =
    R"({"spec":{"metadata":{"name":"no"}},"kind":"K",)"
    R"("metadata":{"resourceVersion":"8","namespace":"n","name":"b"}})";

std::string Page(absl::string_view before, absl::string_view after) {
  return absl::StrCat("{", before, R"("items": [)", kFirst, " ,\n", kSecond,
                      " ]", after, "}");
}

void ExpectBoth(const RawPage& page) {
  EXPECT_EQ(page.resource_version, "9");
  EXPECT_EQ(page.continue_token, "next");
  ASSERT_THAT(page.objects, SizeIs(2));
  EXPECT_EQ(page.objects[0].key, (ObjectKey{"n", "a"}));
  EXPECT_EQ(page.objects[0].resource_version, "7");
  EXPECT_EQ(page.objects[0].json, kFirst);
  EXPECT_EQ(page.objects[1].key, (ObjectKey{"n", "b"}));
  EXPECT_EQ(page.objects[1].resource_version, "8");
  EXPECT_EQ(page.objects[1].json, kSecond);
}

constexpr char kMetadata[] =
    R"("metadata":{"resourceVersion":"9","continue":"next"})";

TEST(RawObjectTest, FindsObjectsBeforeAndAfterTheListsOwnMetadata) {
  RawObjectReader reader;
  for (std::string text : {Page(absl::StrCat(kMetadata, ","), ""),
                           Page("", absl::StrCat(",", kMetadata))}) {
    const auto page = reader.ReadPage(text);
    ASSERT_OK(page);
    ExpectBoth(*page);
  }
}

TEST(RawObjectTest, OnePageAfterTheOtherIsReadInTheSameMemory) {
  RawObjectReader reader;
  std::string text;
  for (int i = 0; i < 3; ++i) {
    text = Page(absl::StrCat(kMetadata, ","), std::string(i * 1000, ' '));
    const auto page = reader.ReadPage(text);
    ASSERT_OK(page);
    ExpectBoth(*page);
  }
}

TEST(RawObjectTest, EmptyListsMayBeNull) {
  RawObjectReader reader;
  for (std::string text : {R"({"items":[]})", R"({"items":null})"}) {
    const auto page = reader.ReadPage(text);
    ASSERT_OK(page);
    EXPECT_THAT(page->objects, IsEmpty());
  }
}

TEST(RawObjectTest, WhatIsNoListOfObjectsIsRefused) {
  RawObjectReader reader;
  const std::string whole = Page(absl::StrCat(kMetadata, ","), "");
  for (size_t length = 0; length < whole.size(); ++length) {
    std::string torn = whole.substr(0, length);
    EXPECT_THAT(reader.ReadPage(torn).status(), HasReason("UPSTREAM_PROTOCOL"))
        << torn;
  }
  for (std::string text :
       {R"({"metadata":{}})", R"({"items":{}})", R"({"items":[1]})",
        R"({"items":[{}]})", R"({"items":[{"metadata":{}}]})",
        R"({"items":[{"metadata":{"name":1}}]})", "[]", "<html>"}) {
    EXPECT_THAT(reader.ReadPage(text).status(), HasReason("UPSTREAM_PROTOCOL"))
        << text;
  }
}

TEST(RawObjectTest, ReadsAnObjectThatStandsAlone) {
  RawObjectReader reader;
  const auto object = reader.ReadObject(kSecond);
  ASSERT_OK(object);
  EXPECT_EQ(object->key, (ObjectKey{"n", "b"}));
  EXPECT_EQ(object->json, kSecond);
  const auto bookmark =
      reader.ReadObject(R"({"metadata":{"resourceVersion":"5"}})");
  ASSERT_OK(bookmark);
  EXPECT_EQ(bookmark->resource_version, "5");
  EXPECT_EQ(bookmark->key.name, "");
  EXPECT_THAT(reader.ReadObject("{}").status(), HasReason("UPSTREAM_PROTOCOL"));
}

}  // namespace
}  // namespace howdah::kubernetes
