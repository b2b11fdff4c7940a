// What every call passes, in this order, whatever its method:
//
//   deadline → authenticate → authorise by declared effect and toolset →
//   validate and defaults → the method (from memory, else on the executor) →
//   audit, metrics → one error form
//
//   CallChain chain({.authenticator = authenticator, .policy = policy,
//                    .validator = validator, .executor = executor,
//                    .audit = audit, .metrics = metrics});
//   chain.Serve(call);  // as the transport receives one
//
// Nothing of this stands in a service, and no service is reached without it. An
// answer that memory gives again (answer_memory.h) comes after the
// authorisation too; its request was validated when it was new.
#ifndef HOWDAH_BACKEND_SERVER_CALL_CHAIN_H_
#define HOWDAH_BACKEND_SERVER_CALL_CHAIN_H_

#include <functional>
#include <memory>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/auth/authenticator.h"
#include "backend/auth/policy.h"
#include "backend/auth/toolset_policy.h"
#include "backend/observability/audit_log.h"
#include "backend/observability/metrics.h"
#include "backend/server/answer_memory.h"
#include "backend/server/call.h"
#include "backend/server/executor.h"
#include "backend/validation/request_validator.h"

namespace howdah::server {

// The parts of the chain; all must outlive it.
struct CallChainParts {
  auth::Authenticator& authenticator;
  const auth::Policy& policy;
  const auth::ToolsetPolicy& toolsets;
  const validation::RequestValidator& validator;
  Executor& executor;
  observability::AuditLog& audit;
  observability::CallMetrics& metrics;
};

// Threads: Serve is for the one on which calls arrive, the rest is safe.
// Owns: answers to be given again.
// Limits: exceptions of a method become INTERNAL.
class CallChain : public services::CallHost {
 public:
  explicit CallChain(const CallChainParts& parts) : parts_(parts) {}

  // Takes a call to its answer. Never blocks.
  void Serve(const std::shared_ptr<Call>& call);

  // The deadline of a call without a deadline of its client is over.
  void DeadlineOver(Call& call);

  // The server is about to end: ends all streams, those to come too, with
  // UNAVAILABLE, so that their clients ask another replica, and tells calls
  // that wait.
  void Drain() { draining_.request_stop(); }

  void Resume(std::function<void()> rest) override;
  std::stop_token draining() const override { return draining_.get_token(); }

  // Answers a call, unless it has been answered.
  void Answer(Call& call, const absl::Status& status, const Message* response);

 private:
  // Remembered answers belong to the thread on which calls arrive.
  enum class Thread { kArrival, kAny };

  // Finds out who calls; where that takes computing, on the executor.
  void Authenticate(const std::shared_ptr<Call>& call);
  void Proceed(const std::shared_ptr<Call>& call,
               absl::StatusOr<auth::Principal> principal, Thread thread);
  absl::Status Admit(Call& call);
  bool AnswerAgain(Call& call);
  absl::Status ReadRequest(Call& call);
  // The answer is remembered if it is the same for all callers (`shared`).
  bool AnswerFromMemory(Call& call, bool shared);
  void Remember(const Call& call, std::shared_ptr<const void> source,
                const Message& response);
  void Run(const std::shared_ptr<Call>& call);
  void RunStream(const std::shared_ptr<Call>& call);
  void Record(const Call& call, const absl::Status& status);

  const CallChainParts parts_;
  AnswerMemory memory_;
  std::stop_source draining_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_CALL_CHAIN_H_
