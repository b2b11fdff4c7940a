#include "backend/services/direct_list.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/fake_control_plane.h"
#include "tests/support/status_matchers.h"

namespace howdah::services {
namespace {

using howdah::testing::FakeControlPlane;
using howdah::testing::StatusIs;
using kubernetes::kClusters;
using kubernetes::ObjectKey;
using kubernetes::RawObject;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class DirectListTest : public ::testing::Test {
 protected:
  void Make(const std::string& name_space, const std::string& name) {
    server_.AddNamespace(name_space);
    ASSERT_OK(server_.Create(kClusters, name_space,
                             {{"apiVersion", "postgresql.cnpg.io/v1"},
                              {"kind", "Cluster"},
                              {"metadata", {{"name", name}}},
                              {"spec", {{"instances", 1}}}},
                             {}, {}));
  }
  // As many as c0000 and so on in the namespace.
  void MakeMany(const std::string& name_space, int count) {
    for (int i = 0; i < count; ++i) {
      Make(name_space, absl::StrCat("c", absl::Dec(i, absl::kZeroPad4)));
    }
  }
  // Namespaces that begin alike, in which the texts have another order.
  void MakeAlike() {
    for (const char* name_space : {"a", "a-b", "a-b-c", "a0", "b"}) {
      for (const char* name : {"x", "y", "z"}) Make(name_space, name);
    }
  }

  // "namespace/name" of what is listed.
  absl::StatusOr<std::vector<std::string>> List(const ListRange& range) {
    std::vector<std::string> seen;
    const absl::Status listed =
        ListEach(server_, kClusters, range, {},
                 [&](const RawObject& object) -> absl::StatusOr<bool> {
                   seen.push_back(absl::StrCat(object.key.namespace_name, "/",
                                               object.key.name));
                   if (after_each_) after_each_(object.key);
                   return true;
                 });
    if (!listed.ok()) return listed;
    return seen;
  }
  std::vector<int64_t> LimitsSince(size_t before) {
    std::vector<int64_t> limits = server_.limits();
    limits.erase(limits.begin(), limits.begin() + before);
    return limits;
  }
  std::vector<std::string> All() {
    std::vector<std::string> all;
    for (const auto& object : server_.PeekAll("clusters")) {
      const auto& metadata = object["metadata"];
      all.push_back(absl::StrCat(metadata["namespace"].get<std::string>(), "/",
                                 metadata["name"].get<std::string>()));
    }
    return all;
  }

  FakeControlPlane server_;
  std::function<void(const ObjectKey&)> after_each_;
};

TEST_F(DirectListTest, APageIsOneRequestOfItsSizeWhereverItBegins) {
  MakeMany("default", 1200);
  for (const char* space : {"", "default"}) {
    ListRange range{.namespace_name = space, .most = 3};
    const size_t before = server_.limits().size();
    auto first = List(range);
    ASSERT_OK(first);
    EXPECT_THAT(*first,
                ElementsAre("default/c0000", "default/c0001", "default/c0002"));
    range.after = {"default", "c1100"};
    auto late = List(range);
    ASSERT_OK(late);
    EXPECT_THAT(*late,
                ElementsAre("default/c1101", "default/c1102", "default/c1103"));
    EXPECT_THAT(LimitsSince(before), ElementsAre(3, 3)) << space;
  }
}

TEST_F(DirectListTest, AWholeListIsReadInPages) {
  MakeMany("default", 1200);
  auto whole = List({});
  ASSERT_OK(whole);
  EXPECT_THAT(*whole, ElementsAreArray(All()));
  EXPECT_THAT(server_.limits(), ElementsAre(500, 500, 500));
}

TEST_F(DirectListTest, APageShowsWhatWasWrittenSinceThePageBefore) {
  MakeMany("default", 4);
  ListRange range{.namespace_name = "default", .most = 2};
  ASSERT_OK(List(range));
  Make("default", "c0001a");
  ASSERT_OK(server_.Delete(kClusters, {"default", "c0002"}, {}, {}));
  server_.Compact();
  range.after = {"default", "c0001"};
  auto next = List(range);
  ASSERT_OK(next);
  EXPECT_THAT(*next, ElementsAre("default/c0001a", "default/c0003"));
}

TEST_F(DirectListTest, NamesAreLookedForInLargePagesUntilThereAreEnough) {
  MakeMany("default", 1700);
  ListRange range{.name_contains = "c11", .most = 3};
  auto found = List(range);
  ASSERT_OK(found);
  EXPECT_THAT(*found,
              ElementsAre("default/c1100", "default/c1101", "default/c1102"));
  EXPECT_THAT(server_.limits(), ElementsAre(3, 500, 500, 500));
  const size_t before = server_.limits().size();
  range.after = {"default", "c1198"};
  found = List(range);
  ASSERT_OK(found);
  EXPECT_THAT(*found, ElementsAre("default/c1199"));
  EXPECT_THAT(LimitsSince(before), AllOf(Contains(500), SizeIs(Le(3))));
}

TEST_F(DirectListTest, PagesOverNamespacesThatBeginAlikeLoseNothing) {
  MakeAlike();
  for (size_t size = 1; size <= 4; ++size) {
    ListRange range{.most = size};
    std::vector<std::string> seen;
    for (;;) {
      auto page = List(range);
      ASSERT_OK(page);
      if (page->empty()) break;
      for (const std::string& one : *page) {
        seen.push_back(one);
        const size_t slash = one.find('/');
        range.after = {one.substr(0, slash), one.substr(slash + 1)};
      }
    }
    EXPECT_THAT(seen, ElementsAreArray(All())) << size;
  }
}

TEST_F(DirectListTest, AServerWithAnOrderOfItsOwnIsReadWhole) {
  server_.HaveItsOwnPages();
  MakeAlike();
  auto page = List({.most = 2});
  ASSERT_OK(page);
  EXPECT_THAT(*page, ::testing::UnorderedElementsAreArray(All()));
  page = List({.after = ObjectKey{"a-b", "y"}, .most = 2});
  ASSERT_OK(page);
  EXPECT_THAT(*page, ElementsAre("a/x", "a/y", "a/z", "a-b/z", "a0/x", "a0/y",
                                 "a0/z", "b/x", "b/y", "b/z"));
}

TEST_F(DirectListTest, ALongListThatExpiresGoesOnWhereItIs) {
  MakeMany("default", 1200);
  int seen = 0;
  after_each_ = [&](const ObjectKey&) {
    if (++seen != 500) return;
    Make("default", "c0499a");
    EXPECT_OK(server_.Delete(kClusters, {"default", "c0700"}, {}, {}));
    server_.Compact();
  };
  auto whole = List({});
  ASSERT_OK(whole);
  EXPECT_THAT(*whole, ElementsAreArray(All()));
}

TEST_F(DirectListTest, AnErrorIsTheServers) {
  MakeMany("default", 3);
  server_.FailNext("list", "clusters", absl::PermissionDeniedError("no"));
  EXPECT_THAT(List({.after = ObjectKey{"default", "c0000"}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  auto none = List({.namespace_name = "elsewhere"});
  ASSERT_OK(none);
  EXPECT_THAT(*none, IsEmpty());
}

}  // namespace
}  // namespace howdah::services
