#include "backend/kubernetes/immutable_map.h"

#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace howdah::kubernetes {
namespace {

using Map = ImmutableMap<int, std::string>;

TEST(ImmutableMapTest, BehavesAsStdMapUnderRandomChanges) {
  std::map<int, std::string> model;
  Map map;
  std::minstd_rand random(7);
  for (int step = 0; step < 20000; ++step) {
    // First mostly growth, later mostly removal, so that blocks split and join.
    const int key = static_cast<int>(random() % 3000);
    if (random() % 100 < (step < 10000 ? 80u : 25u)) {
      model[key] = std::to_string(step);
      map = map.With(key, std::to_string(step));
    } else {
      model.erase(key);
      map = map.Without(key);
    }
    ASSERT_EQ(map.size(), model.size());
    const int probe = static_cast<int>(random() % 3001);
    const auto expected = model.lower_bound(probe);
    const auto found = map.lower_bound(probe);
    ASSERT_EQ(found == map.end(), expected == model.end());
    if (expected != model.end()) {
      ASSERT_EQ(found->first, expected->first);
      ASSERT_EQ(found->second, expected->second);
    }
    ASSERT_EQ(map.contains(probe), model.contains(probe));
    if (step % 1000 == 0) {
      ASSERT_TRUE(
          std::equal(map.begin(), map.end(), model.begin(), model.end()));
    }
  }
}

TEST(ImmutableMapTest, AnEarlierMapDoesNotChange) {
  const Map one = Map().With(1, "one");
  const Map two = one.With(2, "two").With(1, "uno");
  const Map none = two.Without(1).Without(2);
  EXPECT_EQ(one.size(), 1u);
  EXPECT_EQ(one.find(1)->second, "one");
  EXPECT_EQ(two.find(1)->second, "uno");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
}

TEST(ImmutableMapTest, FromSortedHoldsAllInOrder) {
  std::vector<Map::Entry> entries;
  for (int i = 0; i < 1000; ++i) {
    entries.push_back(
        std::make_shared<const Map::value_type>(2 * i, std::to_string(i)));
  }
  const Map map = Map::FromSorted(entries);
  EXPECT_EQ(map.size(), 1000u);
  EXPECT_EQ(map.lower_bound(1001)->first, 1002);
  EXPECT_EQ(map.find(1001), map.end());
  EXPECT_EQ(map.lower_bound(1999), map.end());
  EXPECT_EQ(std::distance(map.begin(), map.end()), 1000);
  // Unchanged entries are shared, not copied.
  EXPECT_EQ(map.With(1, "x").Share(500), map.Share(500));
}

}  // namespace
}  // namespace howdah::kubernetes
