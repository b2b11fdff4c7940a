// The text of index_plugin.py, compiled in.
#ifndef HOWDAH_BACKEND_AWS_INDEX_PLUGIN_TEXT_H_
#define HOWDAH_BACKEND_AWS_INDEX_PLUGIN_TEXT_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::aws {

// One text.
const std::vector<absl::string_view>& IndexPluginText();

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_INDEX_PLUGIN_TEXT_H_
