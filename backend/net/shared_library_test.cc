#include "backend/net/shared_library.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::net {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr SharedLibrary::Facts kMath = {.file = "libm.so.6",
                                        .purpose = "counts",
                                        .package = "libc6",
                                        .reason = "NO_MATHS"};

TEST(SharedLibraryTest, FindsAFunctionThatWorks) {
  SharedLibrary library(kMath);
  double (*floor)(double) = nullptr;
  library.Find("floor", floor);
  ASSERT_OK(library.status());
  EXPECT_EQ(floor(2.5), 2.0);
}

TEST(SharedLibraryTest, AMissingFunctionIsNamedAndTheFirstCounts) {
  SharedLibrary library(kMath);
  double (*function)(double) = nullptr;
  library.Find("no_such_function", function);
  EXPECT_EQ(function, nullptr);
  library.Find("nor_this", function);
  EXPECT_THAT(library.status(),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("no function no_such_function")),
                    HasReason("NO_MATHS")));
}

TEST(SharedLibraryTest, AMissingFileSaysWhatToInstall) {
  SharedLibrary library({.file = "libnone.so.9",
                         .purpose = "counts",
                         .package = "libnone9",
                         .reason = "NO_MATHS"});
  double (*function)(double) = nullptr;
  library.Find("floor", function);
  EXPECT_EQ(function, nullptr);
  EXPECT_THAT(library.status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("with which the backend counts"),
                             HasSubstr("apt-get install libnone9"))));
}

}  // namespace
}  // namespace howdah::net
