// A conversation with the MCP server, as if over stdio, with providers that
// need no backend.
//
//   # a comment
//   > {"jsonrpc":"2.0","id":1,"method":"ping"}      the client's line
//   < {"jsonrpc":"2.0","id":1,"result":{}}          the server's line
//   ! progress 50 half                              of the oldest slow_thing
//   ! finish some text                              its end
//   ! cancelled 1                                   calls cancelled so far
//   ! changed tools | prompts | resources           a list
//   ! resource thing://a                            a resource changes
//   ! task ask | fail | complete some text          of the one task
//   ! stop                                          the server stops
//
// What is sealed differs each time: [state] and [task] stand for the last one
// said, in both directions.
#ifndef HOWDAH_TESTS_CONVERSATIONS_CONVERSATION_H_
#define HOWDAH_TESTS_CONVERSATIONS_CONVERSATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/fake_providers.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "adapter/mcp/list_changes.h"
#include "adapter/mcp/server.h"
#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// Threads: one. Owns: the server and its providers.
class Conversation {
 public:
  // `on_line` is given each line of the server, as it says it.
  explicit Conversation(std::function<void(absl::string_view)> on_line =
                            [](absl::string_view) {});

  // The conversation as it went, up to the client's leaving: its lines, and
  // what came back. Lines of the server in the script are left out.
  std::vector<std::string> Play(const std::vector<std::string>& script);

  // Whether nothing goes on for the client that has left.
  bool is_over() const;

 private:
  class Lines : public transports::Exchange {
   public:
    explicit Lines(std::function<void(absl::string_view)> on_line)
        : on_line_(std::move(on_line)) {}
    bool Streams() const override { return true; }
    void Send(std::string message) override;
    void Finish(transports::Reply reply) override;
    std::vector<std::string> said;

   private:
    const std::function<void(absl::string_view)> on_line_;
  };
  struct Sealed {
    const char* member;
    const char* name;
    std::string text;
  };

  // Gives the line back, with what is so in the place of what should be.
  std::string Direct(absl::string_view direction);
  // Puts a name in the place of what is sealed.
  std::string Mask(std::string line);
  std::string Unmask(std::string line) const;

  std::vector<Sealed> sealed_ = {{"requestState", "[state]", ""},
                                 {"taskId", "[task]", ""}};
  FakeToolProvider tools_;
  FakeResources resources_;
  FakePrompts prompts_;
  FakeTasks tasks_;
  ListChanges changes_;
  Server server_;
  Lines lines_;
  StdioDoor door_{server_, {}};
};

}  // namespace howdah::mcp

#endif  // HOWDAH_TESTS_CONVERSATIONS_CONVERSATION_H_
