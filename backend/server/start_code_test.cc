#include "backend/server/start_code.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace howdah::server {
namespace {

// Resident kilobytes of the test program's code.
int ResidentCode() {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool mine = false;
  int resident = 0;
  while (std::getline(maps, line)) {
    if (absl::StrContains(line, " r-xp ")) {
      mine = absl::EndsWith(line, "start_code_test");
    } else if (mine && absl::StartsWith(line, "Rss:")) {
      const std::vector<std::string> words =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      int kilobytes = 0;
      EXPECT_TRUE(absl::SimpleAtoi(words.at(1), &kilobytes)) << line;
      resident += kilobytes;
    }
  }
  return resident;
}

// All of it once, as a start does.
int ReadCode() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  int sum = 0;
  while (std::getline(maps, line)) {
    if (!absl::StrContains(line, " r-xp ") ||
        !absl::EndsWith(line, "start_code_test")) {
      continue;
    }
    const std::vector<std::string> ends =
        absl::StrSplit(line.substr(0, line.find(' ')), '-');
    const auto begin = std::stoull(ends.at(0), nullptr, 16);
    const auto end = std::stoull(ends.at(1), nullptr, 16);
    for (auto at = begin; at < end; at += 4096) {
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel tells numbers.
      sum += *reinterpret_cast<const volatile char*>(at);
    }
  }
  return sum;
}

TEST(StartCodeTest, WhatIsNotUsedIsNoLongerResident) {
  const int sum = ReadCode();
  const int before = ResidentCode();
  ForgetStartCode();
  EXPECT_LT(ResidentCode(), before);
  // The code is what it was.
  EXPECT_EQ(ReadCode(), sum);
  EXPECT_EQ(ResidentCode(), before);
}

}  // namespace
}  // namespace howdah::server
