// MCP over real pipes: what a client that starts the process sees.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "adapter/mcp/server.h"
#include "adapter/transports/stdio.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::HasSubstr;

constexpr char kSlow[] =
    R"({"jsonrpc":"2.0","id":9,"method":"tools/call","params":{)"
    R"("name":"slow_thing"}})"
    "\n";
constexpr char kPing[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
constexpr char kPong[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";

class StdioDoorTest : public testing::Test {
 protected:
  StdioDoorTest() {
    EXPECT_TRUE(opened_);
    fcntl(out_[0], F_SETFL, O_NONBLOCK);
    stdio_.Start([this] { ended_ = true; });
  }
  ~StdioDoorTest() override {
    for (int fd : {in_[0], out_[0], out_[1]}) close(fd);
    if (in_[1] >= 0) close(in_[1]);
  }

  transports::StdioOptions Options() {
    transports::StdioOptions options;
    options.input = in_[0];
    options.output = out_[1];
    options.max_line_bytes = 1000;
    options.end_grace = absl::Milliseconds(1);
    return options;
  }
  void Write(absl::string_view text) {
    ASSERT_EQ(write(in_[1], text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  void EndInput() {
    close(in_[1]);
    in_[1] = -1;
  }
  template <typename Condition>
  void RunUntil(Condition condition) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << received_;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
  }
  const std::string& Received() {
    char buffer[65536];
    ssize_t size;
    while ((size = read(out_[0], buffer, sizeof(buffer))) > 0) {
      received_.append(buffer, size);
    }
    return received_;
  }

  int in_[2], out_[2];
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  FakeToolProvider tools_;
  Server server_{{.tools = tools_}, {}};
  StdioDoor door_{server_, {}};
  // Before the transport, which takes them as they are.
  bool opened_ = pipe(in_) == 0 && pipe(out_) == 0;
  transports::StdioTransport stdio_{io_, Options(), door_};
  bool ended_ = false;
  std::string received_;
};

TEST_F(StdioDoorTest, AnAnswerIsALine) {
  Write(kPing);
  RunUntil([&] { return Received() == kPong; });
}

TEST_F(StdioDoorTest, AnOversizedLineIsRefusedAndTheNextServed) {
  Write(absl::StrCat("{\"id\":1,\"x\":\"", std::string(2000, 'x'), "\"}\n",
                     kPing));
  RunUntil([&] { return absl::EndsWith(Received(), kPong); });
  EXPECT_THAT(received_, HasSubstr(R"("id":null,"error":{"code":-32600)"));
  EXPECT_THAT(received_, HasSubstr("1000 bytes at most"));
}

TEST_F(StdioDoorTest, OthersAreServedWhileACallIsUnderWay) {
  Write(absl::StrCat(kSlow, kPing));
  RunUntil([&] { return Received() == kPong; });
  tools_.Finish("done");
  RunUntil([&] { return absl::StrContains(Received(), "\"id\":9"); });
}

TEST_F(StdioDoorTest, TheEndOfInputCancelsWhatIsUnderWay) {
  Write(kSlow);
  RunUntil([&] { return tools_.pending() == 1; });
  EndInput();
  RunUntil([&] { return ended_; });
  EXPECT_EQ(tools_.cancelled(), 1);
  EXPECT_EQ(Received(), "");
}

TEST_F(StdioDoorTest, AClientThatDiedCancelsWhatIsUnderWay) {
  Write(kSlow);
  RunUntil([&] { return tools_.pending() == 1; });
  close(out_[0]);
  out_[0] = -1;
  Write(kPing);
  RunUntil([&] { return ended_; });
  EXPECT_EQ(tools_.cancelled(), 1);
}

}  // namespace
}  // namespace howdah::mcp
