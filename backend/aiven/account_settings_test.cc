#include "backend/aiven/account_settings.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aiven {
namespace {

using howdah::testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

absl::StatusOr<std::vector<AccountSettings>> Read(
    std::map<std::string, std::string> variables) {
  return ReadAccountSettings(
      [variables = std::move(variables)](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
      });
}

TEST(AccountSettingsTest, WithoutATokenThereIsNoAccount) {
  EXPECT_THAT(*Read({{"AIVEN_BASE_URL", "https://api.aiven.io"}}), IsEmpty());
}

TEST(AccountSettingsTest, TheDefaultAccountAsksThePublicApi) {
  const auto accounts =
      Read({{"AIVEN_TOKEN", " t \n"}, {"AIVEN_PROJECT_NAME", "demo"}});
  ASSERT_OK(accounts);
  ASSERT_THAT(*accounts, SizeIs(1));
  EXPECT_EQ(accounts->front().name, "default");
  EXPECT_EQ(accounts->front().token, "t");
  EXPECT_EQ(accounts->front().base_url, "https://api.aiven.io/v1");
  EXPECT_EQ(accounts->front().default_project, "demo");
}

TEST(AccountSettingsTest, NamedAccountsHaveVariablesOfTheirOwn) {
  const auto accounts =
      Read({{"AIVEN_TOKEN", "t"},
            {"AIVEN_ACCOUNTS", "eu-prod, lab"},
            {"AIVEN_EU_PROD_TOKEN_FILE", "/run/eu"},
            {"AIVEN_EU_PROD_BASE_URL", "https://eu.example.org/"},
            {"AIVEN_LAB_TOKEN", "l"},
            {"AIVEN_LAB_BASE_URL", "http://127.0.0.1:1234/v1"}});
  ASSERT_OK(accounts);
  ASSERT_THAT(*accounts, SizeIs(3));
  EXPECT_EQ((*accounts)[1].name, "eu-prod");
  EXPECT_EQ((*accounts)[1].token_file, "/run/eu");
  EXPECT_EQ((*accounts)[1].base_url, "https://eu.example.org/v1");
  EXPECT_EQ((*accounts)[2].base_url, "http://127.0.0.1:1234/v1");
}

TEST(AccountSettingsTest, WhatIsWrongIsNamedWithoutTheToken) {
  const std::map<std::string, std::string> token = {{"AIVEN_TOKEN", "SECRET"}};
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"AIVEN_TOKEN_FILE", "/run/t"},
           {"AIVEN_BASE_URL", "http://api.aiven.io"},
           {"AIVEN_PROJECT_NAME", "a/b"},
           {"AIVEN_ACCOUNTS", "Upper"}}) {
    auto variables = token;
    variables[name] = value;
    const auto accounts = Read(variables);
    EXPECT_THAT(accounts.status(), HasReason("BAD_AIVEN_SETTING")) << name;
    EXPECT_THAT(std::string(accounts.status().message()), HasSubstr(name));
    EXPECT_THAT(std::string(accounts.status().message()),
                Not(HasSubstr("SECRET")));
  }
  EXPECT_THAT(Read({{"AIVEN_ACCOUNTS", "lab"}}).status(),
              HasReason("BAD_AIVEN_SETTING"));
  for (const char* url :
       {"https://user:SECRET@api.aiven.io", "https://api.aiven.io?x=1",
        "ftp://api.aiven.io", "http://127.0.0.1.example.org"}) {
    EXPECT_THAT(Read({{"AIVEN_TOKEN", "t"}, {"AIVEN_BASE_URL", url}}).status(),
                HasReason("BAD_AIVEN_SETTING"))
        << url;
  }
}

}  // namespace
}  // namespace howdah::aiven
