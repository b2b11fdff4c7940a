#include "adapter/mcp/authorization_documents.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/challenge.h"

namespace howdah::mcp {
namespace {

constexpr absl::string_view kResource = "/.well-known/oauth-protected-resource";
constexpr absl::string_view kServer = "/.well-known/oauth-authorization-server";

// "https://h/mcp" -> {"https://h", "/mcp"}
std::pair<absl::string_view, absl::string_view> SplitUrl(
    absl::string_view url) {
  const std::size_t host = url.find("://");
  const std::size_t path = host == absl::string_view::npos
                               ? absl::string_view::npos
                               : url.find('/', host + 3);
  if (path == absl::string_view::npos) return {url, {}};
  return {url.substr(0, path), absl::StripSuffix(url.substr(path), "/")};
}

// Whether answers of the issuer name it (RFC 9207). Clients then hold it to the
// name they know it by, so nobody can stand in for it.
bool NamesItself(const AuthorizationServer& server) {
  return jsonrpc::Member(server.metadata_json,
                         "authorization_response_iss_parameter_supported") ==
         "true";
}

// In the order in which clients should try them.
std::vector<absl::string_view> AuthorizationServers(
    absl::string_view public_url, const AuthorizationServer& server) {
  if (server.registration_endpoint.empty()) return {server.issuer};
  const absl::string_view own = SplitUrl(public_url).first;
  if (NamesItself(server)) return {server.issuer, own};
  return {own};
}

std::string ResourceDocument(absl::string_view public_url,
                             const AuthorizationServer& server) {
  std::string out = R"({"resource":)";
  jsonrpc::AppendString(out, public_url);
  out += R"(,"resource_name":"Howdah","authorization_servers":)";
  char separator = '[';
  for (absl::string_view one : AuthorizationServers(public_url, server)) {
    out += separator;
    jsonrpc::AppendString(out, one);
    separator = ',';
  }
  out += R"(],"bearer_methods_supported":["header"])";
  const std::string scopes = Challenge("", server).least_scopes();
  if (!scopes.empty()) {
    out += R"(,"scopes_supported":)";
    char before = '[';
    for (absl::string_view scope : absl::StrSplit(scopes, ' ')) {
      out += before;
      jsonrpc::AppendString(out, scope);
      before = ',';
    }
    out += ']';
  }
  return out + "}";
}

// The issuer's metadata; where clients register elsewhere, with that place.
// This server then is an authorization server that clients know, so the
// document names it as issuer, as RFC 8414 §3.3 demands, and does not promise
// that authorization responses name the same one. Where they name the issuer
// all the same, only clients that do not compare get in this way.
std::string ServerDocument(absl::string_view public_url,
                           const AuthorizationServer& server) {
  if (server.registration_endpoint.empty()) return server.metadata_json;
  std::string out = R"({"issuer":)";
  jsonrpc::AppendString(out, SplitUrl(public_url).first);
  out += R"(,"registration_endpoint":)";
  jsonrpc::AppendString(out, server.registration_endpoint);
  jsonrpc::ForEachMember(server.metadata_json, [&](absl::string_view key,
                                                   absl::string_view value) {
    for (absl::string_view replaced :
         {"issuer", "registration_endpoint",
          "authorization_response_iss_parameter_supported"}) {
      if (jsonrpc::StringEquals(key, replaced)) return true;
    }
    absl::StrAppend(&out, ",", key, ":", value);
    return true;
  });
  return out + "}";
}

Document Error(int status, absl::string_view sentence) {
  std::string body = R"({"error":)";
  jsonrpc::AppendString(body, sentence);
  return {status, body + "}"};
}

}  // namespace

Document AuthorizationDocument(absl::string_view target,
                               absl::string_view public_url,
                               const AuthorizationServer* server) {
  const absl::string_view path = target.substr(0, target.find('?'));
  const bool resource =
      path == kResource || absl::StartsWith(path, absl::StrCat(kResource, "/"));
  if (!resource && path != kServer) {
    return Error(404, "There is no such document.");
  }
  if (server == nullptr || server->issuer.empty() ||
      (!resource && server->metadata_json.empty())) {
    return Error(503, "The authorization server cannot be described now.");
  }
  if (resource) return {200, ResourceDocument(public_url, *server)};
  return {200, ServerDocument(public_url, *server)};
}

std::string ResourceMetadataUrl(absl::string_view public_url) {
  const auto [origin, path] = SplitUrl(public_url);
  return absl::StrCat(origin, kResource, path);
}

}  // namespace howdah::mcp
