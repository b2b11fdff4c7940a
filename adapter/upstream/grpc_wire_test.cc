#include "adapter/upstream/grpc_wire.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"
#include "proto/support/status_details.h"
#include "tests/support/status_matchers.h"

namespace howdah::upstream {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::IsOk;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Frame(const std::string& message) {
  std::string frame(5, '\0');
  frame[3] = static_cast<char>(message.size() >> 8);
  frame[4] = static_cast<char>(message.size());
  return frame + message;
}

std::vector<std::string> Messages(MessageReader& reader) {
  std::vector<std::string> messages;
  while (const auto message = reader.Next()) messages.emplace_back(*message);
  return messages;
}

std::vector<std::string> Lines(const RequestHead& head) {
  std::vector<std::string> lines;
  for (const HeaderField& field : RequestFields(head)) {
    lines.push_back(std::string(field.name) + "=" + std::string(field.value));
  }
  return lines;
}

AnswerHead Head(const std::vector<HeaderField>& fields) {
  AnswerHead head;
  for (const HeaderField& field : fields) head.OnField(field.name, field.value);
  return head;
}

TEST(FrameMessageTest, FiveBytesAndTheMessage) {
  howdah::postgres::v1::GetClusterRequest request;
  EXPECT_EQ(FrameMessage(request), std::string(5, '\0'));
  request.set_name("abc");
  EXPECT_EQ(FrameMessage(request).substr(0, 5), std::string("\0\0\0\0\5", 5));
  EXPECT_EQ(FrameMessage(request).substr(5), request.SerializeAsString());
  request.set_name(std::string(300, 'x'));
  EXPECT_EQ(FrameMessage(request).substr(0, 5), std::string("\0\0\0\1\x2f", 5));
}

TEST(TimeoutTextTest, LongOnesInSecondsRoundedUp) {
  EXPECT_EQ(TimeoutText(absl::Seconds(60)), "60S");
  EXPECT_EQ(TimeoutText(absl::Milliseconds(59'999)), "60S");
  EXPECT_EQ(TimeoutText(absl::Milliseconds(1500)), "1500m");
  EXPECT_EQ(TimeoutText(absl::Nanoseconds(1)), "1m");
  EXPECT_EQ(TimeoutText(-absl::Seconds(1)), "1m");
  EXPECT_EQ(TimeoutText(absl::InfiniteDuration()), "99999999S");
}

TEST(RequestFieldsTest, WhatGrpcAsksForAndWhatIsKnownOfTheCaller) {
  RequestHead head;
  head.path = "/a.B/C";
  head.authority = "localhost";
  head.timeout = "60S";
  EXPECT_THAT(Lines(head),
              ElementsAre(":method=POST", ":scheme=http", ":path=/a.B/C",
                          ":authority=localhost", "te=trailers",
                          "content-type=application/grpc",
                          "user-agent=howdah-mcp", "grpc-timeout=60S"));
  head.authorization = "Bearer abc";
  head.traceparent = "00-1-2-00";
  head.read_only = true;
  head.toolsets = "postgres,aws";
  EXPECT_THAT(Lines(head),
              ::testing::IsSupersetOf(
                  {"authorization=Bearer abc", "traceparent=00-1-2-00",
                   "howdah-read-only=true", "howdah-toolsets=postgres,aws"}));
}

TEST(IsHeaderTextTest, VisibleAsciiAndSpaces) {
  EXPECT_TRUE(IsHeaderText("Bearer a~b"));
  EXPECT_FALSE(IsHeaderText("a\r\nb"));
  EXPECT_FALSE(IsHeaderText("\xc3\xa4"));
}

TEST(MessageReaderTest, HoweverTheBytesAreCut) {
  const std::string bytes =
      Frame("one") + Frame("") + Frame(std::string(700, 'x'));
  for (size_t part = 1; part <= bytes.size(); ++part) {
    MessageReader reader;
    std::vector<std::string> found;
    for (size_t at = 0; at < bytes.size(); at += part) {
      ASSERT_THAT(reader.Append(absl::string_view(bytes).substr(at, part)),
                  IsOk());
      for (auto& message : Messages(reader)) found.push_back(message);
    }
    EXPECT_THAT(found, ElementsAre("one", "", std::string(700, 'x')));
    EXPECT_TRUE(reader.at_boundary());
  }
}

TEST(MessageReaderTest, AMessageThatIsCutOffIsNone) {
  MessageReader reader;
  ASSERT_THAT(reader.Append(Frame("one").substr(0, 7)), IsOk());
  EXPECT_THAT(Messages(reader), ElementsAre());
  EXPECT_FALSE(reader.at_boundary());
}

TEST(MessageReaderTest, CompressedOnesAreRefused) {
  MessageReader reader;
  EXPECT_THAT(reader.Append(Frame("ok") + std::string("\1\0\0\0\0", 5)),
              HasReason("BACKEND_ANSWER_COMPRESSED"));
  EXPECT_THAT(MessageReader().Append(absl::string_view("<html", 5)),
              HasReason("BACKEND_ANSWER_UNREADABLE"));
}

TEST(MessageReaderTest, LongOnesAreRefusedBeforeTheyCome) {
  MessageReader reader;
  EXPECT_THAT(reader.Append(absl::string_view("\0\4\0\0\0", 5)), IsOk());
  EXPECT_THAT(MessageReader().Append(absl::string_view("\0\4\0\0\1", 5)),
              HasReason("BACKEND_ANSWER_TOO_LONG"));
  EXPECT_THAT(
      MessageReader().Append(absl::string_view("\0\xff\xff\xff\xff", 5)),
      HasReason("BACKEND_ANSWER_TOO_LONG"));
}

TEST(AnswerHeadTest, OkAndErrors) {
  EXPECT_THAT(Head({{":status", "200"}, {"grpc-status", "0"}}).ToStatus(),
              IsOk());
  // Without an answer there is only one block of fields.
  EXPECT_THAT(
      Head({{":status", "200"},
            {"grpc-status", "5"},
            {"grpc-message", "no %22demo%22: 100%, %zz%4"}})
          .ToStatus(),
      StatusIs(absl::StatusCode::kNotFound, "no \"demo\": 100%, %zz%4"));
  EXPECT_THAT(Head({{"grpc-status", "99"}}).ToStatus(),
              StatusIs(absl::StatusCode::kUnknown, ""));
  EXPECT_THAT(Head({{"grpc-status", "x"}}).ToStatus(),
              StatusIs(absl::StatusCode::kUnknown, ""));
}

TEST(AnswerHeadTest, DetailsWithPaddingOrWithout) {
  const absl::Status sent =
      support::ErrorBuilder(absl::StatusCode::kNotFound, "CLUSTER_NOT_FOUND",
                            support::kPostgresDomain)
          .Message("Cluster \"demo\" does not exist.")
          .Build();
  std::string padded;
  // Of lengths that need one, two and no padding.
  for (int more = 0; more < 3; ++more) {
    google::rpc::Status proto = support::ToProto(sent);
    proto.set_message(proto.message() + std::string(more, '!'));
    absl::Base64Escape(proto.SerializeAsString(), &padded);
    const std::string bare = padded.substr(0, padded.find('='));
    for (const std::string& details : {padded, bare}) {
      const auto status = Head({{"grpc-status", "5"},
                                {"grpc-message", "short"},
                                {"grpc-status-details-bin", details}})
                              .ToStatus();
      EXPECT_THAT(status, HasReason("CLUSTER_NOT_FOUND")) << details;
      EXPECT_EQ(status.message(), proto.message());
    }
  }
}

TEST(AnswerHeadTest, BrokenDetailsLeaveCodeAndMessage) {
  for (const char* details : {"????", "CAU", "AAAA"}) {
    EXPECT_THAT(Head({{"grpc-status", "7"},
                      {"grpc-message", "no"},
                      {"grpc-status-details-bin", details}})
                    .ToStatus(),
                StatusIs(absl::StatusCode::kPermissionDenied, "no"));
  }
}

TEST(AnswerHeadTest, WhatIsNoGrpcServerIsToldByItsHttpStatus) {
  const std::vector<std::pair<const char*, absl::StatusCode>> table = {
      {"400", absl::StatusCode::kInternal},
      {"401", absl::StatusCode::kUnauthenticated},
      {"403", absl::StatusCode::kPermissionDenied},
      {"404", absl::StatusCode::kUnimplemented},
      {"429", absl::StatusCode::kUnavailable},
      {"502", absl::StatusCode::kUnavailable},
      {"503", absl::StatusCode::kUnavailable},
      {"504", absl::StatusCode::kUnavailable},
      {"200", absl::StatusCode::kUnknown},
      {"500", absl::StatusCode::kUnknown}};
  for (const auto& [http, code] : table) {
    const AnswerHead head = Head({{":status", http}});
    EXPECT_FALSE(head.has_status());
    EXPECT_THAT(head.ToStatus(), StatusIs(code, HasSubstr(http)));
    EXPECT_THAT(head.ToStatus(), HasReason("BACKEND_NOT_GRPC"));
  }
}

}  // namespace
}  // namespace howdah::upstream
