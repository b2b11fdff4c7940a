#include "backend/aws/runner/redaction.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace howdah::aws::runner {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Result {
  std::string text;
  std::vector<std::string> where;
};

Result Redacted(const char* text, const std::vector<std::string>& paths = {}) {
  json value = json::parse(text);
  Result result;
  result.where = RedactResult(value, paths);
  result.text = value.dump();
  return result;
}

TEST(RedactionTest, TakesOutWhatTheModelCallsSensitive) {
  const Result result = Redacted(
      R"({"A":{"B":"x"},"L":[{"V":1,"W":2},{"V":{"z":3}}],"M":{"k":{"V":"q"}}})",
      {"A.B", "L[].V", "M{}.V"});
  EXPECT_EQ(result.text,
            R"({"A":{"B":"[redacted]"},"L":[{"V":"[redacted]","W":2},)"
            R"({"V":"[redacted]"}],"M":{"k":{"V":"[redacted]"}}})");
  EXPECT_THAT(result.where, ElementsAre("A.B", "L[].V", "M.k.V"));
}

TEST(RedactionTest, TakesOutMembersWhoseNameSaysSecret) {
  EXPECT_EQ(Redacted(R"({"SecretString":"x","SecretAccessKey":"y",)"
                     R"("authorizationToken":"z","MasterUserPassword":"p"})")
                .text,
            R"({"MasterUserPassword":"[redacted]",)"
            R"("SecretAccessKey":"[redacted]","SecretString":"[redacted]",)"
            R"("authorizationToken":"[redacted]"})");
  // User data of an instance, in both forms.
  EXPECT_EQ(Redacted(R"({"UserData":{"Value":"IyEvYmlu"}})").text,
            R"({"UserData":"[redacted]"})");
}

TEST(RedactionTest, LeavesWhatOnlySoundsLikeOne) {
  const char* const text =
      R"({"HasSecret":true,"NextToken":"abc","PasswordLastUsed":"2026-01-01",)"
      R"("SecretArn":"arn:aws:secretsmanager:eu-west-1:1:secret:db","Tags":)"
      R"([{"Key":"Name","Value":"token-service"}],"UserId":"AIDAEXAMPLE"})";
  EXPECT_EQ(Redacted(text).text, json::parse(text).dump());
  EXPECT_THAT(Redacted(text).where, IsEmpty());
}

TEST(RedactionTest, TakesOutSettingsByTheirNames) {
  EXPECT_EQ(Redacted(R"({"environment":[{"name":"DB_PASSWORD","value":"x"},)"
                     R"({"name":"DB_HOST","value":"h"}]})")
                .text,
            R"({"environment":[{"name":"DB_PASSWORD","value":"[redacted]"},)"
            R"({"name":"DB_HOST","value":"h"}]})");
  EXPECT_EQ(
      Redacted(R"({"Environment":{"Variables":{"API_KEY":"x","MODE":"y"}}})")
          .text,
      R"({"Environment":{"Variables":{"API_KEY":"[redacted]","MODE":"y"}}})");
  EXPECT_EQ(Redacted(R"({"Tags":[{"Key":"db-password","Value":"x"}]})").text,
            R"({"Tags":[{"Key":"db-password","Value":"[redacted]"}]})");
}

TEST(RedactionTest, TakesOutWhatLooksLikeASecretWhereverItStands) {
  EXPECT_EQ(RedactText("postgres://app:pw@db:5432/x"),
            "postgres://app:[redacted]@db:5432/x");
  EXPECT_EQ(RedactText("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA "
                       "PRIVATE KEY-----\nrest"),
            "[redacted]\nrest");
  EXPECT_EQ(RedactText("https://b.s3.amazonaws.com/k?X-Amz-Credential=A%2F1&"
                       "X-Amz-Signature=abcdef&x=1"),
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=[redacted]&"
            "X-Amz-Signature=[redacted]&x=1");
  EXPECT_EQ(RedactText("login password=hunter2, then"),
            "login password=[redacted], then");
  EXPECT_EQ(RedactText(R"({"MasterUserPassword": "hunter2"})"),
            R"({"MasterUserPassword": "[redacted]"})");
  EXPECT_EQ(RedactText("DB_SECRET: abcdef\nNAME: x"),
            "DB_SECRET: [redacted]\nNAME: x");
  EXPECT_EQ(RedactText("token eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc"),
            "token [redacted]");
  EXPECT_EQ(RedactText("ghp_abcdefghijklmnopqrstuvwxyz0123"), "[redacted]");
  EXPECT_EQ(RedactText("Authorization: Bearer abcdefghijklmnopqrstuv"),
            "Authorization: Bearer [redacted]");
  for (const char* plain :
       {"arn:aws:iam::123456789012:role/token-maker", "s3://bucket/key",
        "https://example.com/a:b", "{{resolve:secretsmanager:db:SecretString}}",
        "Password: !Ref DbPassword", "PasswordReusePrevention", "basic"}) {
    EXPECT_EQ(RedactText(plain), plain);
  }
}

TEST(RedactionTest, NamesOfSettings) {
  for (const char* secret : {"DB_PASSWORD", "api-key", "GITHUB_TOKEN", "secret",
                             "DATABASE_URL", "privateKey", "PGPASSWORD"}) {
    EXPECT_TRUE(IsSecretName(secret)) << secret;
  }
  for (const char* plain : {"DB_HOST", "SECRET_ARN", "TOKEN_TTL", "KEY_ID",
                            "PASSENGERS", "MONKEY", "secret-name", "AUTHOR"}) {
    EXPECT_FALSE(IsSecretName(plain)) << plain;
  }
}

}  // namespace
}  // namespace howdah::aws::runner
