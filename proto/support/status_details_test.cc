#include "proto/support/status_details.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/status_grpc.h"

namespace howdah::support {
namespace {

absl::Status ExampleError() {
  return ErrorBuilder(absl::StatusCode::kNotFound, "CLUSTER_NOT_FOUND",
                      kPostgresDomain)
      .Message("Cluster \"demo\" does not exist.")
      .With("cluster", "demo")
      .Resource("Cluster", "default/demo")
      .RetryAfter(absl::Milliseconds(1500))
      .Build();
}

TEST(StatusDetailsTest, EveryDetailIsFoundAgain) {
  const absl::Status status = ExampleError();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(status), "CLUSTER_NOT_FOUND");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(GetDetail(status, retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  google::rpc::BadRequest bad_request;
  EXPECT_FALSE(GetDetail(status, bad_request));
}

TEST(StatusDetailsTest, DetailsSurviveGrpc) {
  const absl::Status status = FromGrpc(ToGrpc(ExampleError()));
  EXPECT_EQ(status, ExampleError());
}

TEST(StatusDetailsTest, ForeignDetailsThatAreNoStatusAreLeftOut) {
  const absl::Status status = FromGrpc(
      grpc::Status(grpc::StatusCode::INTERNAL, "broken", "\xff\xff\xff"));
  EXPECT_EQ(status, absl::InternalError("broken"));
}

TEST(StatusDetailsTest, InvalidFieldNamesTheField) {
  const absl::Status status = InvalidField("instances", "must be 1 to 10");
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(GetDetail(status, bad_request));
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), "instances");
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("instances"));
}

}  // namespace
}  // namespace howdah::support
