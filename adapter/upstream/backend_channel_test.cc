// Calls to a server that misbehaves.

#include "adapter/upstream/backend_channel.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "adapter/upstream/channel_fixture.h"
#include "adapter/upstream/scripted_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "howdah/operations/v1/operations_service.pb.h"
#include "tests/support/status_matchers.h"

namespace howdah::upstream {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::IsOkAndHolds;

// One message of three bytes, in its frame.
const char kAbc[] = "\0\0\0\0\3abc";

std::string Abc() { return {kAbc, sizeof(kAbc) - 1}; }

// A server's SETTINGS, empty: what it has to say first.
std::string Settings() { return std::string("\0\0\0\4\0\0\0\0\0", 9); }

class MisbehavingServerTest : public ChannelTest {
 protected:
  void SetUp() override {
    ChannelTest::SetUp();
    server_ = std::make_unique<ScriptedServer>(io_, path_);
  }
  std::unique_ptr<ScriptedServer> server_;
};

TEST_F(MisbehavingServerTest, AnAnswerIsTheMessageAlone) {
  server_->on_request = [&](int32_t id) { server_->Answer(id, Abc()); };
  EXPECT_THAT(Call(), IsOkAndHolds("abc"));
  EXPECT_THAT(Call(), IsOkAndHolds("abc"));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(MisbehavingServerTest, NotExactlyOneMessageIsNoAnswer) {
  for (const std::string& body :
       {std::string(), Abc() + Abc(), Abc().substr(0, 7)}) {
    server_->on_request = [&](int32_t id) { server_->Answer(id, body); };
    EXPECT_THAT(Call(), HasReason("BACKEND_ANSWER_UNREADABLE"));
  }
}

TEST_F(MisbehavingServerTest, WhatGoAwayLeavesUnprocessedIsSentElsewhere) {
  int requests = 0;
  server_->on_request = [&](int32_t id) {
    if (++requests == 1) return server_->GoAway(0);
    server_->Answer(id, Abc());
  };
  EXPECT_THAT(Call(Change()), IsOkAndHolds("abc"));
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(MisbehavingServerTest, WhatIsUnderWayOutlivesGoAway) {
  server_->on_request = [&](int32_t id) {
    server_->GoAway(id);
    server_->Answer(id, Abc());
  };
  EXPECT_THAT(Call(Change()), IsOkAndHolds("abc"));
  EXPECT_THAT(Call(Change()), IsOkAndHolds("abc"));
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(MisbehavingServerTest, ARefusedStreamIsSentOnceMore) {
  int requests = 0;
  server_->on_request = [&](int32_t id) {
    ++requests;
    server_->Reset(id, NGHTTP2_REFUSED_STREAM);
  };
  EXPECT_THAT(Call(Change()), HasReason("BACKEND_UNREACHABLE"));
  EXPECT_EQ(requests, 2);
}

TEST_F(MisbehavingServerTest, AStreamResetIsNotRepeated) {
  int requests = 0;
  server_->on_request = [&](int32_t id) {
    ++requests;
    server_->Reset(id, NGHTTP2_INTERNAL_ERROR);
  };
  EXPECT_THAT(Call(Repeatable()), HasReason("BACKEND_CALL_ABORTED"));
  EXPECT_EQ(requests, 1);
}

TEST_F(MisbehavingServerTest, AnAnswerCutOffIsAskedForAgain) {
  int requests = 0;
  server_->on_request = [&](int32_t id) {
    if (++requests == 2) return server_->Answer(id, Abc());
    server_->Begin(id, Abc().substr(0, 6));
    server_->CloseConnection();
  };
  EXPECT_THAT(Call(Repeatable()), IsOkAndHolds("abc"));
  requests = 0;
  EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
  EXPECT_EQ(requests, 1);
}

TEST_F(MisbehavingServerTest, WhatIsNoGrpcServerIsNamed) {
  for (const std::string& body :
       {std::string(), std::string("<html>No such page</html>"), Abc()}) {
    server_->on_request = [&](int32_t id) {
      server_->AnswerHttp(id, "404", body);
    };
    const auto answer = Call();
    EXPECT_THAT(answer, HasReason("BACKEND_NOT_GRPC"));
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnimplemented);
  }
  // A page that never ends is not waited for.
  server_->on_request = [&](int32_t id) {
    server_->AnswerHttp(id, "200", "<html>", /*ends=*/false);
  };
  EXPECT_THAT(Call(), HasReason("BACKEND_NOT_GRPC"));
}

TEST_F(MisbehavingServerTest, WhatAProxyHasLostIsAskedForAgain) {
  for (const char* status : {"502", "503", "504"}) {
    int requests = 0;
    server_->on_request = [&](int32_t id) {
      if (++requests == 2) return server_->Answer(id, Abc());
      server_->AnswerHttp(id, status, "<html>Bad Gateway</html>");
    };
    EXPECT_THAT(Call(Repeatable()), IsOkAndHolds("abc"));
    requests = 0;
    EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
    EXPECT_EQ(requests, 1);
  }
}

TEST_F(MisbehavingServerTest, WhatSpeaksNoHttp2IsNamed) {
  const std::string alert("\x15\3\1\0\2\2\x16", 7);  // TLS: what was that?
  for (const std::string& greeting :
       {std::string("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        std::string("SSH-2.0-OpenSSH_9.2p1\r\n"), alert}) {
    SCOPED_TRACE(greeting);
    server_->greeting = greeting;
    server_->then_closes = true;
    EXPECT_THAT(Call(Repeatable()), HasReason("BACKEND_NOT_GRPC"));
  }
  EXPECT_EQ(server_->connections(), 3);
}

TEST_F(MisbehavingServerTest, WhoIsCutOffWithinItsFirstFrameSpokeHttp2) {
  const std::string settings("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64", 15);
  server_->then_closes = true;
  for (std::size_t said = 1; said < settings.size(); ++said) {
    SCOPED_TRACE(said);
    server_->greeting = settings.substr(0, said);
    EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
  }
  const int connections = server_->connections();
  EXPECT_THAT(Call(Repeatable()), HasReason("BACKEND_CONNECTION_LOST"));
  EXPECT_EQ(server_->connections(), connections + 2);
}

TEST_F(MisbehavingServerTest, BrokenFramesCostTheConnectionAndNothingElse) {
  const std::string head = Settings();
  // Length of three bytes, type, flags, stream of four bytes.
  const std::string data_on_no_stream("\0\0\1\0\0\0\0\0\0x", 10);
  const std::string data_for_nobody("\0\0\1\0\0\0\0\0\x63x", 10);
  const std::string too_long("\xff\xff\xff\0\0\0\0\0\1", 9);
  const std::string bad_compression("\0\0\2\1\4\0\0\0\1\xff\xff", 11);
  const std::string crooked_settings("\0\0\1\4\0\0\0\0\0x", 10);
  const std::string no_window("\0\0\4\x8\0\0\0\0\0\0\0\0\0", 13);
  int left = 0;
  for (const std::string& frame :
       {data_on_no_stream, data_for_nobody, too_long, bad_compression,
        crooked_settings, no_window}) {
    SCOPED_TRACE(absl::CHexEscape(frame));
    server_->greeting = head + frame;
    EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
    ++left;
    RunUntil([&] { return server_->left() == left; });
  }
  // Cut off in the middle of a frame.
  server_->greeting = head + too_long.substr(0, 5);
  server_->then_closes = true;
  EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
  server_->greeting.clear();
  server_->on_request = [&](int32_t id) { server_->Answer(id, Abc()); };
  EXPECT_THAT(Call(Change()), IsOkAndHolds("abc"));
}

TEST_F(MisbehavingServerTest, CompressedAnswersAreRefused) {
  std::string compressed = Abc();
  compressed[0] = 1;
  server_->on_request = [&](int32_t id) { server_->Answer(id, compressed); };
  EXPECT_THAT(Call(), HasReason("BACKEND_ANSWER_COMPRESSED"));
}

TEST_F(MisbehavingServerTest, ACancelledCallIsSilentAndReset) {
  server_->on_request = [&](int32_t id) { server_->Begin(id, Abc()); };
  Result result;
  const auto call = Start(result, {});
  RunUntil([&] { return server_->requests() == 1; });
  call->Cancel();
  call->Cancel();
  RunUntil([&] { return server_->resets() == 1; });
  server_->on_request = [&](int32_t id) { server_->Answer(id, Abc()); };
  EXPECT_THAT(Call(), IsOkAndHolds("abc"));
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(server_->resets(), 1);
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(MisbehavingServerTest, WhatIsCancelledUnsentIsNeverHeardOf) {
  Result result;
  Start(result, {})->Cancel();
  server_->on_request = [&](int32_t id) { server_->Answer(id, Abc()); };
  EXPECT_THAT(Call(), IsOkAndHolds("abc"));
  Start(result, {})->Cancel();
  EXPECT_THAT(Call(), IsOkAndHolds("abc"));
  EXPECT_EQ(server_->requests(), 2);
  EXPECT_FALSE(result.has_value());
}

TEST_F(MisbehavingServerTest, TheEarliestDeadlineComesFirst) {
  server_->on_request = [](int32_t) {};
  Result last;
  Result first;
  Start(last, Brief(absl::Hours(1)));
  Start(first, Brief(absl::Milliseconds(40)));
  RunUntil([&] { return first.has_value(); });
  EXPECT_THAT(*first, HasReason("BACKEND_DEADLINE_EXCEEDED"));
  EXPECT_FALSE(last.has_value());
  RunUntil([&] { return server_->resets() == 1; });
}

TEST_F(MisbehavingServerTest, AStreamWithABrokenMessageEndsHereAndThere) {
  server_->on_request = [&](int32_t id) {
    server_->Begin(id, std::string("\0\0\0\0\1\xff", 6));
  };
  operations::v1::Operation message;
  std::optional<absl::Status> end;
  channel_->Stream(
      "/howdah.operations.v1.OperationsService/WaitOperation",
      operations::v1::WaitOperationRequest(), message, {},
      [] { ADD_FAILURE() << "that is no message"; },
      [&](absl::Status status) { end = status; });
  RunUntil([&] { return end.has_value() && server_->resets() == 1; });
  EXPECT_THAT(*end, HasReason("BACKEND_ANSWER_UNREADABLE"));
}

TEST_F(MisbehavingServerTest, WhoIsSilentIsAskedForASignOfLife) {
  Open("unix:" + path_, nullptr,
       {absl::Milliseconds(10), absl::Milliseconds(500)});
  int32_t asked = 0;
  server_->on_request = [&](int32_t id) { asked = id; };
  Result result;
  Start(result, Change());
  RunUntil([&] { return server_->pings() >= 2; });
  EXPECT_FALSE(result.has_value());
  server_->Answer(asked, Abc());
  RunUntil([&] { return result.has_value(); });
  EXPECT_THAT(*result, IsOkAndHolds("abc"));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(MisbehavingServerTest, WhoGivesNoneHasLostTheConnection) {
  Open("unix:" + path_, nullptr,
       {absl::Milliseconds(10), absl::Milliseconds(20)});
  server_->on_request = [&](int32_t) { server_->deaf = true; };
  EXPECT_THAT(Call(Change()), HasReason("BACKEND_CONNECTION_LOST"));
  server_->deaf = false;
  server_->on_request = [&](int32_t id) { server_->Answer(id, Abc()); };
  EXPECT_THAT(Call(Change()), IsOkAndHolds("abc"));
  EXPECT_EQ(server_->connections(), 2);
}

}  // namespace
}  // namespace howdah::upstream
