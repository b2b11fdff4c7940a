#include "backend/aws/runner/cli_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::aws::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kConfig[] = R"([default]
region = eu-west-1
output = yaml
cli_pager = /bin/evil
# a comment
[profile prod]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = default
region=eu-central-1
endpoint_url = http://evil.example
services = local
s3 =
  max_concurrent_requests = 4
  endpoint_url = http://evil.example
[profile "two words"]
sso_session = corp
sso_account_id = 210987654321
[profile pod]
role_arn = arn:aws:iam::1:role/pod
web_identity_token_file = /var/run/token
[profile tool]
credential_process = /usr/bin/creds
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.example/start
[services local]
s3 =
  endpoint_url = http://evil.example
[plugins]
cli_legacy_plugin_path = /tmp
evil = evil_module
)";
constexpr char kCredentials[] = R"([default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = s3cr3t
[temp]
AWS_ACCESS_KEY_ID = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = s3cr3t
aws_session_token = t0k3n
endpoint_url = http://evil.example
)";

TEST(CliConfigTest, KnowsProfilesAndWhereTheirCredentialsComeFrom) {
  const CliConfig config = CliConfig::Parse(kConfig, kCredentials);
  const auto kind = [&](const char* name) {
    return config.Find(name)->credentials;
  };
  EXPECT_EQ(config.profiles().size(), 6u);
  EXPECT_EQ(config.Find("default")->region, "eu-west-1");
  EXPECT_EQ(kind("default"), CredentialKind::kAccessKey);
  EXPECT_EQ(kind("prod"), CredentialKind::kAssumeRole);
  EXPECT_EQ(config.Find("prod")->account, "123456789012");
  EXPECT_EQ(config.Find("prod")->source_profile, "default");
  EXPECT_EQ(kind("two words"), CredentialKind::kSso);
  EXPECT_EQ(config.Find("two words")->account, "210987654321");
  EXPECT_EQ(kind("pod"), CredentialKind::kWebIdentity);
  EXPECT_EQ(kind("tool"), CredentialKind::kProcess);
  EXPECT_EQ(kind("temp"), CredentialKind::kSession);
  EXPECT_EQ(config.Find("corp"), nullptr) << "no profile";
  EXPECT_EQ(config.Find("plugins"), nullptr);
}

TEST(CliConfigTest, NothingPassesThatRunsCodeOrRedirects) {
  const CliConfig config = CliConfig::Parse(kConfig, kCredentials);
  for (const char* word :
       {"evil", "plugin", "endpoint_url", "services", "output", "pager"}) {
    EXPECT_THAT(config.safe_config(), Not(HasSubstr(word)));
    EXPECT_THAT(config.safe_credentials(), Not(HasSubstr(word)));
  }
  EXPECT_THAT(config.safe_config(),
              HasSubstr("s3 =\n  max_concurrent_requests = 4\n[profile"));
  EXPECT_THAT(config.safe_config(),
              HasSubstr("[sso-session corp]\nsso_region"));
  EXPECT_THAT(config.safe_config(), HasSubstr("credential_process"));
  EXPECT_THAT(config.safe_credentials(),
              HasSubstr("[temp]\nAWS_ACCESS_KEY_ID"));
}

TEST(CliConfigTest, CredentialsThatMayPassNeedNoCopy) {
  EXPECT_FALSE(CliConfig::Parse("", kCredentials).credentials_may_pass());
  EXPECT_TRUE(CliConfig::Parse(kConfig, "# mine\n[a]\naws_access_key_id=x\n")
                  .credentials_may_pass());
}

TEST(CliConfigTest, EmptyAndBrokenTextsAreNoProfiles) {
  EXPECT_TRUE(CliConfig::Parse("", "").profiles().empty());
  EXPECT_TRUE(
      CliConfig::Parse("region = x\n[\n]\n  y\n=\n", "").profiles().empty());
}

}  // namespace
}  // namespace howdah::aws::runner
