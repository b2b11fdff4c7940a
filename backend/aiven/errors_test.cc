#include "backend/aiven/errors.h"

#include <string>

#include "backend/aiven/api_path.h"
#include "backend/aiven/secret_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aiven {
namespace {

using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ErrorCodeOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  support::GetDetail(status, info);
  const auto found = info.metadata().find("errorCode");
  return found == info.metadata().end() ? "" : found->second;
}

// D14: the code stands inside errors[], not beside it.
TEST(AivenErrorsTest, TheCodeInsideErrorsIsSurfaced) {
  const absl::Status status = ErrorOfApi(
      {.status = 404,
       .body = R"({"message":"Service x does not exist","errors":[{"message":)"
               R"("Service x does not exist","status":404,"error_code":)"
               R"("service_not_found"}]})",
       .subject = "service x"});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound,
                               AllOf(HasSubstr("Service x does not exist"),
                                     HasSubstr("list_services"))));
  EXPECT_EQ(ErrorCodeOf(status), "service_not_found");
}

TEST(AivenErrorsTest, EveryShapeOfErrorsIsRead) {
  EXPECT_EQ(ReadApiErrorBody(R"({"errors":["first","second"]})").message,
            "first");
  EXPECT_EQ(ReadApiErrorBody(R"({"errors":"plain"})").message, "plain");
  EXPECT_EQ(ReadApiErrorBody(R"({"errors":[{"message":"in it"}]})").message,
            "in it");
  EXPECT_EQ(ReadApiErrorBody("<html>502</html>").message, "");
  EXPECT_EQ(ReadApiErrorBody("").message, "");
}

// D1: a gateway's 503 without a body was taken for a success.
TEST(AivenErrorsTest, AnEmptyBodyIsStillAnError) {
  for (const int status : {400, 401, 403, 404, 409, 418, 429, 500, 502, 503}) {
    EXPECT_FALSE(ErrorOfApi({.status = status, .subject = "x"}).ok()) << status;
  }
  EXPECT_THAT(ErrorOfApi({.status = 503, .subject = "the projects"}),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("503 for the projects")));
}

TEST(AivenErrorsTest, StatusesAndCodesAreTold) {
  EXPECT_THAT(ErrorOfApi({.status = 401, .subject = "x"}),
              HasReason("AIVEN_TOKEN_REJECTED"));
  EXPECT_THAT(ErrorOfApi({.status = 403, .subject = "x"}),
              HasReason("AIVEN_PERMISSION"));
  EXPECT_THAT(
      ErrorOfApi({.status = 403,
                  .body = R"({"errors":[{"error_code":)"
                          R"("api_client_ip_allowlist_blocks_caller"}]})",
                  .subject = "x"}),
      HasReason("AIVEN_ADDRESS_BLOCKED"));
  EXPECT_THAT(
      ErrorOfApi({.status = 409,
                  .body = R"({"errors":[{"error_code":"not_powered"}]})",
                  .subject = "x"}),
      HasReason("AIVEN_NOT_POWERED"));
  EXPECT_THAT(ErrorOfApi({.status = 429, .subject = "x"}),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(AivenErrorsTest, NothingIsEchoedUnboundedOrWithSecrets) {
  const std::string body =
      "{\"message\":\"AVNS_abcdefghijkl\\n" + std::string(5000, 'x') + "\"}";
  const absl::Status status =
      ErrorOfApi({.status = 500, .body = body, .subject = "x"});
  EXPECT_LT(status.message().size(), 500u);
  EXPECT_THAT(std::string(status.message()),
              AllOf(Not(HasSubstr("AVNS_")), Not(HasSubstr("\n"))));
}

// D2: ".." walked up the path of the URL.
TEST(AivenPathTest, NamesThatLeadElsewhereAreRefused) {
  for (const std::string name :
       {"", ".", "..", "a/b", "/", "a?b", "a#b", "a%2e", "a\nb", "a b", "ä"}) {
    EXPECT_THAT(ProjectPath(name).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
    EXPECT_THAT(ServicePath("demo", name).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
  EXPECT_EQ(*ServicePath("demo", "pg-1", "/logs"),
            "/project/demo/service/pg-1/logs");
}

// D7 and D8: secrets by their values, and nothing but the secret.
TEST(SecretTextTest, HidesSecretsAndNothingElse) {
  EXPECT_EQ(HideSecrets("password AVNS_0123456789abcdef leaked"),
            "password (hidden) leaked");
  EXPECT_EQ(HideSecrets("postgres://app:s3cret@db:5432/x and more"),
            "postgres://app:(hidden)@db:5432/x and more");
  EXPECT_EQ(HideSecrets("x -----BEGIN RSA PRIVATE KEY-----\nabc\n"
                        "-----END RSA PRIVATE KEY----- y"),
            "x (hidden) y");
  EXPECT_EQ(HideSecrets("Authorization: aivenv1 abcdefghijklmnop1234"),
            "Authorization: aivenv1 (hidden)");
  EXPECT_EQ(HideSecrets("BEARER abcdefghijklmnop1234 aivenv1_abcdefgh"),
            "BEARER (hidden) (hidden)");
  for (const std::string harmless :
       {"primary_key", "image_url=https://example.org/a.png",
        "token=none certificate=ok", "https://example.org:8080/a@b"}) {
    EXPECT_EQ(HideSecrets(harmless), harmless);
  }
}

}  // namespace
}  // namespace howdah::aiven
