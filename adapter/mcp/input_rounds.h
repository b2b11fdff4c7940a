// Asks clients for what a provider needs, in the way of their era, and reads
// what they answer (client_input.h tells the provider's side).
//
//   modern: the call ends with input_required and a sealed state; the client
//           makes it again with its answers.
//   legacy: each need is a request to the client, on the stream of the call;
//           when all are answered, the provider is called again.
#ifndef HOWDAH_ADAPTER_MCP_INPUT_ROUNDS_H_
#define HOWDAH_ADAPTER_MCP_INPUT_ROUNDS_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/sealed_state.h"

namespace howdah::mcp {

// Answers of one round, and the state the provider gave for it.
struct RoundAnswers {
  InputResponses inputs;
  std::string state;
};

// Threads: one.
// Owns: the questions under way, each held by its call. All that it is given
// must outlive it.
// Limits: a legacy call asks kMaxRounds times at most.
class InputRounds {
 public:
  static constexpr int kMaxRounds = 16;
  // How long a client may take to come back with its answers.
  static constexpr absl::Duration kPatience = absl::Minutes(10);

  InputRounds(Calls& calls, const Results& results, const StateSealer& sealer,
              std::function<absl::Time()> now)
      : calls_(calls), results_(results), sealer_(sealer), now_(now) {}

  // Reads inputResponses and requestState of a modern request. `repetition` is
  // the call as it is made now. Refuses and gives false where they cannot be
  // trusted.
  bool Read(const Request& request, const Repetition& repetition,
            RoundAnswers& answers) const;

  // Asks the client of `call`, which must have a repetition; `again` makes the
  // call of the provider once more, unless the call has ended. A client that
  // cannot be asked gets an error.
  void Ask(Call& call, absl::string_view method, const InputRequired& required,
           std::function<void(RoundAnswers)> again);

 private:
  void AskModern(Call& call, absl::string_view method,
                 const InputRequired& required);
  void AskLegacy(Call& call, const InputRequired& required,
                 std::function<void(RoundAnswers)> again);

  Calls& calls_;
  const Results& results_;
  const StateSealer& sealer_;
  const std::function<absl::Time()> now_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_INPUT_ROUNDS_H_
