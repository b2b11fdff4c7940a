#include "adapter/mcp/session.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class FakeLink : public ClientLink {
 public:
  bool Send(std::string message, transports::Exchange*) override {
    if (reachable) sent.push_back(std::move(message));
    return reachable;
  }
  bool reachable = true;
  std::vector<std::string> sent;
};

jsonrpc::Message Response(absl::string_view id, absl::string_view result,
                          absl::string_view error = {}) {
  jsonrpc::Message message;
  message.kind = jsonrpc::MessageKind::kResponse;
  message.id = id;
  message.result = result;
  message.error = error;
  return message;
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { session_.set_link(&link_); }
  AskId Ask() {
    return session_.Ask("roots/list", "{}", nullptr,
                        [this](absl::StatusOr<std::string> answer) {
                          answers_.push_back(std::move(answer));
                        });
  }

  FakeLink link_;
  Session session_{/*remembers_ids=*/true};
  std::vector<absl::StatusOr<std::string>> answers_;
};

TEST_F(SessionTest, AnAnswerFindsItsQuestion) {
  EXPECT_EQ(Ask(), 1u);
  EXPECT_EQ(Ask(), 2u);
  EXPECT_THAT(
      link_.sent,
      ElementsAre(
          R"({"jsonrpc":"2.0","id":1,"method":"roots/list","params":{}})",
          R"({"jsonrpc":"2.0","id":2,"method":"roots/list","params":{}})"));
  session_.OnResponse(Response("2", R"({"roots":[]})"));
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(*answers_[0], R"({"roots":[]})");
  // Neither a second answer nor one to nothing does anything.
  for (const char* id : {"2", "3", "\"1\"", "1.0", "-1", ""}) {
    session_.OnResponse(Response(id, "{}"));
  }
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(SessionTest, ARefusalSaysWhatTheClientSaid) {
  Ask();
  session_.OnResponse(
      Response("1", "", R"({"code":-1,"message":"User rejected it"})"));
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_THAT(answers_[0].status(), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(std::string(answers_[0].status().message()),
              HasSubstr("User rejected it"));
}

TEST_F(SessionTest, WhoCannotBeReachedIsNotAsked) {
  link_.reachable = false;
  EXPECT_EQ(Ask(), 0u);
  session_.set_link(nullptr);
  EXPECT_EQ(Ask(), 0u);
  Session shared(/*remembers_ids=*/false);
  link_.reachable = true;
  shared.set_link(&link_);
  shared.Ask("roots/list", "{}", nullptr,
             [this](absl::StatusOr<std::string> answer) {
               answers_.push_back(std::move(answer));
             });
  ASSERT_EQ(answers_.size(), 3u);
  for (const auto& answer : answers_) {
    EXPECT_THAT(answer.status(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_FALSE(session_.Notify("notifications/x", "{}"));
}

TEST_F(SessionTest, AForgottenQuestionIsCancelled) {
  const AskId id = Ask();
  session_.Forget(id);
  session_.Forget(id);
  EXPECT_EQ(link_.sent.size(), 2u);
  EXPECT_EQ(link_.sent.back(),
            R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
            R"("params":{"requestId":1}})");
  session_.OnResponse(Response("1", "{}"));
  EXPECT_TRUE(answers_.empty());
}

TEST_F(SessionTest, TheEndAnswersAllQuestions) {
  Ask();
  Ask();
  session_.Close();
  Ask();
  ASSERT_EQ(answers_.size(), 3u);
  EXPECT_THAT(answers_[0].status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(answers_[1].status(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(answers_[2].status(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SessionTest, QuestionsAreLimited) {
  for (std::size_t i = 0; i < Session::kMaxQuestions; ++i) Ask();
  EXPECT_TRUE(answers_.empty());
  Ask();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_THAT(answers_[0].status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace howdah::mcp
