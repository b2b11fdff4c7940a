#include "backend/local/postgres/installations.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local::postgres {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::HasSubstr;

TEST(Installations, TheMajorVersionComesFromTheTag) {
  EXPECT_EQ(MajorOfImage("ghcr.io/cloudnative-pg/postgresql:16"), 16);
  EXPECT_EQ(MajorOfImage("postgresql:16.2-12-bookworm"), 16);
  EXPECT_EQ(MajorOfImage("localhost:5000/pg:18.1@sha256:0123"), 18);
  EXPECT_EQ(MajorOfImage("localhost:5000/pg"), std::nullopt);
  EXPECT_EQ(MajorOfImage("pg:latest"), std::nullopt);
  EXPECT_EQ(MajorOfImage("pg"), std::nullopt);
}

TEST(Installations, TheNewestIsTheDefaultAndAMissingOneIsNotFound) {
  const Installations installed = {{14, "/a"}, {15, "/b"}};
  EXPECT_EQ(Choose(installed, "")->major, 15);
  EXPECT_EQ(Choose(installed, "pg:14.1")->bin_directory, "/a");
  EXPECT_THAT(
      Choose(installed, "pg:16"),
      StatusIs(
          absl::StatusCode::kNotFound,
          HasSubstr("16 is not installed on this machine; there is 14, 15")));
  EXPECT_THAT(Choose(installed, "pg:latest"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("latest")));
  for (const char* image : {"", "pg:15"}) {
    EXPECT_THAT(Choose({}, image), StatusIs(absl::StatusCode::kNotFound,
                                            HasSubstr("no PostgreSQL")));
  }
}

TEST(Installations, ADirectoryWithoutProgramsIsNone) {
  EXPECT_TRUE(FindInstallations("/nowhere").empty());
}

}  // namespace
}  // namespace howdah::local::postgres
