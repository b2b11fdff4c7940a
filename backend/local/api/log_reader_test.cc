#include "backend/local/api/log_reader.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace howdah::local {
namespace {

class LogReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "/log." + std::to_string(getpid());
    std::filesystem::remove(path_);
    Append(
        "2026-01-01 10:00:00.100 UTC [1] LOG:  one\n"
        "2026-01-01 10:00:01.200 UTC [1] LOG:  two\n"
        "\tmore of two\n");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void Append(const std::string& text) {
    std::ofstream(path_, std::ios::app) << text;
  }
  std::string Read(const LogOptions& options) {
    return LogReader(path_, options, absl::UnixEpoch()).Read();
  }

  std::string path_;
};

TEST_F(LogReaderTest, TheLastLinesAreChosen) {
  EXPECT_EQ(Read({.tail = 1}), "\tmore of two\n");
  EXPECT_EQ(Read({.tail = 0}), "");
  EXPECT_EQ(Read({.tail = 9}), Read({}));
}

TEST_F(LogReaderTest, LinesAreFromATimeOn) {
  const absl::Time since = absl::FromCivil(
      absl::CivilSecond(2026, 1, 1, 10, 0, 1), absl::UTCTimeZone());
  EXPECT_EQ(Read({.tail = {}, .since = since}),
            "2026-01-01 10:00:01.200 UTC [1] LOG:  two\n\tmore of two\n");
}

TEST_F(LogReaderTest, TimesStandBeforeTheLines) {
  EXPECT_EQ(Read({.timestamps = true, .tail = 1}),
            "2026-01-01T10:00:01.200000000Z \tmore of two\n");
}

TEST_F(LogReaderTest, TheBytesAreLimited) {
  EXPECT_EQ(Read({.tail = {}, .limit = 4}), "2026");
  EXPECT_EQ(Read({.timestamps = true, .tail = {}, .limit = 34}),
            "2026-01-01T10:00:00.100000000Z 202");
}

TEST_F(LogReaderTest, WhatIsAppendedFollows) {
  LogReader reader(path_, {.follow = true, .tail = 0}, absl::UnixEpoch());
  EXPECT_EQ(reader.Read(), "");
  Append("thr");
  EXPECT_EQ(reader.Read(), "");
  Append("ee\nfour\n");
  EXPECT_EQ(reader.Read(), "three\nfour\n");
  std::filesystem::rename(path_, path_ + ".1");
  EXPECT_EQ(reader.Read(), "");
  Append("a new file\n");
  EXPECT_EQ(reader.Read(), "a new file\n");
  std::filesystem::remove(path_ + ".1");
}

}  // namespace
}  // namespace howdah::local
