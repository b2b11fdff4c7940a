#include "backend/validation/request_validator.h"

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "howdah/postgres/v1/database_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"
#include "tests/support/status_matchers.h"

namespace howdah::validation {
namespace {

namespace pg = postgres::v1;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Request>
absl::Status Check(Request& request) {
  RequestValidator validator;
  EXPECT_OK(validator.Add(*Request::descriptor()));
  return validator.Check(request);
}

pg::CreateClusterRequest ValidCluster() {
  pg::CreateClusterRequest request;
  request.set_name("orders-db");
  return request;
}

TEST(RequestValidatorTest, DefaultsOfEveryTypeAreFilledIn) {
  auto request = ValidCluster();
  ASSERT_OK(Check(request));
  EXPECT_EQ(request.instances(), 3);
  EXPECT_EQ(request.storage_size(), "10Gi");
  EXPECT_TRUE(request.has_wait());
  EXPECT_FALSE(request.wait());
  EXPECT_FALSE(request.has_timeout());
  EXPECT_FALSE(request.has_postgres_version());

  pg::CreateDatabaseRequest database;
  database.set_cluster_name("a");
  database.set_database_name("b");
  database.set_owner("c");
  ASSERT_OK(Check(database));
  EXPECT_EQ(database.reclaim_policy(), pg::RECLAIM_POLICY_RETAIN);
}

TEST(RequestValidatorTest, GivenValuesAreKept) {
  auto request = ValidCluster();
  request.set_instances(1);
  request.set_storage_size("512Mi");
  ASSERT_OK(Check(request));
  EXPECT_EQ(request.instances(), 1);
  EXPECT_EQ(request.storage_size(), "512Mi");
}

TEST(RequestValidatorTest, AllViolationsAreReportedTogether) {
  pg::CreateClusterRequest request;
  request.set_instances(11);
  request.set_storage_size("ten");
  request.set_timeout(5);
  const absl::Status status = Check(request);
  EXPECT_THAT(status, HasReason("INVALID_FIELD"));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(support::GetDetail(status, bad));
  ASSERT_EQ(bad.field_violations_size(), 4);
  EXPECT_EQ(bad.field_violations(0).field(), "name");
  EXPECT_THAT(bad.field_violations(0).description(),
              AllOf(HasSubstr("required"), HasSubstr("\"orders-db\"")));
  EXPECT_EQ(bad.field_violations(1).description(),
            "expected a whole number from 1 to 10, got 11; for example 3");
  EXPECT_EQ(bad.field_violations(2).field(), "storage_size");
  EXPECT_THAT(bad.field_violations(2).description(),
              AllOf(HasSubstr("\"ten\""), HasSubstr("\"10Gi\"")));
  EXPECT_EQ(bad.field_violations(3).field(), "timeout");
}

TEST(RequestValidatorTest, UnknownEnumNumbersAreRefusedWithTheNames) {
  pg::GetClusterRequest request;
  request.set_name("a");
  request.set_detail_level(static_cast<pg::DetailLevel>(9));
  EXPECT_THAT(Check(request),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("one of concise, detailed, got 9")));
}

TEST(RequestValidatorTest, PostgresIdentifiersMayBeAnyText) {
  pg::CreateRoleRequest request;
  request.set_cluster_name("a");
  for (const char* name : {"app_user", "Äpfel", "Robert'); DROP TABLE x;--"}) {
    request.set_role_name(name);
    EXPECT_OK(Check(request));
  }
  request.set_role_name(std::string(64, 'a'));
  EXPECT_THAT(Check(request), HasReason("INVALID_FIELD"));
}

TEST(RequestValidatorTest, LongTextsAreRefusedAndNotRepeated) {
  pg::ListClustersRequest request;
  request.set_page_token(std::string(5000, 'x'));
  EXPECT_THAT(Check(request),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("page_token expected a text of at most "
                                       "4096 bytes"),
                             HasSubstr("(5000 bytes)"),
                             Not(HasSubstr(std::string(100, 'x'))))));
}

TEST(RequestValidatorTest, SecretsAreNeverRepeated) {
  pg::UpdateRoleRequest request;
  request.set_cluster_name("a");
  request.set_role_name("b");
  request.set_password(std::string(1025, 'p'));
  EXPECT_THAT(Check(request),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("password"), Not(HasSubstr("ppp")))));
}

}  // namespace
}  // namespace howdah::validation
