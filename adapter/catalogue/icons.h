// Icons of the toolsets, so that people see at a glance what a tool works on.
//
//   ToolsetIcons("postgres")   // [{"src":"data:image/svg+xml;base64,..."}]
//
// They travel with every list of tools, hence their size: a few strokes each.
#ifndef HOWDAH_ADAPTER_CATALOGUE_ICONS_H_
#define HOWDAH_ADAPTER_CATALOGUE_ICONS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace howdah::catalogue {

// A JSON array; empty for a toolset without an icon.
std::string ToolsetIcons(absl::string_view toolset);

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_ICONS_H_
