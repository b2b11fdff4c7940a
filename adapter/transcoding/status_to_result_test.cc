#include "adapter/transcoding/status_to_result.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/status_details.h"

namespace howdah::transcoding {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ErrorResult, SaysWhatHappenedAndWhatToDo) {
  const mcp::ToolResult result = ErrorResult(
      support::ErrorBuilder(absl::StatusCode::kNotFound, "CLUSTER_NOT_FOUND",
                            support::kPostgresDomain)
          .Message("Cluster \"demo\" does not exist.")
          .With("cluster", "demo")
          .Build());
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(result.text,
            "Cluster \"demo\" does not exist.\n"
            "Code: NOT_FOUND, reason: CLUSTER_NOT_FOUND.");
  EXPECT_EQ(result.structured_json,
            R"({"error":{"code":"NOT_FOUND","reason":"CLUSTER_NOT_FOUND",)"
            R"("message":"Cluster \"demo\" does not exist.",)"
            R"("metadata":{"cluster":"demo"}}})");
}

TEST(ErrorResult, WhatUpstreamHidesInAMessageIsTakenOut) {
  const mcp::ToolResult result = ErrorResult(absl::FailedPreconditionError(
      "role \"a\u202Eb\" \u200Bowns\x1b[2J objects"));
  EXPECT_THAT(result.text, HasSubstr("role \"ab\" owns[2J objects"));
}

TEST(ErrorResult, ListsWrongFieldsAndTheDelay) {
  const mcp::ToolResult result =
      ErrorResult(support::ErrorBuilder(absl::StatusCode::kInvalidArgument,
                                        "INVALID_FIELD", support::kHowdahDomain)
                      .Message("2 fields are wrong.")
                      .Field("instances", "must be from 1 to 10")
                      .Field("name", "must be a DNS label")
                      .RetryAfter(absl::Milliseconds(1500))
                      .Build());
  EXPECT_THAT(result.text, HasSubstr("\n- instances: must be from 1 to 10"));
  EXPECT_THAT(result.text, HasSubstr("\n- name: must be a DNS label"));
  EXPECT_THAT(result.text, HasSubstr("Try again in 2 s."));
  EXPECT_THAT(result.structured_json,
              HasSubstr(R"("violations":[{"field":"instances",)"));
  EXPECT_THAT(result.structured_json, HasSubstr(R"("retry_after_seconds":2)"));
}

TEST(ErrorResult, AnErrorWithoutWordsStillSaysSomething) {
  const mcp::ToolResult result =
      ErrorResult(absl::Status(absl::StatusCode::kAborted, ""));
  EXPECT_THAT(result.text, HasSubstr("The call failed with ABORTED."));
  EXPECT_THAT(result.text, HasSubstr("Read the object again"));
}

TEST(ErrorResult, TextFromUpstreamIsBoundedAndClean) {
  const mcp::ToolResult result = ErrorResult(absl::InternalError(
      "bad\x1b[31m\xe2\x80\xae" + std::string(100000, 'x')));
  EXPECT_LT(result.text.size(), 5000u);
  EXPECT_THAT(result.text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.text, Not(HasSubstr("\xe2\x80\xae")));
}

}  // namespace
}  // namespace howdah::transcoding
