// Any bytes as HTTP, cut into pieces whose size the first byte says. The server
// answers in whole HTTP and closes in the end; how the bytes were cut makes no
// difference to what arrives at the sink.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/http_loop.h"

namespace howdah::fuzz {
namespace {

// Remembers what came; answers with a stream where the body begins with "s".
class Recorder : public transports::MessageSink {
 public:
  void OnMessage(absl::string_view bytes,
                 transports::Exchange& exchange) override {
    seen.push_back(absl::StrCat(exchange.Target(), " ",
                                exchange.Header("mcp-session-id"), " ", bytes));
    if (exchange.Streams() && absl::StartsWith(bytes, "s")) {
      exchange.Send("{\"progress\":1}");
    }
    exchange.Finish({200, "{}"});
  }
  void OnGone(transports::Exchange&) override {}
  std::string Refusal(int, absl::string_view) override { return "{}"; }

  std::vector<std::string> seen;
};

void Check(absl::string_view bytes, std::size_t piece) {
  static auto& sink = *new Recorder;
  static auto& loop = *new HttpLoop(sink);
  sink.seen.clear();
  loop.Play(bytes, 0);
  const std::vector<std::string> whole = std::exchange(sink.seen, {});
  loop.Play(bytes, piece);
  Demand(sink.seen == whole, "cutting makes no difference");
}

}  // namespace
}  // namespace howdah::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  howdah::fuzz::Check({reinterpret_cast<const char*>(data + 1), size - 1},
                      data[0]);
  return 0;
}
