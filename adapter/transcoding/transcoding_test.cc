// Tables of what goes in and what comes out, with messages of the contract.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/transcoding/json_to_message.h"
#include "adapter/transcoding/message_to_json.h"
#include "gmock/gmock.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "howdah/aws/v1/aws_service.pb.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "howdah/postgres/v1/role_service.pb.h"
#include "proto/support/status_details.h"
#include "tests/support/status_matchers.h"

namespace howdah::transcoding {
namespace {

using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::CreateClusterRequest;
using ::howdah::postgres::v1::CreateRoleRequest;
using ::howdah::postgres::v1::DETAIL_LEVEL_DETAILED;
using ::howdah::postgres::v1::GetClusterRequest;
using ::howdah::postgres::v1::HEALTH_DEGRADED;
using ::howdah::postgres::v1::HEALTH_HEALTHY;
using ::howdah::postgres::v1::ListClustersResponse;
using ::howdah::postgres::v1::Problem;
using ::howdah::postgres::v1::Role;
using ::howdah::postgres::v1::UpdateRoleRequest;
using ::howdah::testing::HasReason;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DecodeTest : public ::testing::Test {
 protected:
  template <typename Request>
  absl::Status Decode(absl::string_view json, Request& request,
                      bool offers_format = false) {
    ArgumentShape shape{&tables_.For(*Request::descriptor()), offers_format};
    return decoder_.Decode(json, "the_tool", shape, request, extra_);
  }
  // The description of the only problem.
  std::string Problem(absl::string_view json, bool offers_format = false) {
    CreateClusterRequest request;
    return OnlyViolation(Decode(json, request, offers_format));
  }
  std::string OnlyViolation(const absl::Status& status) {
    google::rpc::BadRequest details;
    EXPECT_TRUE(support::GetDetail(status, details)) << status;
    if (details.field_violations_size() != 1) {
      return absl::StrCat("violations: ", details.field_violations_size());
    }
    return absl::StrCat(details.field_violations(0).field(), ": ",
                        details.field_violations(0).description());
  }

  MessageTables tables_;
  ArgumentDecoder decoder_;
  AdapterArguments extra_;
};

TEST_F(DecodeTest, ReadsEveryKindOfArgument) {
  CreateClusterRequest request;
  ASSERT_OK(Decode(R"({"name":"demo","instances":2,"wait":true,
                       "storage_size":"1Gi"})",
                   request));
  EXPECT_EQ(request.name(), "demo");
  EXPECT_EQ(request.instances(), 2);
  EXPECT_TRUE(request.wait());
  EXPECT_EQ(request.storage_size(), "1Gi");
  EXPECT_FALSE(request.has_dry_run());
}

TEST_F(DecodeTest, TakesIntegersAsNumbersAndAsDigits) {
  for (const char* value : {"4", "4.0", "\"4\"", "4e0"}) {
    CreateClusterRequest request;
    ASSERT_OK(Decode(absl::StrCat("{\"instances\":", value, "}"), request));
    EXPECT_EQ(request.instances(), 4) << value;
  }
}

TEST_F(DecodeTest, RefusesWhatIsNoInteger) {
  for (const char* value : {"4.5", "\"4.5\"", "\"four\"", "\" 4\"", "\"\"",
                            "true", "[4]", "{}", "2147483648", "1e300"}) {
    EXPECT_THAT(Problem(absl::StrCat("{\"instances\":", value, "}")),
                AllOf(HasSubstr("instances: must be an integer from 1 to 10"),
                      HasSubstr("for example 3"), HasSubstr("got ")))
        << value;
  }
}

TEST_F(DecodeTest, NullMeansAbsent) {
  CreateClusterRequest request;
  ASSERT_OK(Decode(R"({"name":"a","instances":null,"wait":null})", request));
  EXPECT_FALSE(request.has_instances());
  EXPECT_FALSE(request.has_wait());
}

TEST_F(DecodeTest, EnumsIgnoreCase) {
  for (const char* value :
       {"detailed", "DETAILED", "Detailed", "DETAIL_LEVEL_DETAILED"}) {
    GetClusterRequest request;
    ASSERT_OK(
        Decode(absl::StrCat("{\"detail_level\":\"", value, "\"}"), request));
    EXPECT_EQ(request.detail_level(), DETAIL_LEVEL_DETAILED) << value;
  }
}

TEST_F(DecodeTest, AnUnknownEnumValueIsAnsweredWithTheKnownOnes) {
  for (const char* value : {"\"full\"", "\"unspecified\"", "2", "\"2\""}) {
    GetClusterRequest request;
    EXPECT_THAT(OnlyViolation(Decode(
                    absl::StrCat("{\"detail_level\":", value, "}"), request)),
                HasSubstr("must be one of \"concise\", \"detailed\""))
        << value;
  }
}

TEST_F(DecodeTest, AnUnknownArgumentIsAnsweredWithTheNearestAndAll) {
  EXPECT_THAT(Problem(R"({"instnces":3})"),
              AllOf(HasSubstr("instnces: is not known"),
                    HasSubstr("did you mean \"instances\"?"),
                    HasSubstr("Known: context, namespace, name, instances")));
  EXPECT_THAT(Problem(R"({"storageSize":"1Gi"})"),
              HasSubstr("did you mean \"storage_size\"?"));
  EXPECT_THAT(Problem(R"({"zzzzzz":1})"), Not(HasSubstr("did you mean")));
}

TEST_F(DecodeTest, HiddenFieldsCannotBeGiven) {
  EXPECT_THAT(Problem(R"({"request_id":"x"})"),
              AllOf(HasSubstr("request_id: is not known"),
                    Not(HasSubstr(", request_id"))));
}

TEST_F(DecodeTest, AnArgumentGivenTwiceIsRefused) {
  EXPECT_THAT(Problem(R"({"name":"a","name":"b"})"),
              HasSubstr("name: is given twice"));
  // Written differently, the same name all the same.
  EXPECT_THAT(Problem(R"({"name":"a","n\u0061me":"b"})"),
              HasSubstr("name: is given twice"));
}

TEST_F(DecodeTest, TellsAllProblemsAtOnce) {
  CreateClusterRequest request;
  const absl::Status status =
      Decode(R"({"name":1,"instances":"x","bogus":true})", request);
  EXPECT_THAT(status, HasReason("INVALID_ARGUMENTS"));
  google::rpc::BadRequest details;
  ASSERT_TRUE(support::GetDetail(status, details));
  EXPECT_EQ(details.field_violations_size(), 3);
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 arguments"));
}

TEST_F(DecodeTest, WrongTypesSayWhatCame) {
  EXPECT_THAT(Problem(R"({"name":7})"),
              HasSubstr("name: must be a string, for example \"orders-db\"; "
                        "got a number (7)"));
  EXPECT_THAT(Problem(R"({"wait":"yes"})"),
              HasSubstr("wait: must be true or false; got a string (\"yes\")"));
  EXPECT_THAT(Problem(R"({"name":["a"]})"), HasSubstr("got a list"));
}

TEST_F(DecodeTest, ASecretsValueIsNeverRepeated) {
  UpdateRoleRequest request;
  const std::string problem =
      OnlyViolation(Decode(R"({"password":12345678})", request));
  EXPECT_THAT(problem, HasSubstr("password: must be a string"));
  EXPECT_THAT(problem, Not(HasSubstr("12345678")));
}

TEST_F(DecodeTest, LongValuesAreCutInMessages) {
  const std::string problem =
      Problem(absl::StrCat("{\"instances\":\"", std::string(5000, 'x'), "\"}"));
  EXPECT_LT(problem.size(), 300u);
}

TEST_F(DecodeTest, FormatBelongsToTheAdapter) {
  GetClusterRequest request;
  ASSERT_OK(Decode(R"({"name":"a","format":"JSON"})", request, true));
  EXPECT_TRUE(extra_.json_format);
  GetClusterRequest other;
  EXPECT_THAT(OnlyViolation(Decode(R"({"format":"yaml"})", other, true)),
              HasSubstr("format: must be \"text\" or \"json\""));
  EXPECT_THAT(Problem(R"({"format":"json"})"),
              HasSubstr("format: is not known"));
}

TEST_F(DecodeTest, NumbersOfMoreThan64BitsAreRefusedAtTheirField) {
  CreateClusterRequest request;
  const absl::Status status = Decode(
      R"({"name":"1234567890123456789012\"3","instances":99999999999999999999})",
      request);
  EXPECT_THAT(status, HasReason("INVALID_ARGUMENTS"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("instances"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("name")));
}

TEST_F(DecodeTest, RefusesTextThatIsNoObject) {
  struct Case {
    std::string json;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"", "not valid JSON"},
      {"[]", "not an object"},
      {"7", "not an object"},
      {"null", "not an object"},
      {"{\"name\":", "not valid JSON"},
      {"{\"instances\":1.2.3}", "malformed number"},
      {"{\"name\":\"a\"} x", "not valid JSON"},
      {"{\"name\":\"\xff\"}", "not valid UTF-8"},
      {std::string(2000, '[') + std::string(2000, ']'), "nested deeper"},
  };
  for (const Case& bad : cases) {
    CreateClusterRequest request;
    const absl::Status status = Decode(bad.json, request);
    EXPECT_THAT(status, HasReason("MALFORMED_ARGUMENTS")) << bad.json;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.says));
  }
}

TEST_F(DecodeTest, UnicodeArrivesUnchanged) {
  CreateRoleRequest request;
  ASSERT_OK(Decode(R"({"role_name":"Äpfel \ud83d\ude00"})", request));
  EXPECT_EQ(request.role_name(), "Äpfel 😀");
}

class EncodeTest : public ::testing::Test {
 protected:
  template <typename M>
  std::string Json(const M& message) {
    std::string out;
    AppendMessageJson(message, tables_.For(*M::descriptor()), out);
    return out;
  }
  MessageTables tables_;
};

TEST_F(EncodeTest, OnlyAPageShowsThatItsListIsEmpty) {
  EXPECT_EQ(Json(ListClustersResponse()), R"({"clusters":[],"count":0})");
  EXPECT_EQ(Json(Cluster()), R"({"instances":0,"ready_instances":0})");
}

TEST_F(EncodeTest, WritesAClusterCompactly) {
  ListClustersResponse response;
  response.set_count(1);
  Cluster& cluster = *response.add_clusters();
  cluster.set_name("demo");
  cluster.set_health(HEALTH_HEALTHY);
  cluster.set_instances(3);
  cluster.set_ready_instances(3);
  cluster.mutable_create_time()->set_seconds(1700000000);
  cluster.mutable_create_time()->set_nanos(250000000);
  EXPECT_EQ(Json(response),
            R"({"clusters":[{"name":"demo","health":"healthy","instances":3,)"
            R"("ready_instances":3,"create_time":"2023-11-14T22:13:20.25Z"}],)"
            R"("count":1})");
}

TEST_F(EncodeTest, FalseIsSaidButUnknownEnumsAreNot) {
  Role role;
  role.set_name("app");
  const std::string json = Json(role);
  EXPECT_THAT(json, HasSubstr("\"superuser\":false"));
  EXPECT_THAT(json, Not(HasSubstr("state")));
  EXPECT_THAT(json, Not(HasSubstr("in_roles")));
}

TEST_F(EncodeTest, TextIsEscapedAndNothingHides) {
  Cluster cluster;
  cluster.set_phase("a\"b\\c\n\t\x01 Äpfel");
  cluster.set_phase_reason("x\xe2\x80\x8by \xe2\x80\xae z \xf3\xa0\x80\x81");
  const std::string json = Json(cluster);
  EXPECT_THAT(json, HasSubstr(R"("a\"b\\c\n\t\u0001 Äpfel")"));
  EXPECT_THAT(json, HasSubstr(R"("x\u200by \u202e z \udb40\udc01")"));
}

TEST_F(EncodeTest, SecretFieldsAreNeverWritten) {
  UpdateRoleRequest request;
  request.set_role_name("app");
  request.set_password("hunter2");
  EXPECT_THAT(Json(request), Not(HasSubstr("hunter2")));
}

TEST_F(EncodeTest, WhatIsWrittenCanBeReadBack) {
  Cluster cluster;
  cluster.set_name("demo");
  cluster.set_health(HEALTH_DEGRADED);
  cluster.set_instances(3);
  cluster.mutable_create_time()->set_seconds(1);
  auto& problem = *cluster.add_problems();
  problem.set_severity(Problem::SEVERITY_CRITICAL);
  problem.set_message("disk \"full\"\n😀\xe2\x80\x8b");
  cluster.mutable_endpoints()->set_read_service("demo-r");
  cluster.add_managed_roles("a");
  cluster.add_managed_roles("b");

  Cluster back;
  AdapterArguments extra;
  ArgumentDecoder decoder;
  ASSERT_OK(decoder.Decode(
      Json(cluster), "t", {&tables_.For(*Cluster::descriptor())}, back, extra));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(cluster, back))
      << back.DebugString();
}

TEST_F(EncodeTest, AnyJsonIsWrittenAsItself) {
  howdah::aws::v1::ExecuteReadCommandResponse response;
  constexpr char kJson[] =
      R"({"a":[1,-2.5,0.1,1e+300,9007199254740991,true,null,"x"],"b":{"c":{}}})";
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  kJson, response.mutable_result())
                  .ok());
  EXPECT_THAT(Json(response), HasSubstr(absl::StrCat("\"result\":", kJson)));
}

TEST(TimestampTextTest, IsRfc3339) {
  const auto text = [](int64_t seconds, int nanos) {
    google::protobuf::Timestamp timestamp;
    timestamp.set_seconds(seconds);
    timestamp.set_nanos(nanos);
    return TimestampText(timestamp);
  };
  EXPECT_EQ(text(0, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(1767225599, 250000000), "2025-12-31T23:59:59.25Z");
  EXPECT_EQ(text(1709210096, 7), "2024-02-29T12:34:56.000000007Z");
  // The first and the last second there is.
  EXPECT_EQ(text(-62135596800, 0), "0001-01-01T00:00:00Z");
  EXPECT_EQ(text(253402300799, 0), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace howdah::transcoding
