#include "adapter/mcp/http_sessions.h"

#include <string>
#include <vector>

#include "adapter/mcp/fake_tool_provider.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

constexpr ProtocolVersion kVersion = ProtocolVersion::k20251125;

class HttpSessionsTest : public testing::Test {
 protected:
  HttpSessionsTest() {
    limits_.max_sessions = 5;
    limits_.max_sessions_per_caller = 2;
  }
  HttpSessions Make() {
    return HttpSessions(server_, limits_, [this] { return now_; });
  }

  absl::Time now_ = absl::UnixEpoch();
  FakeToolProvider tools_;
  Server server_{{.tools = tools_}, {}};
  SessionLimits limits_;
};

TEST_F(HttpSessionsTest, NobodyElseFindsACallersSession) {
  HttpSessions sessions = Make();
  const std::string id = sessions.Add(kVersion, "alice").id;
  EXPECT_NE(sessions.Find(id, "alice"), nullptr);
  EXPECT_EQ(sessions.Find(id, "bob"), nullptr);
  EXPECT_EQ(sessions.Find(id, ""), nullptr);
  EXPECT_EQ(sessions.Find("", "alice"), nullptr);
  const std::string open = sessions.Add(kVersion, "").id;
  EXPECT_EQ(sessions.Find(open, "alice"), nullptr);
}

TEST_F(HttpSessionsTest, OneCallerPushesOutItsOwnOnly) {
  HttpSessions sessions = Make();
  const std::string of_bob = sessions.Add(kVersion, "bob").id;
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(sessions.Add(kVersion, "eve").id);
  EXPECT_EQ(sessions.size(), 3u);
  EXPECT_NE(sessions.Find(of_bob, "bob"), nullptr);
  EXPECT_EQ(sessions.Find(ids[7], "eve"), nullptr);
  EXPECT_NE(sessions.Find(ids[8], "eve"), nullptr);
  EXPECT_NE(sessions.Find(ids[9], "eve"), nullptr);
}

TEST_F(HttpSessionsTest, TheLimitCanChange) {
  HttpSessions sessions = Make();
  for (int i = 0; i < 10; ++i) sessions.Add(kVersion, "");
  EXPECT_EQ(sessions.size(), 5u);
  sessions.set_limits(3, 2);
  sessions.Add(kVersion, "");
  EXPECT_EQ(sessions.size(), 3u);
}

TEST_F(HttpSessionsTest, TheUnusedEnd) {
  HttpSessions sessions = Make();
  const std::string id = sessions.Add(kVersion, "alice").id;
  now_ += absl::Minutes(59);
  EXPECT_NE(sessions.Find(id, "alice"), nullptr);
  // A look is no use.
  now_ += absl::Minutes(59);
  EXPECT_NE(sessions.Peek(id), nullptr);
  now_ += absl::Minutes(2);
  EXPECT_EQ(sessions.Find(id, "alice"), nullptr);
  EXPECT_EQ(sessions.size(), 0u);
}

}  // namespace
}  // namespace howdah::mcp
