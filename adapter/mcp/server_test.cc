// What depends on who asks and when; all else is told by tests/conversations.
#include "adapter/mcp/server.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/mcp/fake_providers.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::HasSubstr;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
constexpr char kCapable[] =
    R"({"elicitation":{},"extensions":{"io.modelcontextprotocol/tasks":{}}})";

class OneAnswer : public transports::Exchange {
 public:
  bool Streams() const override { return true; }
  void Send(std::string) override {}
  void Finish(transports::Reply reply) override { body = reply.body; }
  std::string body;
};

// The value of a string member that is somewhere in the text.
std::string Find(const std::string& text, const std::string& member) {
  const std::string begin = absl::StrCat("\"", member, "\":\"");
  const std::size_t found = text.find(begin);
  if (found == std::string::npos) return "";
  const std::size_t at = found + begin.size();
  return text.substr(at, text.find('"', at) - at);
}

class ServerTest : public testing::Test {
 protected:
  // A replica of the server.
  std::unique_ptr<Server> Replica() {
    ServerOptions options;
    options.sealing_keys = SealingKeys::FromText(kSecret).value();
    options.now = [this] { return now_; };
    return std::make_unique<Server>(
        Providers{.tools = tools_, .tasks = &tasks_}, ServerInfo(), options);
  }

  std::string Ask(const std::string& caller, absl::string_view method,
                  absl::string_view params) {
    const std::string text = absl::StrCat(
        R"({"jsonrpc":"2.0","id":1,"method":")", method, R"(","params":{)",
        params, params.empty() ? "" : ",",
        R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)",
        R"("io.modelcontextprotocol/clientCapabilities":)", kCapable, "}}}");
    Arrival arrival;
    arrival.session = &session_;
    arrival.context.version = kModernVersion;
    if (!caller.empty()) {
      arrival.context.principal =
          std::make_shared<Principal>(Principal{caller, false, {}, nullptr});
    }
    OneAnswer answer;
    server_->Dispatch(server_->Parse(text), arrival, answer);
    return answer.body;
  }

  // Two rounds of ask_thing; gives the sealed state of the second.
  std::string StateOf(const std::string& caller) {
    return Find(Ask(caller, "tools/call",
                    R"("name":"ask_thing","inputResponses":{"whether":{}})"),
                "requestState");
  }
  std::string GoOn(const std::string& caller, const std::string& state) {
    return Ask(caller, "tools/call",
               absl::StrCat(R"("name":"ask_thing","inputResponses":{"why":{}},)"
                            R"("requestState":")",
                            state, "\""));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  FakeToolProvider tools_;
  FakeTasks tasks_;
  Session session_{/*remembers_ids=*/false};
  std::unique_ptr<Server> server_ = Replica();
};

TEST_F(ServerTest, AStateIsGoodForItsPrincipalOnly) {
  const std::string state = StateOf("alice");
  ASSERT_NE(state, "");
  EXPECT_THAT(GoOn("bob", state), HasSubstr("-32602"));
  EXPECT_THAT(GoOn("", state), HasSubstr("-32602"));
  EXPECT_THAT(GoOn("alice", state), HasSubstr("because"));
}

TEST_F(ServerTest, AnotherReplicaGoesOnWithAState) {
  const std::string state = StateOf("alice");
  server_ = Replica();
  EXPECT_THAT(GoOn("alice", state), HasSubstr("because"));
}

TEST_F(ServerTest, AStateExpires) {
  const std::string state = StateOf("alice");
  now_ += absl::Minutes(9);
  EXPECT_THAT(GoOn("alice", state), HasSubstr("because"));
  now_ += absl::Minutes(2);
  EXPECT_THAT(GoOn("alice", state), HasSubstr("expired"));
}

TEST_F(ServerTest, ATaskIsItsPrincipals) {
  const std::string id =
      Find(Ask("alice", "tools/call", R"("name":"long_thing")"), "taskId");
  const std::string params = absl::StrCat(R"("taskId":")", id, "\"");
  EXPECT_THAT(Ask("alice", "tasks/get", params), HasSubstr("working"));
  EXPECT_THAT(Ask("bob", "tasks/get", params), HasSubstr("-32602"));
  EXPECT_THAT(Ask("bob", "tasks/cancel", params), HasSubstr("-32602"));
}

TEST_F(ServerTest, WhatDependsOnTheCallerIsNotForSharedCaches) {
  EXPECT_THAT(Ask("", "tools/list", ""), HasSubstr(R"("public")"));
  EXPECT_THAT(Ask("alice", "tools/list", ""), HasSubstr(R"("private")"));
}

TEST_F(ServerTest, WhatNobodyProvidesDoesNotExist) {
  const std::string discovered = Ask("", "server/discover", "");
  EXPECT_THAT(
      discovered,
      HasSubstr(R"("capabilities":{"logging":{},"tools":{},)"
                R"("extensions":{"io.modelcontextprotocol/tasks":{}}})"));
  for (const char* method : {"prompts/list", "resources/list", "resources/read",
                             "completion/complete"}) {
    EXPECT_THAT(Ask("", method, ""), HasSubstr("-32601")) << method;
  }
}

}  // namespace
}  // namespace howdah::mcp
