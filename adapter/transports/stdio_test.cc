#include "adapter/transports/stdio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::transports {
namespace {

// Answers each line in upper case at once; "later" only when told to.
class EchoSink : public MessageSink {
 public:
  void OnMessage(absl::string_view bytes, Exchange& exchange) override {
    if (bytes == "later") {
      waiting = &exchange;
      return;
    }
    if (bytes == "silent") return exchange.Finish({202, {}});
    if (bytes == "two") exchange.Send("one");
    exchange.Finish({200, absl::StrCat("<", bytes, ">")});
  }
  void OnGone(Exchange& exchange) override {
    ++gone;
    waiting = nullptr;
  }
  std::string Refusal(int status, absl::string_view sentence) override {
    return absl::StrCat("refused ", status);
  }

  Exchange* waiting = nullptr;
  int gone = 0;
};

// A pair of pipes with the transport on one side.
class StdioTest : public testing::Test {
 protected:
  StdioTest() {
    int in[2], out[2];
    EXPECT_EQ(pipe(in), 0);
    EXPECT_EQ(pipe(out), 0);
    to_ = in[1];
    from_ = out[0];
    options_.input = in[0];
    options_.output = out[1];
    fcntl(from_, F_SETFL, O_NONBLOCK);
  }
  ~StdioTest() override {
    CloseTo();
    close(from_);
    close(options_.input);
    close(options_.output);
  }

  void Start() {
    transport_ = std::make_unique<StdioTransport>(io_, options_, sink_);
    transport_->Start([this] { ++ends_; });
  }
  void Write(absl::string_view text) {
    ASSERT_EQ(write(to_, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  void CloseTo() {
    if (to_ >= 0) close(to_);
    to_ = -1;
  }
  // Runs until the condition holds; fails after five seconds.
  template <typename Condition>
  void RunUntil(Condition condition) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(20));
    }
  }
  const std::string& Received() {
    char buffer[65536];
    ssize_t size;
    while ((size = read(from_, buffer, sizeof(buffer))) > 0) {
      received_.append(buffer, size);
    }
    return received_;
  }

  boost::asio::io_context io_;
  EchoSink sink_;
  StdioOptions options_;
  std::unique_ptr<StdioTransport> transport_;
  int to_, from_;
  int ends_ = 0;
  std::string received_;
};

TEST_F(StdioTest, LinesAreAnsweredInOrder) {
  Start();
  Write("a\nsilent\ntwo\nb");
  RunUntil([&] { return Received() == "<a>\none\n<two>\n"; });
  Write("c\n");
  RunUntil([&] { return Received() == "<a>\none\n<two>\n<bc>\n"; });
  CloseTo();
  RunUntil([&] { return ends_ == 1; });
  EXPECT_EQ(sink_.gone, 1);
}

TEST_F(StdioTest, AnOversizedLineIsRefusedAndTheNextIsRead) {
  options_.max_line_bytes = 10;
  Start();
  Write(std::string(5000, 'x') + "\nok\n");
  RunUntil([&] { return Received() == "refused 413\n<ok>\n"; });
}

TEST_F(StdioTest, TheEndOfInputWaitsForAnAnswerUnderWay) {
  Start();
  Write("later\n");
  RunUntil([&] { return sink_.waiting != nullptr; });
  CloseTo();
  RunUntil([&] { return io_.poll() == 0; });
  EXPECT_EQ(ends_, 0);
  sink_.waiting->Finish({200, "done"});
  RunUntil([&] { return ends_ == 1; });
  EXPECT_EQ(Received(), "done\n");
}

TEST_F(StdioTest, TheEndOfInputDoesNotWaitForLong) {
  options_.end_grace = absl::Milliseconds(1);
  Start();
  Write("later\n");
  RunUntil([&] { return sink_.waiting != nullptr; });
  CloseTo();
  RunUntil([&] { return ends_ == 1; });
  EXPECT_EQ(sink_.gone, 1);
}

TEST_F(StdioTest, AReaderThatWentAwayEndsTheTransport) {
  Start();
  close(from_);
  from_ = -1;
  Write("a\n");
  RunUntil([&] { return ends_ == 1; });
  EXPECT_EQ(sink_.gone, 1);
}

TEST_F(StdioTest, ASlowReaderStopsTheReading) {
  options_.max_unwritten_bytes = 1000;
  Start();
  const std::string line = std::string(4000, 'y') + "\n";
  int sent = 0;
  fcntl(to_, F_SETFL, O_NONBLOCK);
  // The pipes fill up: what is read is bounded by what can be written.
  for (int refused = 0; refused < 50;) {
    if (write(to_, line.data(), line.size()) < 0) {
      ++refused;
    } else {
      ASSERT_LT(++sent, 1000);
      refused = 0;
    }
    io_.poll();
  }
  CloseTo();
  RunUntil([&] {
    return Received().size() >= sent * (line.size() + 2) && ends_ == 1;
  });
}

TEST_F(StdioTest, NewlinesInsideAMessageDoNotEndIt) {
  Start();
  Write("later\n");
  RunUntil([&] { return sink_.waiting != nullptr; });
  sink_.waiting->Finish({200, "{\n\"a\":1\r\n}"});
  RunUntil([&] { return Received() == "{ \"a\":1  }\n"; });
}

TEST_F(StdioTest, StopEndsAndRestoresTheMode) {
  const int flags = fcntl(options_.input, F_GETFL);
  Start();
  EXPECT_NE(fcntl(options_.input, F_GETFL), flags);
  transport_->Stop();
  RunUntil([&] { return ends_ == 1; });
  EXPECT_EQ(fcntl(options_.input, F_GETFL), flags);
}

TEST_F(StdioTest, RegularFilesWorkToo) {
  std::FILE* in = std::tmpfile();
  std::FILE* out = std::tmpfile();
  std::fputs("a\nb", in);
  std::fflush(in);
  lseek(fileno(in), 0, SEEK_SET);
  StdioOptions options;
  options.input = fileno(in);
  options.output = fileno(out);
  StdioTransport transport(io_, options, sink_);
  transport.Start([this] { ++ends_; });
  RunUntil([&] { return ends_ == 1; });
  char buffer[64] = {};
  EXPECT_GT(pread(fileno(out), buffer, sizeof(buffer) - 1, 0), 0);
  EXPECT_STREQ(buffer, "<a>\n<b>\n");
  std::fclose(in);
  std::fclose(out);
}

TEST_F(StdioTest, OneSocketServesBothWays) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  StdioOptions options;
  options.input = options.output = pair[0];
  StdioTransport transport(io_, options, sink_);
  transport.Start([this] { ++ends_; });
  ASSERT_EQ(write(pair[1], "hi\n", 3), 3);
  char buffer[16] = {};
  RunUntil(
      [&] { return recv(pair[1], buffer, sizeof(buffer), MSG_DONTWAIT) == 5; });
  EXPECT_STREQ(buffer, "<hi>\n");
  close(pair[1]);
  RunUntil([&] { return ends_ == 1; });
  close(pair[0]);
}

}  // namespace
}  // namespace howdah::transports
