#include "backend/local/api/protobuf_body.h"

#include <string>

#include "backend/local/api/api_error.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local {
namespace {

// A length-delimited field with a small number and a short content.
std::string Field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(content.size())) + content;
}

std::string Envelope(const std::string& kind, const std::string& raw) {
  return std::string("k8s\0", 4) + Field(1, Field(1, "v1") + Field(2, kind)) +
         Field(2, raw) + Field(3, "") + Field(4, "");
}

TEST(ProtobufBodyTest, ReadsASecretAsKubectlSendsIt) {
  std::string raw =
      Field(1, Field(1, "s") + Field(2, "") + Field(3, "default") +
                   Field(11, Field(1, "app") + Field(2, "x"))) +
      Field(2, Field(1, "a") + Field(2, "b")) + Field(3, "Opaque");
  absl::StatusOr<Json> object = DecodeProtobuf(Envelope("Secret", raw));
  ASSERT_OK(object.status());
  EXPECT_EQ(*object, Json::parse(R"({
    "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
    "metadata": {"name": "s", "namespace": "default", "labels": {"app": "x"}},
    "data": {"a": "Yg=="}})"));
}

TEST(ProtobufBodyTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(HttpCode(DecodeProtobuf(Envelope("Pod", "")).status()), 415);
  EXPECT_EQ(HttpCode(DecodeProtobuf("no magic").status()), 400);
  std::string cut = Envelope("Secret", Field(1, Field(1, "s")));
  for (size_t size = 5; size < cut.size() - 4; ++size) {
    absl::StatusOr<Json> object = DecodeProtobuf(cut.substr(0, size));
    EXPECT_TRUE(object.ok() || HttpCode(object.status()) >= 400) << size;
  }
  EXPECT_EQ(HttpCode(DecodeProtobuf(cut.substr(0, cut.size() - 5)).status()),
            400);
}

}  // namespace
}  // namespace howdah::local
