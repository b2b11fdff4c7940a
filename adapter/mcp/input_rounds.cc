#include "adapter/mcp/input_rounds.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/mcp/client_capabilities.h"

namespace howdah::mcp {
namespace {

using jsonrpc::InvalidParams;
using jsonrpc::IsObject;
using jsonrpc::Member;

// What a sealed state is good for.
std::string BindingOf(absl::string_view method, const Repetition& repetition) {
  return Binding({"input", method, repetition.name, repetition.arguments_json,
                  repetition.context.principal_key()});
}

// The questions of one round; the call holds it while it waits.
class Round : public RunningCall, public std::enable_shared_from_this<Round> {
 public:
  Round(Call& call, std::string state, std::function<void(RoundAnswers)> again)
      : call_(call), again_(std::move(again)) {
    answers_.state = std::move(state);
  }

  void Start(const std::vector<InputRequest>& requests) {
    // One more than there are, so that none of them is the last.
    outstanding_ = requests.size() + 1;
    const auto self = shared_from_this();
    for (const InputRequest& request : requests) {
      const AskId id = call_.session->Ask(
          request.method,
          request.params_json.empty() ? "{}" : request.params_json,
          call_.slot.exchange,
          [self, key = request.key](absl::StatusOr<std::string> result) {
            self->OnAnswer(key, std::move(result));
          });
      if (id != 0) asked_.push_back(id);
    }
    Count();
  }

  void Cancel() override {
    again_ = nullptr;
    for (AskId id : std::exchange(asked_, {})) {
      call_.session->Forget(id, call_.slot.exchange);
    }
  }

 private:
  void OnAnswer(const std::string& key, absl::StatusOr<std::string> result) {
    const bool usable = result.ok() && IsObject(*result);
    answers_.inputs.push_back({key, usable ? *std::move(result) : ""});
    Count();
  }

  void Count() {
    if (--outstanding_ > 0) return;
    asked_.clear();
    const auto again = std::exchange(again_, nullptr);
    if (again) again(std::move(answers_));
  }

  Call& call_;
  std::function<void(RoundAnswers)> again_;
  RoundAnswers answers_;
  std::size_t outstanding_ = 0;
  std::vector<AskId> asked_;
};

// What a call holds of its round.
class RunningRound : public RunningCall {
 public:
  explicit RunningRound(std::shared_ptr<Round> round)
      : round_(std::move(round)) {}
  void Cancel() override { round_->Cancel(); }

 private:
  const std::shared_ptr<Round> round_;
};

}  // namespace

bool InputRounds::Read(const Request& request, const Repetition& repetition,
                       RoundAnswers& answers) const {
  const absl::string_view responses =
      Member(request.params(), "inputResponses");
  const absl::string_view state = Member(request.params(), "requestState");
  bool well_formed = responses.empty() || IsObject(responses);
  jsonrpc::ForEachMember(responses, [&](absl::string_view key,
                                        absl::string_view value) {
    well_formed = well_formed && IsObject(value);
    answers.inputs.push_back({jsonrpc::DecodeString(key), std::string(value)});
    return well_formed;
  });
  if (!well_formed) {
    Refuse(request, InvalidParams("params.inputResponses must be an object of "
                                  "objects, one for each input request."));
    return false;
  }
  if (state.empty()) return true;
  absl::StatusOr<std::string> opened =
      sealer_.Open(jsonrpc::DecodeString(state),
                   BindingOf(request.message.method, repetition), now_());
  if (!opened.ok()) {
    Refuse(request,
           InvalidParams(absl::StrCat("params.requestState cannot be used. ",
                                      opened.status().message())));
    return false;
  }
  answers.state = *std::move(opened);
  return true;
}

void InputRounds::Ask(Call& call, absl::string_view method,
                      const InputRequired& required,
                      std::function<void(RoundAnswers)> again) {
  const bool modern = IsModern(call.version);
  const ClientCapabilities client = call.repetition == nullptr
                                        ? ClientCapabilities()
                                        : call.repetition->context.client;
  for (const InputRequest& request : required.requests) {
    const std::string missing = MissingFor(request, client);
    if (missing.empty()) continue;
    jsonrpc::Error error = MissingCapability(missing);
    // The code belongs to the modern era.
    if (!modern) error = jsonrpc::InvalidRequest(std::move(error.message));
    return calls_.Fail(call, error, modern ? kHttpBadRequest : kHttpOk);
  }
  if (modern) return AskModern(call, method, required);
  AskLegacy(call, required, std::move(again));
}

void InputRounds::AskModern(Call& call, absl::string_view method,
                            const InputRequired& required) {
  std::string out = results_.Begin(call.id, call.version, 512, kInputRequired);
  AppendInputRequests(out, required.requests);
  if (!required.state.empty()) {
    AppendText(out, "requestState",
               sealer_.Seal(required.state, BindingOf(method, *call.repetition),
                            now_() + kPatience));
  }
  EndResult(out);
  calls_.Answer(call, std::move(out));
}

void InputRounds::AskLegacy(Call& call, const InputRequired& required,
                            std::function<void(RoundAnswers)> again) {
  if (++call.repetition->rounds > kMaxRounds) {
    return calls_.Fail(call, jsonrpc::InternalError(absl::StrCat(
                                 "The call asked for input ", kMaxRounds,
                                 " times and was ended; make it anew.")));
  }
  const auto round =
      std::make_shared<Round>(call, required.state, std::move(again));
  calls_.Wait(call, std::make_unique<RunningRound>(round));
  round->Start(required.requests);
}

}  // namespace howdah::mcp
