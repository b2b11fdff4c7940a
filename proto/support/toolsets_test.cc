#include "proto/support/toolsets.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "howdah/aiven/v1/projects_service.pb.h"
#include "howdah/auth/v1/access_service.pb.h"
#include "howdah/aws/v1/aws_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"

namespace howdah::support {
namespace {

template <typename Message>
bool IsOn(const EnvironmentOf& environment) {
  return IsOnUnasked(*Message::descriptor()->file()->service(0), environment);
}

TEST(ToolsetsTest, WhatIsOnRequestIsOffUnlessItsVariablesAreSet) {
  EXPECT_TRUE(IsOn<postgres::v1::Role>(EmptyEnvironment));
  EXPECT_TRUE(IsOn<auth::v1::Identity>(EmptyEnvironment));
  EXPECT_FALSE(IsOn<aiven::v1::Project>(EmptyEnvironment));
  for (const std::string variable :
       {"AIVEN_TOKEN", "AIVEN_TOKEN_FILE", "AIVEN_ACCOUNTS"}) {
    const auto environment = [variable](const char* name) -> std::string {
      return name == variable ? "x" : "";
    };
    EXPECT_TRUE(IsOn<aiven::v1::Project>(environment)) << variable;
    EXPECT_FALSE(IsOn<aws::v1::ExecuteReadCommandResponse>(environment));
  }
}

}  // namespace
}  // namespace howdah::support
