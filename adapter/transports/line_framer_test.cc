#include "adapter/transports/line_framer.h"

#include <malloc.h>

#include <cstddef>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::transports {
namespace {

using ::testing::ElementsAre;

// Feeds the pieces and returns lines, "<too long>" where one was refused.
std::vector<std::string> Cut(const std::vector<std::string>& pieces,
                             std::size_t limit = 100) {
  std::vector<std::string> seen;
  auto line = [&](absl::string_view text) { seen.emplace_back(text); };
  auto too_long = [&] { seen.push_back("<too long>"); };
  LineFramer framer(limit);
  for (const std::string& piece : pieces) framer.Feed(piece, {line, too_long});
  framer.End({line, too_long});
  return seen;
}

TEST(LineFramerTest, EveryPartitionGivesTheSameLines) {
  const std::string text = "{\"a\":1}\n\n  \r\n{\"b\":2}\r\n0123456789\nlast";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      EXPECT_THAT(Cut({text.substr(0, first),
                       text.substr(first, second - first), text.substr(second)},
                      9),
                  ElementsAre("{\"a\":1}", "{\"b\":2}", "<too long>", "last"))
          << first << " " << second;
    }
  }
}

TEST(LineFramerTest, ALineOfExactlyTheLimitPasses) {
  EXPECT_THAT(Cut({"1234\n12345\n123456\n1"}, 5),
              ElementsAre("1234", "12345", "<too long>", "1"));
}

TEST(LineFramerTest, AnEndlessLineIsRefusedOnceAndNotKept) {
  std::vector<std::string> pieces(1000, std::string(100, 'x'));
  pieces.push_back("\nnext\n");
  EXPECT_THAT(Cut(pieces), ElementsAre("<too long>", "next"));
}

TEST(LineFramerTest, ARefusedLineGivesItsMemoryBack) {
  const auto allocated = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  constexpr std::size_t kLimit = 8 * 1024 * 1024;
  LineFramer framer(kLimit);
  bool refused = false;
  const auto line = [](absl::string_view) {};
  const auto too_long = [&] { refused = true; };
  const std::size_t before = allocated();
  {
    const std::string piece(kLimit, 'x');
    framer.Feed(piece, {line, too_long});
    EXPECT_GE(allocated() - before, 2 * kLimit);
    framer.Feed("x", {line, too_long});
  }
  EXPECT_TRUE(refused);
  EXPECT_LT(allocated() - before, kLimit / 8);
}

}  // namespace
}  // namespace howdah::transports
