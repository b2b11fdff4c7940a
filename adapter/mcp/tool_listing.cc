#include "adapter/mcp/tool_listing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/paging.h"

namespace howdah::mcp {
namespace {

using jsonrpc::AppendString;

// How long a list that tells its changes may be kept.
constexpr absl::Duration kListTtl = absl::Minutes(5);

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

}  // namespace

const std::string* ToolListing::Page(ProtocolVersion version,
                                     const RequestContext& context,
                                     absl::string_view cursor) {
  // Lists that depend on the caller must not be shared by clients' caches.
  const bool shared = context.principal == nullptr && !context.narrowed;
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
  std::vector<absl::string_view> names;
  for (const ToolDefinition* tool : shown) names.push_back(tool->name);
  const Paging paging(names, page_size_);
  Pages pages;
  PageRange range;
  do {
    RenderedPage page;
    page.cursor = range.next;
    range = *paging.At(page.cursor);
    results_.BeginObject(page.json, version);
    AppendCacheHint(page.json, {kListTtl, shared}, version);
    page.json += R"("tools":[)";
    for (std::size_t i = range.begin; i < range.end; ++i) {
      if (i > range.begin) page.json += ',';
      AppendTool(page.json, *shown[i], version);
    }
    page.json += "],";
    AppendText(page.json, "nextCursor", range.next);
    EndObject(page.json);
    pages.push_back(std::move(page));
  } while (!range.next.empty());
  return pages;
}

}  // namespace howdah::mcp
