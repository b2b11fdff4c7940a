#include "backend/server/contract_deadline.h"

#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"

namespace howdah::server {
namespace {

mcp::v1::Method FactsOf(const char* method) {
  return postgres::v1::CreateClusterRequest::descriptor()
      ->file()
      ->FindServiceByName("ClusterService")
      ->FindMethodByName(method)
      ->options()
      .GetExtension(mcp::v1::method);
}

TEST(ContractDeadlineTest, IsThatOfTheMethod) {
  EXPECT_EQ(ContractDeadline(FactsOf("GetCluster"),
                             postgres::v1::GetClusterRequest()),
            absl::Seconds(10));
  EXPECT_EQ(
      ContractDeadline(mcp::v1::Method(), postgres::v1::GetClusterRequest()),
      absl::Seconds(60));
}

TEST(ContractDeadlineTest, LeavesRoomForTheWaitThatIsAskedFor) {
  postgres::v1::CreateClusterRequest request;
  const mcp::v1::Method facts = FactsOf("CreateCluster");
  EXPECT_EQ(ContractDeadline(facts, request), absl::Seconds(60));
  request.set_wait(true);
  EXPECT_EQ(ContractDeadline(facts, request), absl::Seconds(660));
}

}  // namespace
}  // namespace howdah::server
