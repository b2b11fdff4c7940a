#include "backend/kubernetes/api_error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backend/kubernetes/text.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

const Asked kAsked{"get", kClusters, {"default", "demo"}};

std::string StatusBody(absl::string_view reason, absl::string_view message,
                       absl::string_view details = "{}") {
  return absl::StrCat(
      R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")",
      reason, R"(","message":")", message, R"(","details":)", details, "}");
}

struct Row {
  int http;
  std::string body;
  absl::StatusCode code;
  const char* reason;
};

TEST(ApiErrorTest, EveryRowOfTheTableHolds) {
  using Code = absl::StatusCode;
  const Row rows[] = {
      {400, StatusBody("BadRequest", "m"), Code::kInvalidArgument,
       "BAD_REQUEST"},
      {413, "too large", Code::kInvalidArgument, "BAD_REQUEST"},
      {422, StatusBody("Invalid", "m"), Code::kInvalidArgument,
       "INVALID_OBJECT"},
      {401, StatusBody("Unauthorized", "m"), Code::kUnauthenticated,
       "UNAUTHENTICATED"},
      {403, StatusBody("Forbidden", "m"), Code::kPermissionDenied, "FORBIDDEN"},
      {404, StatusBody("NotFound", "m", R"({"name":"demo","kind":"clusters"})"),
       Code::kNotFound, "OBJECT_NOT_FOUND"},
      {404, StatusBody("NotFound", "m", R"({"name":"x","kind":"namespaces"})"),
       Code::kNotFound, "NAMESPACE_NOT_FOUND"},
      {404, StatusBody("NotFound", "the server could not find it"),
       Code::kFailedPrecondition, "RESOURCE_TYPE_MISSING"},
      {404, "404 page not found\n", Code::kFailedPrecondition,
       "RESOURCE_TYPE_MISSING"},
      {405, "", Code::kUnimplemented, "METHOD_NOT_SUPPORTED"},
      {406, "", Code::kInternal, "UPSTREAM_PROTOCOL"},
      {415, "", Code::kInternal, "UPSTREAM_PROTOCOL"},
      {409, StatusBody("AlreadyExists", "m"), Code::kAlreadyExists,
       "ALREADY_EXISTS"},
      {409, StatusBody("Conflict", "m"), Code::kAborted, "CONFLICT"},
      {410, StatusBody("Expired", "m"), Code::kOutOfRange, "VERSION_TOO_OLD"},
      {429, StatusBody("TooManyRequests", "m"), Code::kResourceExhausted,
       "TOO_MANY_REQUESTS"},
      {429,
       StatusBody("TooManyRequests",
                  "Cannot evict pod as it would violate the pod's disruption "
                  "budget."),
       Code::kFailedPrecondition, "DISRUPTION_BUDGET"},
      {403,
       StatusBody(
           "Forbidden",
           "clusters.postgresql.cnpg.io \\\"a\\\" is forbidden: exceeded "
           "quota: one"),
       Code::kFailedPrecondition, "QUOTA_EXCEEDED"},
      {500,
       StatusBody("InternalError", "failed calling webhook \\\"v\\\": EOF"),
       Code::kUnavailable, "WEBHOOK_UNAVAILABLE"},
      {500, StatusBody("InternalError", "m"), Code::kInternal,
       "UPSTREAM_INTERNAL"},
      {500, StatusBody("ServerTimeout", "m"), Code::kUnavailable,
       "UPSTREAM_UNAVAILABLE"},
      {502, "<html>", Code::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {503, "", Code::kUnavailable, "UPSTREAM_UNAVAILABLE"},
      {504, StatusBody("Timeout", "m"), Code::kDeadlineExceeded,
       "UPSTREAM_TIMEOUT"},
      {504, StatusBody("ServerTimeout", "m"), Code::kUnavailable,
       "UPSTREAM_UNAVAILABLE"},
      {302, "", Code::kInternal, "UPSTREAM_PROTOCOL"},
      {418, "", Code::kInternal, "UPSTREAM_PROTOCOL"},
      {507, StatusBody("InsufficientStorage", "The disk is full."),
       Code::kResourceExhausted, "UPSTREAM_STORAGE_FULL"},
      {599, "", Code::kInternal, "UPSTREAM_INTERNAL"},
  };
  for (const Row& row : rows) {
    const absl::Status status = ErrorOfResponse(kAsked, row.http, row.body);
    EXPECT_THAT(status, StatusIs(row.code)) << row.http << " " << row.body;
    EXPECT_THAT(status, HasReason(row.reason)) << row.http << " " << row.body;
    EXPECT_FALSE(status.message().empty());
  }
}

TEST(ApiErrorTest, CausesBecomeFieldViolations) {
  const absl::Status status = ErrorOfResponse(
      kAsked, 422,
      StatusBody("Invalid", "bad",
                 R"({"causes":[{"field":"spec.instances","message":"too few"},)"
                 R"({"message":"without field"}]})"));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(support::GetDetail(status, bad));
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "spec.instances");
  EXPECT_EQ(bad.field_violations(0).description(), "too few");
}

TEST(ApiErrorTest, RetryInfoIsTheHeaderElseTheDetail) {
  const std::string body =
      StatusBody("TooManyRequests", "m", R"({"retryAfterSeconds":7})");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(
      support::GetDetail(ErrorOfResponse(kAsked, 429, body, "3"), retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 3);
  ASSERT_TRUE(support::GetDetail(ErrorOfResponse(kAsked, 429, body), retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 7);
  EXPECT_EQ(ParseRetryAfter("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1"), std::nullopt);
}

TEST(ApiErrorTest, MessagesNameTheObject) {
  EXPECT_THAT(
      ErrorOfResponse(kAsked, 403, StatusBody("Forbidden", "user x may not")),
      StatusIs(absl::StatusCode::kPermissionDenied,
               HasSubstr(R"(get clusters.postgresql.cnpg.io "default/demo")")));
}

TEST(ApiErrorTest, AFullDiskIsToldInTheServersWords) {
  EXPECT_EQ(ErrorOfResponse(kAsked, 507,
                            StatusBody("InsufficientStorage",
                                       "The disk is full; free some space."))
                .message(),
            "Cannot get clusters.postgresql.cnpg.io \"default/demo\": the API "
            "server has no space left (The disk is full; free some space).");
}

TEST(ApiErrorTest, UpstreamTextIsBoundedAndClean) {
  const std::string long_text(5000, 'x');
  const absl::Status status = ErrorOfResponse(
      kAsked, 500,
      StatusBody("InternalError",
                 absl::StrCat("a\\u001b[31m\\r\\n", long_text)));
  EXPECT_LT(status.message().size(), 800u);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("\n")));
}

TEST(BoundedTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(BoundedText("  plain \n"), "plain");
  EXPECT_EQ(BoundedText("äöü", 6), "äöü");
  EXPECT_EQ(BoundedText("äöüß", 7), "äö…");
  EXPECT_EQ(BoundedText(std::string(600, 'a')).size(), 512u);
  EXPECT_EQ(BoundedText("a\x01\x7f\xc2\x85"
                        "b"),
            "a   b");
  EXPECT_EQ(BoundedText("a\xff\xed\xa0\x80z"), "a    z");
}

}  // namespace
}  // namespace howdah::kubernetes
