#include "backend/aws/runner/cli_errors.h"

#include <csignal>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/status_details.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws::runner {
namespace {

using absl::StatusCode;
using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using process::ProgramEnd;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status Ended(int code, const char* errors, bool read = true) {
  ProgramEnd end;
  end.code = code;
  end.errors = errors;
  end.started = true;
  return StatusOfEnd(end, {.command = "iam get-user",
                           .profile = "prod",
                           .region = "eu-west-1",
                           .read = read});
}

google::rpc::ErrorInfo Info(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(support::GetDetail(status, info));
  return info;
}

TEST(CliErrorsTest, TheServicesCodeLandsInTheErrorInfo) {
  const absl::Status status = Ended(
      254,
      "\nAn error occurred (NoSuchEntity) when calling the GetUser operation: "
      "The user with name nope cannot be found.\n");
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(status, HasReason("SERVICE_ERROR"));
  EXPECT_EQ(Info(status).metadata().at("awsErrorCode"), "NoSuchEntity");
  EXPECT_EQ(Info(status).metadata().at("operation"), "GetUser");
  EXPECT_EQ(Info(status).metadata().at("profile"), "prod");
  EXPECT_EQ(status.message(),
            "AWS refused GetUser: NoSuchEntity: The user with name nope cannot "
            "be found.");
}

TEST(CliErrorsTest, CodesOfServicesAreSorted) {
  const std::pair<const char*, StatusCode> kCases[] = {
      {"NoSuchBucket", StatusCode::kNotFound},
      {"404", StatusCode::kNotFound},
      {"InvalidInstanceID.NotFound", StatusCode::kNotFound},
      {"DBInstanceNotFound", StatusCode::kNotFound},
      {"ResourceNotFoundException", StatusCode::kNotFound},
      {"AccessDenied", StatusCode::kPermissionDenied},
      {"AccessDeniedException", StatusCode::kPermissionDenied},
      {"UnauthorizedOperation", StatusCode::kPermissionDenied},
      {"ExpiredToken", StatusCode::kUnauthenticated},
      {"UnrecognizedClientException", StatusCode::kUnauthenticated},
      {"ThrottlingException", StatusCode::kResourceExhausted},
      {"RequestLimitExceeded", StatusCode::kResourceExhausted},
      {"BucketAlreadyOwnedByYou", StatusCode::kAlreadyExists},
      {"EntityAlreadyExists", StatusCode::kAlreadyExists},
      {"InvalidGroup.Duplicate", StatusCode::kAlreadyExists},
      {"BucketNotEmpty", StatusCode::kFailedPrecondition},
      {"DependencyViolation", StatusCode::kFailedPrecondition},
      {"InvalidDBInstanceState", StatusCode::kFailedPrecondition},
      {"ConcurrentModification", StatusCode::kAborted},
      {"InternalError", StatusCode::kUnavailable},
      {"InvalidParameterValue", StatusCode::kInvalidArgument},
      {"ValidationError", StatusCode::kInvalidArgument},
      {"SomethingNew", StatusCode::kUnknown},
  };
  for (const auto& [code, wanted] : kCases) {
    EXPECT_EQ(CodeOfServiceError(code, ""), wanted) << code;
  }
  EXPECT_EQ(
      CodeOfServiceError("ValidationError", "Stack with id x does not exist"),
      StatusCode::kNotFound);
}

TEST(CliErrorsTest, ThrottlingSaysWhenToComeBack) {
  google::rpc::RetryInfo retry;
  EXPECT_TRUE(support::GetDetail(
      Ended(255,
            "An error occurred (Throttling) when calling the GetUser operation "
            "(reached max retries: 4): Rate exceeded"),
      retry));
}

TEST(CliErrorsTest, WordsOfTheCliDecideWhereItsExitCodeSaysLittle) {
  EXPECT_THAT(Ended(255,
                    "Unable to locate credentials. You can configure "
                    "credentials by running \"aws configure\"."),
              HasReason("CREDENTIALS_MISSING"));
  EXPECT_THAT(Ended(253, "The config profile (x) could not be found"),
              HasReason("CONFIG_INVALID"));
  EXPECT_THAT(Ended(255, "You must specify a region."),
              HasReason("REGION_MISSING"));
  EXPECT_THAT(
      Ended(255, "Could not connect to the endpoint URL: \"http://x/\""),
      StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(
      Ended(255, "Waiter InstanceRunning failed: Max attempts exceeded"),
      HasReason("WAIT_OVER"));
  EXPECT_THAT(Ended(2,
                    "usage: aws [options]\naws: error: the following "
                    "arguments are required: --bucket"),
              HasReason("COMMAND_INVALID"));
  EXPECT_THAT(Ended(252, "what"), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(Ended(253, "what"), StatusIs(StatusCode::kFailedPrecondition));
  const absl::Status other = Ended(1, "usage: aws\n  aws help\nsome words");
  EXPECT_THAT(other, HasReason("CLI_FAILED"));
  EXPECT_EQ(other.message(), "The AWS CLI ended with 1: some words");
}

TEST(CliErrorsTest, ADryRunOfTheServiceThatWouldHaveSucceededIsNoError) {
  EXPECT_OK(Ended(254,
                  "An error occurred (DryRunOperation) when calling the "
                  "RunInstances operation: Request would have succeeded, but "
                  "DryRun flag is set."));
  EXPECT_OK(Ended(0, "a warning"));
}

TEST(CliErrorsTest, WhatWasStoppedSaysWhetherItMayHaveHappened) {
  ProgramEnd end;
  end.how = ProgramEnd::How::kOutOfTime;
  end.started = true;
  EXPECT_THAT(StatusOfEnd(end, {.command = "x", .read = true}).message(),
              HasSubstr("ask for less"));
  EXPECT_THAT(StatusOfEnd(end, {.command = "x"}).message(),
              HasSubstr("may have happened"));
  end.started = false;
  EXPECT_THAT(StatusOfEnd(end, {.command = "x"}).message(),
              HasSubstr("did not begin"));
  end.how = ProgramEnd::How::kCancelled;
  EXPECT_THAT(StatusOfEnd(end, {.command = "x"}),
              StatusIs(StatusCode::kCancelled));
  end.how = ProgramEnd::How::kSignalled;
  end.code = SIGKILL;
  EXPECT_THAT(StatusOfEnd(end, {.command = "x"}), HasReason("CLI_KILLED"));
}

TEST(CliErrorsTest, ErrorsAreShortAndWithoutSecrets) {
  const std::string filler(5000, 'x');
  const absl::Status status =
      Ended(255, (filler + " url https://u:hunter2@h/").c_str());
  EXPECT_LT(status.message().size(), 1200u);
  EXPECT_THAT(status.message(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace howdah::aws::runner
