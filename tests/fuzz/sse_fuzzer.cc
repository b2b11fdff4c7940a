// Any messages as an event stream: a reader of the HTML standard's rules gets
// each of them back. The byte 0xFF, which no JSON has, is between two messages.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/http_loop.h"

namespace howdah::fuzz {
namespace {

constexpr absl::string_view kRequest =
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
    "application/json\r\n"
    "Accept: text/event-stream\r\nContent-Length: 2\r\n\r\n{}";

class Talker : public transports::MessageSink {
 public:
  void OnMessage(absl::string_view, transports::Exchange& exchange) override {
    exchange.Open();
    for (const std::string& message : messages) exchange.Send(message);
    exchange.Finish({200, "{}"});
  }
  void OnGone(transports::Exchange&) override {}
  std::string Refusal(int, absl::string_view) override { return "{}"; }

  std::vector<std::string> messages;
};

void Check(absl::string_view input) {
  static auto& sink = *new Talker;
  static auto& loop = *new HttpLoop(sink);
  sink.messages = absl::StrSplit(input, '\xff', absl::SkipEmpty());
  const std::vector<Answer> answers = loop.Play(kRequest, 0);
  Demand(answers.size() == 1 && answers[0].event_stream, "there is a stream");
  const std::vector<std::string> events = Events(answers[0].body);
  Demand(events.size() == sink.messages.size() + 1 && events.back() == "{}",
         "as many events as messages");
  for (std::size_t i = 0; i < sink.messages.size(); ++i) {
    // In JSON text a newline is a blank between two tokens.
    Demand(events[i] == absl::StrReplaceAll(sink.messages[i],
                                            {{"\n", " "}, {"\r", " "}}),
           "an event is its message");
  }
}

}  // namespace
}  // namespace howdah::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  howdah::fuzz::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
