#include "adapter/catalogue/icons.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace howdah::catalogue {
namespace {

// A drum, as databases have been drawn since there were drums.
constexpr absl::string_view kDatabase =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8' fill='none' "
    "stroke='#367'><path d='M1 2v4q3 2 6 0V2q-3-2-6 0 3 2 6 0'/></svg>";

absl::string_view Drawing(absl::string_view toolset) {
  return toolset == "postgres" ? kDatabase : absl::string_view();
}

}  // namespace

std::string ToolsetIcons(absl::string_view toolset) {
  const absl::string_view drawing = Drawing(toolset);
  if (drawing.empty()) return "";
  return absl::StrCat(R"([{"src":"data:image/svg+xml;base64,)",
                      absl::Base64Escape(drawing), R"(","sizes":["any"]}])");
}

}  // namespace howdah::catalogue
