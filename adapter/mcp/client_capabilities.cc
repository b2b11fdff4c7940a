#include "adapter/mcp/client_capabilities.h"

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"

namespace howdah::mcp {
namespace {

using jsonrpc::IsObject;
using jsonrpc::Member;
using jsonrpc::StringEquals;

// {} means forms, as it did before there was anything else.
void ReadElicitation(absl::string_view json, ProtocolVersion version,
                     ClientCapabilities& client) {
  if (!IsObject(json) || !HasElicitation(version)) return;
  const bool url = IsObject(Member(json, "url"));
  client.elicitation_form = IsObject(Member(json, "form")) || !url;
  client.elicitation_url = url && HasUrlElicitation(version);
}

}  // namespace

ClientCapabilities ParseCapabilities(absl::string_view json,
                                     ProtocolVersion version) {
  ClientCapabilities client;
  jsonrpc::ForEachMember(
      json, [&](absl::string_view key, absl::string_view value) {
        if (StringEquals(key, "elicitation")) {
          ReadElicitation(value, version, client);
        } else if (StringEquals(key, "sampling")) {
          client.sampling = IsObject(value);
        } else if (StringEquals(key, "roots")) {
          client.roots = IsObject(value);
        } else if (StringEquals(key, "extensions") && IsModern(version)) {
          client.tasks = IsObject(Member(value, kTasksExtension));
        }
        return true;
      });
  return client;
}

std::string MissingFor(const InputRequest& request,
                       const ClientCapabilities& client) {
  if (request.method == "elicitation/create") {
    const bool url = StringEquals(Member(request.params_json, "mode"), "url");
    if (url ? client.elicitation_url : client.elicitation_form) return {};
    return url ? R"({"elicitation":{"url":{}}})" : R"({"elicitation":{}})";
  }
  if (request.method == "sampling/createMessage") {
    return client.sampling ? "" : R"({"sampling":{}})";
  }
  return client.roots ? "" : R"({"roots":{}})";
}

jsonrpc::Error MissingCapability(absl::string_view required_json) {
  return {kMissingCapability,
          absl::StrCat("This needs a client that declares the capabilities ",
                       required_json, "."),
          absl::StrCat(R"({"requiredCapabilities":)", required_json, "}")};
}

std::string TasksCapability() {
  return absl::StrCat(R"({"extensions":{")", kTasksExtension, R"(":{}}})");
}

}  // namespace howdah::mcp
