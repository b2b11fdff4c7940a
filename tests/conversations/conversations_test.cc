// Plays golden conversations (conversation.h).
//
// Everything said after a line has to be what the file says, in that order.
//
//   bazel run //tests/conversations:conversations_test -- --update
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conversations/conversation.h"

namespace howdah::mcp {
namespace {

constexpr char kFolder[] = "tests/conversations";

bool update = false;

class ConversationsTest : public testing::TestWithParam<std::filesystem::path> {
};

TEST_P(ConversationsTest, GoesAsWritten) {
  std::vector<std::string> script;
  std::ifstream in(GetParam());
  for (std::string line; std::getline(in, line);) script.push_back(line);
  ASSERT_FALSE(script.empty()) << GetParam();
  const std::vector<std::string> played = Conversation().Play(script);
  if (update) {
    std::ofstream out(GetParam());
    for (const std::string& line : played) out << line << "\n";
    return;
  }
  EXPECT_EQ(played, script);
}

std::vector<std::filesystem::path> Files() {
  std::filesystem::path folder = kFolder;
  // `bazel run` names the source tree, so that an update reaches it.
  if (const char* root = std::getenv("BUILD_WORKSPACE_DIRECTORY")) {
    folder = std::filesystem::path(root) / kFolder;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".mcp") files.push_back(entry.path());
  }
  return files;
}

INSTANTIATE_TEST_SUITE_P(All, ConversationsTest, testing::ValuesIn(Files()),
                         [](const auto& info) {
                           std::string name = info.param.stem().string();
                           for (char& c : name) {
                             if (!std::isalnum(c)) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace howdah::mcp

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--update") howdah::mcp::update = true;
  }
  return RUN_ALL_TESTS();
}
