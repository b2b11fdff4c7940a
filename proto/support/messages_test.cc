#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/operations/v1/operations_service.pb.h"
#include "howdah/postgres/v1/database_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"
#include "proto/support/enum_names.h"
#include "proto/support/redaction.h"

namespace howdah::support {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

postgres::v1::UpdateRoleRequest WithPassword() {
  postgres::v1::UpdateRoleRequest request;
  request.set_cluster_name("orders-db");
  request.set_role_name("Äpfel");
  request.set_password("hunter2");
  return request;
}

TEST(RedactionTest, SecretsAreReplacedInJsonAndText) {
  const auto request = WithPassword();
  EXPECT_EQ(RedactedJson(request),
            R"({"cluster_name":"orders-db","role_name":"Äpfel",)"
            R"("password":"[redacted]"})");
  EXPECT_THAT(RedactedText(request), HasSubstr("[redacted]"));
  EXPECT_THAT(RedactedText(request), Not(HasSubstr("hunter2")));
  EXPECT_EQ(request.password(), "hunter2");
}

TEST(RedactionTest, PackedMessagesAreNotShown) {
  operations::v1::Operation operation;
  operation.mutable_result()->PackFrom(WithPassword());
  EXPECT_THAT(RedactedText(operation), Not(HasSubstr("hunter2")));
}

TEST(RedactionTest, IdentifiersAreThoseOfTheContract) {
  EXPECT_THAT(Identifiers(WithPassword()),
              ElementsAre(Pair("cluster_name", "orders-db"),
                          Pair("role_name", "Äpfel")));
}

TEST(EnumNamesTest, NamesAreShortAndLowerCase) {
  const auto* policy = postgres::v1::ReclaimPolicy_descriptor();
  EXPECT_EQ(EnumName(policy, postgres::v1::RECLAIM_POLICY_RETAIN), "retain");
  EXPECT_EQ(EnumName(policy, 42), "42");
  EXPECT_THAT(EnumNames(policy), ElementsAre("retain", "delete"));
  EXPECT_EQ(EnumName(postgres::v1::Role::State_descriptor(),
                     postgres::v1::Role::STATE_PENDING),
            "pending");
}

TEST(EnumNamesTest, NamesAreReadInBothForms) {
  const auto* policy = postgres::v1::ReclaimPolicy_descriptor();
  EXPECT_EQ(EnumNumber(policy, "delete"), postgres::v1::RECLAIM_POLICY_DELETE);
  EXPECT_EQ(EnumNumber(policy, "RECLAIM_POLICY_DELETE"),
            postgres::v1::RECLAIM_POLICY_DELETE);
  EXPECT_EQ(EnumNumber(policy, "unspecified"), std::nullopt);
  EXPECT_EQ(EnumNumber(policy, "Delete"), std::nullopt);
}

}  // namespace
}  // namespace howdah::support
