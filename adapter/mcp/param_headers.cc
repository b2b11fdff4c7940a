#include "adapter/mcp/param_headers.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/mcp/mcp_headers.h"

namespace howdah::mcp {
namespace {

using jsonrpc::IsString;
using jsonrpc::Member;

constexpr char kPrefix[] = "Mcp-Param-";
constexpr char kKeyword[] = "x-mcp-header";

// What the argument is as a header; numbers compare as numbers.
bool Agree(absl::string_view header, absl::string_view argument) {
  const std::optional<std::string> value = HeaderValue(header);
  if (!value) return false;
  if (IsString(argument)) return *value == jsonrpc::DecodeString(argument);
  if (!jsonrpc::IsNumber(argument)) return *value == argument;
  double said = 0;
  double meant = 0;
  return jsonrpc::IsNumber(*value) && absl::SimpleAtod(*value, &said) &&
         absl::SimpleAtod(argument, &meant) && said == meant;
}

}  // namespace

std::optional<jsonrpc::Error> ParamHeaders::Check(
    absl::string_view tool, absl::string_view arguments_json,
    const transports::Exchange& exchange) {
  if (!read_) Read();
  if (by_tool_.empty()) return std::nullopt;
  const auto found = by_tool_.find(tool);
  if (found == by_tool_.end()) return std::nullopt;
  for (const Parameter& parameter : found->second) {
    absl::string_view argument = arguments_json;
    for (const std::string& name : parameter.path) {
      argument = Member(argument, name);
    }
    // Clients leave out the header of an argument that is not there.
    if (argument.empty() || argument == "null") continue;
    if (!Agree(exchange.Header(parameter.header), argument)) {
      return HeaderMismatch(
          parameter.header,
          IsString(argument) ? jsonrpc::DecodeString(argument) : argument);
    }
  }
  return std::nullopt;
}

void ParamHeaders::Read() {
  read_ = true;
  by_tool_.clear();
  for (const ToolDefinition& tool : provider_.tools()) {
    Parameters found;
    std::vector<std::string> path;
    Collect(tool.input_schema_json, path, found);
    if (!found.empty()) by_tool_[tool.name] = std::move(found);
  }
}

void ParamHeaders::Collect(absl::string_view schema,
                           std::vector<std::string>& path, Parameters& found) {
  jsonrpc::ForEachMember(
      Member(schema, "properties"),
      [&](absl::string_view key, absl::string_view property) {
        path.push_back(jsonrpc::DecodeString(key));
        const absl::string_view header = Member(property, kKeyword);
        if (IsString(header)) {
          found.push_back(
              {absl::StrCat(kPrefix, jsonrpc::DecodeString(header)), path});
        }
        Collect(property, path, found);
        path.pop_back();
        return true;
      });
}

}  // namespace howdah::mcp
