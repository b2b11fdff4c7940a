#include "adapter/mcp/tool_listing.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/modern_codec.h"

namespace howdah::mcp {
namespace {

using jsonrpc::AppendString;

const char* Bool(bool value) { return value ? "true" : "false"; }

void AppendAnnotations(std::string& out, const ToolDefinition& tool) {
  out += R"(,"annotations":{"title":)";
  AppendString(out, tool.title);
  absl::StrAppend(&out, R"(,"readOnlyHint":)", Bool(tool.read_only),
                  R"(,"destructiveHint":)", Bool(tool.destructive),
                  R"(,"idempotentHint":)", Bool(tool.idempotent),
                  R"(,"openWorldHint":)", Bool(tool.open_world), "}");
}

void AppendTool(std::string& out, const ToolDefinition& tool,
                ProtocolVersion version) {
  out += R"({"name":)";
  AppendString(out, tool.name);
  if (HasStructuredContent(version) && !tool.title.empty()) {
    out += R"(,"title":)";
    AppendString(out, tool.title);
  }
  out += R"(,"description":)";
  AppendString(out, tool.description);
  absl::StrAppend(&out, R"(,"inputSchema":)", tool.input_schema_json);
  if (HasStructuredContent(version) && !tool.output_schema_json.empty()) {
    absl::StrAppend(&out, R"(,"outputSchema":)", tool.output_schema_json);
  }
  if (HasIcons(version) && !tool.icons_json.empty()) {
    absl::StrAppend(&out, R"(,"icons":)", tool.icons_json);
  }
  if (HasAnnotations(version)) AppendAnnotations(out, tool);
  out += '}';
}

// Ties a cursor to the list it was given for (FNV-1a over the names).
std::uint32_t Fingerprint(const std::vector<const ToolDefinition*>& tools) {
  std::uint32_t hash = 2166136261u;
  for (const ToolDefinition* tool : tools) {
    for (unsigned char c : tool->name) hash = (hash ^ c) * 16777619u;
    hash = (hash ^ 0xFF) * 16777619u;
  }
  return hash;
}

}  // namespace

ToolListing::ToolListing(const ToolProvider& provider, const ServerInfo& info)
    : provider_(provider),
      page_size_(std::max(1, info.tools_page_size)),
      modern_start_(modern::ResultStart(info)) {}

const std::string* ToolListing::Page(ProtocolVersion version,
                                     const RequestContext& context,
                                     absl::string_view cursor) {
  // Lists that depend on the caller must not be shared by clients' caches.
  const bool shared = context.principal == nullptr;
  std::string key = {static_cast<char>(version), shared ? 's' : 'p'};
  Shown shown;
  for (const ToolDefinition& tool : provider_.tools()) {
    const bool shows = provider_.Shows(tool, context);
    key += shows ? '1' : '0';
    if (shows) shown.push_back(&tool);
  }
  if (kept_.size() >= kMaxKept && !kept_.contains(key)) kept_.clear();
  Pages& pages = kept_[key];
  if (pages.empty()) pages = Render(version, shared, shown);
  for (const RenderedPage& page : pages) {
    if (page.cursor == cursor) return &page.json;
  }
  return nullptr;
}

ToolListing::Pages ToolListing::Render(ProtocolVersion version, bool shared,
                                       const Shown& shown) const {
  const std::string prefix = absl::StrCat(absl::Hex(Fingerprint(shown)), ".");
  Pages pages;
  std::size_t next = 0;
  do {
    RenderedPage page;
    if (!pages.empty()) page.cursor = absl::StrCat(prefix, pages.size());
    page.json =
        IsModern(version)
            ? absl::StrCat(modern_start_, modern::CacheHints(shared), ",")
            : "{";
    page.json += R"("tools":[)";
    const std::size_t end =
        std::min(shown.size(), next + static_cast<std::size_t>(page_size_));
    for (std::size_t i = next; i < end; ++i) {
      if (i > next) page.json += ',';
      AppendTool(page.json, *shown[i], version);
    }
    page.json += ']';
    if (end < shown.size()) {
      absl::StrAppend(&page.json, R"(,"nextCursor":")", prefix,
                      pages.size() + 1, "\"");
    }
    page.json += '}';
    pages.push_back(std::move(page));
    next = end;
  } while (next < shown.size());
  return pages;
}

}  // namespace howdah::mcp
