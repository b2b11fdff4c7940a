#include "adapter/mcp/capabilities.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/client_capabilities.h"

namespace howdah::mcp {

std::string Capabilities(const Providers& providers, ProtocolVersion version) {
  const bool changes = providers.changes != nullptr;
  const absl::string_view listed = changes ? R"({"listChanged":true})" : "{}";
  std::string out = absl::StrCat(R"({"logging":{},"tools":)", listed);
  if (providers.prompts != nullptr) {
    absl::StrAppend(&out, R"(,"prompts":)", listed);
  }
  if (providers.resources != nullptr) {
    out += R"(,"resources":{"subscribe":true,"listChanged":true})";
  }
  if (providers.completion != nullptr && HasAnnotations(version)) {
    out += R"(,"completions":{})";
  }
  if (providers.tasks != nullptr && IsModern(version)) {
    absl::StrAppend(&out, R"(,"extensions":{")", kTasksExtension, R"(":{}})");
  }
  out += '}';
  return out;
}

}  // namespace howdah::mcp
