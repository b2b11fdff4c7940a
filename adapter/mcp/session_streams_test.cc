#include "adapter/mcp/session_streams.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Listening = SessionStreams::Listening;

// A client's connection that takes event streams.
class FakeCarrier : public transports::Exchange {
 public:
  bool Streams() const override { return streams; }
  void Open() override { said.push_back("open"); }
  void Send(std::string message) override { said.push_back(message); }
  void SendEvent(const transports::StreamEvent& event) override {
    said.push_back(absl::StrCat(event.id, "=", event.data));
  }
  void Finish(transports::Reply reply) override {
    said.push_back(absl::StrCat("end ", reply.status, reply.body));
  }

  bool streams = true;
  std::vector<std::string> said;
};

class SessionStreamsTest : public testing::Test {
 protected:
  EventBudget budget_;
  FakeCarrier post_, get_, again_, third_;
  SessionStreams streams_{budget_, {}};
  static constexpr ProtocolVersion kPriming = ProtocolVersion::k20251125;
  static constexpr ProtocolVersion kPlain = ProtocolVersion::k20250618;
};

TEST_F(SessionStreamsTest, AnAnswerWithNothingBeforeItIsNoStream) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  EXPECT_EQ(streams_.Unanswered().size(), 1u);
  answer.Finish({404, "x"});
  EXPECT_THAT(post_.said, ElementsAre("end 404x"));
  EXPECT_THAT(streams_.Unanswered(), IsEmpty());
}

TEST_F(SessionStreamsTest, EventsHaveIdsAndTheFirstIsEmpty) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  answer.Send("a");
  answer.Finish({200, "b"});
  EXPECT_THAT(post_.said,
              ElementsAre("open", "1-1=", "1-2=a", "1-3=b", "end 200"));
  FakeCarrier old;
  transports::Exchange& plain = streams_.Wrap(old, kPlain);
  plain.Send("c");
  plain.Finish({200, {}});
  EXPECT_THAT(old.said, ElementsAre("open", "2-4=c", "end 200"));
}

TEST_F(SessionStreamsTest, WhoTakesNoStreamGetsTheAnswerOnly) {
  post_.streams = false;
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  answer.Send("a");
  answer.Pause();
  answer.Finish({200, "b"});
  EXPECT_THAT(post_.said, ElementsAre("end 200b"));
}

TEST_F(SessionStreamsTest, ABrokenStreamGoesOnWithGet) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  answer.Send("a");
  EXPECT_TRUE(streams_.OnGone(post_));
  answer.Send("b");
  EXPECT_EQ(streams_.Listen(get_, "1-1", kPriming), Listening::kOpened);
  EXPECT_THAT(get_.said, ElementsAre("open", "1-2=a", "1-3=b"));
  answer.Send("c");
  // A second connection takes over from one that broke unnoticed.
  EXPECT_EQ(streams_.Listen(again_, "1-3", kPriming), Listening::kOpened);
  EXPECT_EQ(get_.said.back(), "end 200");
  answer.Finish({200, "d"});
  EXPECT_THAT(again_.said, ElementsAre("open", "1-4=c", "1-5=d", "end 200"));
}

TEST_F(SessionStreamsTest, AnAnswerGivenMeanwhileIsKept) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  answer.Send("a");
  streams_.OnGone(post_);
  answer.Finish({200, "b"});
  EXPECT_EQ(streams_.Listen(get_, "1-2", kPriming), Listening::kOpened);
  EXPECT_THAT(get_.said, ElementsAre("open", "1-3=b", "end 200"));
}

TEST_F(SessionStreamsTest, APausedStreamIsTakenUpLater) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  answer.Open();
  answer.Pause();
  EXPECT_THAT(post_.said, ElementsAre("open", "1-1=", "end 200"));
  EXPECT_FALSE(streams_.OnGone(post_));
  answer.Finish({200, "b"});
  EXPECT_EQ(streams_.Listen(get_, "1-1", kPriming), Listening::kOpened);
  EXPECT_THAT(get_.said, ElementsAre("open", "1-2=b", "end 200"));
}

TEST_F(SessionStreamsTest, AnAnswerThatNobodyCanAskForIsDropped) {
  transports::Exchange& answer = streams_.Wrap(post_, kPriming);
  EXPECT_TRUE(streams_.OnGone(post_));
  answer.Send("a");
  answer.Finish({200, "b"});
  EXPECT_EQ(streams_.Listen(get_, "1-0", kPriming), Listening::kUnknownEvent);
  EXPECT_THAT(get_.said, IsEmpty());
}

TEST_F(SessionStreamsTest, MessagesGoToTheirRequestElseToTheGet) {
  transports::Exchange& answer = streams_.Wrap(post_, kPlain);
  EXPECT_TRUE(streams_.Send("q", &answer));
  EXPECT_THAT(post_.said, ElementsAre("open", "1-1=q"));
  // Nobody has ever listened.
  EXPECT_FALSE(streams_.Send("n", nullptr));
  EXPECT_EQ(streams_.Listen(get_, "", kPriming), Listening::kOpened);
  EXPECT_TRUE(streams_.Send("n", nullptr));
  EXPECT_THAT(get_.said, ElementsAre("open", "0-2=", "0-3=n"));
  EXPECT_TRUE(streams_.listening());
  post_.streams = false;
  EXPECT_TRUE(streams_.Send("m", &answer));
  EXPECT_EQ(get_.said.back(), "0-4=m");
}

TEST_F(SessionStreamsTest, WhatIsSaidWhileTheListenerIsAwayWaits) {
  streams_.Listen(get_, "", kPlain);
  streams_.Send("a", nullptr);
  streams_.OnGone(get_);
  EXPECT_FALSE(streams_.listening());
  EXPECT_TRUE(streams_.Send("b", nullptr));
  // It comes back without a word of what it saw: "a" went to its connection.
  EXPECT_EQ(streams_.Listen(again_, "", kPlain), Listening::kOpened);
  EXPECT_THAT(again_.said, ElementsAre("open", "0-2=b"));
  // With an id it decides itself, and takes over.
  EXPECT_EQ(streams_.Listen(third_, "0-1", kPlain), Listening::kOpened);
  EXPECT_EQ(again_.said.back(), "end 200");
  EXPECT_THAT(third_.said, ElementsAre("open", "0-2=b"));
}

TEST_F(SessionStreamsTest, OneGetIsEnough) {
  streams_.Listen(get_, "", kPlain);
  EXPECT_EQ(streams_.Listen(again_, "", kPlain), Listening::kTaken);
  for (const char* id : {"nonsense", "7-1", "1-1"}) {
    EXPECT_EQ(streams_.Listen(again_, id, kPlain), Listening::kUnknownEvent);
  }
  EXPECT_THAT(again_.said, IsEmpty());
}

TEST(SessionStreamsEndTest, TheEndEndsAllStreams) {
  EventBudget budget;
  FakeCarrier post, get;
  {
    SessionStreams streams(budget, {});
    streams.Wrap(post, ProtocolVersion::k20250618).Send("a");
    streams.Listen(get, "", ProtocolVersion::k20250618);
  }
  EXPECT_EQ(post.said.back(), "end 200");
  EXPECT_EQ(get.said.back(), "end 200");
  EXPECT_EQ(budget.bytes, 0u);
}

}  // namespace
}  // namespace howdah::mcp
