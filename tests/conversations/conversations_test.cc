// Plays golden conversations against the MCP server, as if over stdio.
//
//   # a comment
//   > {"jsonrpc":"2.0","id":1,"method":"ping"}      the client's line
//   < {"jsonrpc":"2.0","id":1,"result":{}}          the server's line
//   ! progress 50 half                              of the oldest slow_thing
//   ! finish some text                              its end
//   ! cancelled 1                                   calls cancelled so far
//   ! changed tools                                 a list: tools, prompts, ...
//   ! resource thing://a                            a resource changes
//   ! task ask | fail | complete some text          of the one task
//   ! stop                                          the server stops
//
// What is sealed differs each time: [state] and [task] stand for the last one
// said, in both directions.
//
// Everything said after a line has to be what the file says, in that order.
//
//   bazel run //tests/conversations:conversations_test -- --update
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/fake_providers.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "adapter/mcp/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

constexpr char kFolder[] = "tests/conversations";

bool update = false;

class Lines : public transports::Exchange {
 public:
  bool Streams() const override { return true; }
  void Send(std::string message) override {
    said.push_back("< " + std::move(message));
  }
  void Finish(transports::Reply reply) override {
    if (!reply.body.empty()) Send(std::move(reply.body));
  }
  std::vector<std::string> said;
};

ServerInfo Info() {
  ServerInfo info;
  info.version = "1.2.3";
  info.instructions = "Be careful.";
  info.page_size = 3;
  return info;
}

class Conversation {
 public:
  // The conversation as it went: the client's lines, and what came back.
  std::vector<std::string> Play(const std::vector<std::string>& script) {
    std::vector<std::string> played;
    for (const std::string& line : script) {
      if (absl::StartsWith(line, "<")) continue;
      played.push_back(line);
      if (absl::StartsWith(line, "> ")) {
        const std::string bytes = Unmask(line.substr(2));
        door_.OnMessage(bytes, lines_);
      } else if (absl::StartsWith(line, "! ")) {
        Direct(absl::string_view(line).substr(2));
      }
      for (const std::string& said : lines_.said) played.push_back(Mask(said));
      lines_.said.clear();
    }
    door_.OnGone(lines_);
    return played;
  }

 private:
  void Direct(absl::string_view direction) {
    std::vector<std::string> words =
        absl::StrSplit(direction, absl::MaxSplits(' ', 2));
    words.resize(3);
    double number = 0;
    const bool is_number = absl::SimpleAtod(words[1], &number);
    if (words[0] == "progress" && is_number) {
      tools_.Progress(number, words[2]);
    } else if (absl::ConsumePrefix(&direction, "finish ")) {
      tools_.Finish(std::string(direction));
    } else if (words[0] == "cancelled" && is_number) {
      EXPECT_EQ(tools_.cancelled(), number);
    } else if (words[0] == "changed") {
      changes_.Tell(words[1] == "tools"     ? ListKind::kTools
                    : words[1] == "prompts" ? ListKind::kPrompts
                                            : ListKind::kResources);
    } else if (words[0] == "resource") {
      resources_.Change(words[1]);
    } else if (words[0] == "task" && words[1] == "ask") {
      tasks_.Ask();
    } else if (words[0] == "task" && words[1] == "fail") {
      tasks_.Fail();
    } else if (words[0] == "task" && words[1] == "complete") {
      tasks_.Complete(words[2]);
    } else if (words[0] == "stop") {
      server_.EndListening();
    } else {
      ADD_FAILURE() << "What is \"" << direction << "\"?";
    }
  }

  // Puts a name in the place of what is sealed.
  std::string Mask(std::string line) {
    for (Sealed& sealed : sealed_) {
      const std::string member = absl::StrCat("\"", sealed.member, "\":\"");
      if (const std::size_t found = line.find(member);
          found != std::string::npos) {
        const std::size_t begin = found + member.size();
        sealed.text = line.substr(begin, line.find('"', begin) - begin);
      }
      if (sealed.text.empty()) continue;
      line = absl::StrReplaceAll(line, {{sealed.text, sealed.name}});
    }
    return line;
  }

  std::string Unmask(std::string line) const {
    for (const Sealed& sealed : sealed_) {
      line = absl::StrReplaceAll(line, {{sealed.name, sealed.text}});
    }
    return line;
  }

  struct Sealed {
    const char* member;
    const char* name;
    std::string text;
  };
  std::vector<Sealed> sealed_ = {{"requestState", "[state]", ""},
                                 {"taskId", "[task]", ""}};
  FakeToolProvider tools_;
  FakeResources resources_;
  FakePrompts prompts_;
  FakeTasks tasks_;
  ListChanges changes_;
  Server server_{{.tools = tools_,
                  .resources = &resources_,
                  .prompts = &prompts_,
                  .completion = &prompts_,
                  .tasks = &tasks_,
                  .changes = &changes_},
                 Info()};
  Lines lines_;
  StdioDoor door_{server_, {}};
};

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
