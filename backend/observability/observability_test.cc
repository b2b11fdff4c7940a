#include "backend/observability/audit_log.h"
#include "backend/observability/log.h"
#include "backend/observability/metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace howdah::observability {
namespace {

using ::testing::HasSubstr;

TEST(LogTest, LinesAreJsonWhateverIsLogged) {
  const LogField fields[] = {{"text", "a\"b\\c\n\x01\xFFz"},
                             {"Äpfel", "ü"},
                             {"yes", true},
                             {"count", 7},
                             {"ms", 1.5}};
  const std::string line = FormatLogLine(absl::FromUnixMillis(1),
                                         LogLevel::kInfo, "hello", fields, 5);
  EXPECT_EQ(line.back(), '\n');
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["ts"], "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["msg"], "hello");
  EXPECT_EQ(json["text"], "a\"b\\c\n\x01\xEF\xBF\xBDz");
  EXPECT_EQ(json["Äpfel"], "ü");
  EXPECT_EQ(json["yes"], true);
  EXPECT_EQ(json["count"], 7);
  EXPECT_EQ(json["ms"], 1.5);
}

TEST(LogTest, LevelsBelowTheChosenOneAreDropped) {
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("loud"), std::nullopt);
  SetLogLevel(LogLevel::kWarning);
  ::testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "quiet");
  Log(LogLevel::kError, "heard");
  const std::string out = ::testing::internal::GetCapturedStderr();
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(out.find("quiet"), std::string::npos);
  EXPECT_THAT(out, HasSubstr("heard"));
}

TEST(AuditLogTest, LinesTellWhatWasDoneEvenWhenTheLogIsQuiet) {
  SetLogLevel(LogLevel::kError);
  ::testing::internal::CaptureStderr();
  StderrAuditLog().Record({.who = "local",
                           .method = "ScaleCluster",
                           .effect = "update",
                           .targets = {{"name", "demo"}},
                           .decision = "allowed",
                           .code = "OK",
                           .reason = "",
                           .dry_run = false,
                           .duration = absl::Milliseconds(2),
                           .trace_id = "abc"});
  const auto json =
      nlohmann::json::parse(::testing::internal::GetCapturedStderr());
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(json["msg"], "audit");
  EXPECT_EQ(json["who"], "local");
  EXPECT_EQ(json["target.name"], "demo");
  EXPECT_EQ(json["duration_ms"], 2.0);
  EXPECT_FALSE(json.contains("reason"));
}

TEST(CallMetricsTest, CallsAreCountedByMethodAndCode) {
  CallMetrics metrics(2);
  metrics.Count(1, absl::StatusCode::kOk, absl::Milliseconds(2));
  metrics.Count(1, absl::StatusCode::kOk, absl::Milliseconds(3));
  metrics.Count(1, absl::StatusCode::kNotFound, absl::ZeroDuration());
  EXPECT_EQ(metrics.calls(1, absl::StatusCode::kOk), 2u);
  EXPECT_EQ(metrics.calls(1, absl::StatusCode::kNotFound), 1u);
  EXPECT_EQ(metrics.calls(0, absl::StatusCode::kOk), 0u);
  EXPECT_EQ(metrics.total_time(1), absl::Milliseconds(5));
}

}  // namespace
}  // namespace howdah::observability
