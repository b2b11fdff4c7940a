// What the fixtures' tools answer and ask.
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESULTS_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESULTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapter/mcp/client_input.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::conformance {

// Properties of forms.
inline constexpr char kName[] = R"({"name":{"type":"string"}})";
inline constexpr char kOk[] = R"({"ok":{"type":"boolean"}})";

mcp::ToolResult Text(std::string text);
mcp::ToolResult Error(std::string text);
mcp::ToolResult Ask(std::vector<mcp::InputRequest> requests,
                    std::string state = {});

std::string StringArgument(const mcp::ToolCall& call, const char* name);

// A member of what the user filled in; empty if there is none.
std::string Filled(absl::string_view answer, const char* name);

// A form with the given properties, all of them required.
mcp::InputRequest Form(std::string key, absl::string_view message,
                       const char* properties);

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_RESULTS_H_
