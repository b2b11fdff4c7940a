#include "backend/server/answer_memory.h"

#include "gtest/gtest.h"
#include "howdah/postgres/v1/cluster_service.pb.h"

namespace howdah::server {
namespace {

class AnswerMemoryTest : public ::testing::Test {
 protected:
  void Keep(const std::string& request, const std::string& response) {
    memory_.Find(1, request);
    memory_.Keep({std::make_shared<postgres::v1::GetClusterRequest>(),
                  std::make_shared<const int>(1), response});
  }

  AnswerMemory memory_;
};

TEST_F(AnswerMemoryTest, GivesBackWhatWasKeptForJustThisRequest) {
  EXPECT_EQ(memory_.Find(1, "request"), nullptr);
  Keep("request", "response");
  ASSERT_NE(memory_.Find(1, "request"), nullptr);
  EXPECT_EQ(memory_.Find(1, "request")->response, "response");
  EXPECT_EQ(memory_.Find(2, "request"), nullptr);
  EXPECT_EQ(memory_.Find(1, "other"), nullptr);
}

TEST_F(AnswerMemoryTest, ANewAnswerTakesThePlaceOfTheOld) {
  Keep("request", "old");
  Keep("request", "new");
  EXPECT_EQ(memory_.Find(1, "request")->response, "new");
}

TEST_F(AnswerMemoryTest, DoesNotKeepWhatIsTooLarge) {
  const std::string large(20'000, 'x');
  Keep("request", large);
  EXPECT_EQ(memory_.Find(1, "request"), nullptr);
  Keep(large, "response");
  EXPECT_EQ(memory_.Find(1, large), nullptr);
}

TEST_F(AnswerMemoryTest, StaysWithinItsNumber) {
  for (int i = 0; i < 1000; ++i) Keep(std::to_string(i), "response");
  int kept = 0;
  for (int i = 0; i < 1000; ++i) {
    if (memory_.Find(1, std::to_string(i)) != nullptr) ++kept;
  }
  EXPECT_GE(kept, 1);
  EXPECT_LE(kept, 256);
  EXPECT_NE(memory_.Find(1, "999"), nullptr);
}

}  // namespace
}  // namespace howdah::server
