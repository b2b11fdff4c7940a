// The documents from which a client without a token finds its way: metadata of
// the protected resource (RFC 9728) and of its authorization server (RFC 8414).
//
//   AuthorizationDocument("/.well-known/oauth-protected-resource/mcp",
//                         "https://howdah.example.com/mcp", &server)
//     -> {200, {"resource":"https://howdah.example.com/mcp",
//               "authorization_servers":["https://id.example.com"],…}}
#ifndef HOWDAH_ADAPTER_MCP_AUTHORIZATION_DOCUMENTS_H_
#define HOWDAH_ADAPTER_MCP_AUTHORIZATION_DOCUMENTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "adapter/mcp/token_verifier.h"

namespace howdah::mcp {

struct Document {
  int status = 200;
  std::string body;
};

// `target`: path and query. `server` may be null: 503. Where clients register
// elsewhere than at the issuer, the resource names itself as authorization
// server, for only its own copy of the metadata says so.
Document AuthorizationDocument(absl::string_view target,
                               absl::string_view public_url,
                               const AuthorizationServer* server);

// "https://h/mcp" -> "https://h/.well-known/oauth-protected-resource/mcp"
std::string ResourceMetadataUrl(absl::string_view public_url);

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_AUTHORIZATION_DOCUMENTS_H_
