#include "backend/kubernetes/continue_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace howdah::kubernetes {
namespace {

std::string Decoded(absl::string_view token) {
  std::string text;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(token, &text));
  return text;
}

TEST(ContinueTokenTest, HoldsTheNextKeyAndAsksForTheNewest) {
  EXPECT_EQ(Decoded(ContinueAfter({"a-b", "x"}, "")),
            R"({"rv":-1,"start":"/a-b/x\u0000","v":"meta.k8s.io/v1"})");
  EXPECT_EQ(Decoded(ContinueAfter({"a-b", "x"}, "a-b")),
            R"({"rv":-1,"start":"/x\u0000","v":"meta.k8s.io/v1"})");
}

TEST(ContinueTokenTest, KnowsTheTokensOfAnApiServer) {
  for (const char* slash : {"", "/"}) {
    const std::string of_server = absl::WebSafeBase64Escape(
        absl::StrCat(R"({"v":"meta.k8s.io/v1","rv":4711,"start":")", slash,
                     R"(a-b/x\u0000"})"));
    EXPECT_TRUE(GoesOnAfter(of_server, {"a-b", "x"}, ""));
    EXPECT_FALSE(GoesOnAfter(of_server, {"a-b", "y"}, ""));
    EXPECT_FALSE(GoesOnAfter(of_server, {"a-b", "x"}, "a-b"));
  }
  EXPECT_TRUE(GoesOnAfter(ContinueAfter({"a", "x"}, "a"), {"a", "x"}, "a"));
}

TEST(ContinueTokenTest, DoesNotTakeOtherTokensForThem) {
  for (const char* other : {"", "100", "!", "W10", "bnVsbA"}) {
    EXPECT_FALSE(GoesOnAfter(other, {"a", "x"}, "")) << other;
  }
  EXPECT_FALSE(
      GoesOnAfter(absl::WebSafeBase64Escape(
                      R"({"v":"meta.k8s.io/v2","rv":1,"start":"a/x\u0000"})"),
                  {"a", "x"}, ""));
}

// A list of one namespace is a part of the list of all.
TEST(ObjectKeyTest, IsOrderedAsTheTextOfNamespaceAndName) {
  const ObjectKey in_order[] = {{"", ""},   {"a-b", "x"}, {"a", "x"},
                                {"a", "y"}, {"a0", "x"},  {"b", ""},
                                {"b", "a"}};
  for (const ObjectKey& one : in_order) {
    for (const ObjectKey& other : in_order) {
      EXPECT_EQ(one < other, &one < &other)
          << one.namespace_name << " " << other.namespace_name;
      EXPECT_EQ(one == other, &one == &other);
    }
  }
}

}  // namespace
}  // namespace howdah::kubernetes
