// The seam to whoever knows tokens: the backend. The adapter looks into none
// itself.
//
//   verifier.Verify(token, traceparent, [](Verdict verdict) { … });
//
// Contract. As of the providers (tool_provider.h): one thread, never blocking,
// answers now or later, exactly once.
#ifndef HOWDAH_ADAPTER_MCP_TOKEN_VERIFIER_H_
#define HOWDAH_ADAPTER_MCP_TOKEN_VERIFIER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/mcp/request_context.h"

namespace howdah::mcp {

// The scope of calls that change nothing.
inline constexpr absl::string_view kReadScope = "howdah:read";

// What a token is worth.
struct Verdict {
  enum class Kind {
    kGood,
    // No token, or one that is good for nothing: 401.
    kRefused,
    // A good one without scopes that every token needs: 403.
    kScopesMissing,
    // Nobody can tell at the moment: 503.
    kUnknown,
  };
  Kind kind = Kind::kUnknown;
  // If good: who it is, until when.
  std::shared_ptr<const Principal> principal = nullptr;
  absl::Time expires = absl::InfinitePast();
  // Else: why, for people.
  std::string sentence = {};
  // kScopesMissing: all that are needed, in the issuer's names.
  std::string scopes = {};
};

// Where tokens come from.
struct AuthorizationServer {
  std::string issuer;
  // Every token must have these.
  std::vector<std::string> required_scopes;
  // Names of the contract, and what the issuer calls them; empty where scopes
  // are not enforced.
  std::vector<std::pair<std::string, std::string>> scope_names;
  // Where clients register, if not at the issuer.
  std::string registration_endpoint;
  // The issuer's metadata, a JSON object; empty if it cannot be had.
  std::string metadata_json;

  // What the issuer calls a scope of the contract.
  std::string NameOf(absl::string_view scope) const;
};

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;

  virtual void Verify(const std::string& token, const std::string& traceparent,
                      std::function<void(Verdict)> done) = 0;

  // Null if it cannot be known at the moment.
  virtual void Describe(
      std::function<void(std::unique_ptr<AuthorizationServer>)> done) = 0;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_TOKEN_VERIFIER_H_
