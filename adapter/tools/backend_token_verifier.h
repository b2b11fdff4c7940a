// Asks the backend what a bearer token is worth, and where tokens come from:
// howdah.auth.v1.AccessService.
//
//   BackendTokenVerifier verifier(channel);
//   mcp::AdmissionDoor admission(verifier, options);
#ifndef HOWDAH_ADAPTER_TOOLS_BACKEND_TOKEN_VERIFIER_H_
#define HOWDAH_ADAPTER_TOOLS_BACKEND_TOKEN_VERIFIER_H_

#include <functional>
#include <memory>
#include <string>

#include "adapter/mcp/token_verifier.h"
#include "adapter/upstream/unary_caller.h"

namespace howdah::tools {

// Threads: one, that of the caller. The caller must outlive it and its calls.
class BackendTokenVerifier : public mcp::TokenVerifier {
 public:
  explicit BackendTokenVerifier(upstream::UnaryCaller& caller)
      : caller_(caller) {}

  void Verify(const std::string& token, const std::string& traceparent,
              std::function<void(mcp::Verdict)> done) override;
  void Describe(std::function<void(std::unique_ptr<mcp::AuthorizationServer>)>
                    done) override;

 private:
  upstream::UnaryCaller& caller_;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_BACKEND_TOKEN_VERIFIER_H_
