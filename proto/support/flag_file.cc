#include "proto/support/flag_file.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::support {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestFile = 1 << 20;

// False if a flag cannot have such a value.
bool AppendFlag(const std::string& name, const Json& value,
                std::vector<std::string>& out) {
  if (value.is_null()) return true;
  if (value.is_boolean()) {
    if (value.get<bool>()) out.push_back(absl::StrCat("--", name));
    return true;
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    // An empty value cannot stand behind "=".
    out.push_back(absl::StrCat("--", name, text.empty() ? "" : "=", text));
    if (text.empty()) out.emplace_back();
    return true;
  }
  if (value.is_number()) {
    out.push_back(absl::StrCat("--", name, "=", value.dump()));
    return true;
  }
  return false;
}

}  // namespace

absl::Status BadFlagFile(absl::string_view path, absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_CONFIG_FILE",
                      kHowdahDomain)
      .Message(absl::StrCat("The configuration file ", path, " ", what))
      .Build();
}

absl::StatusOr<std::vector<FileFlag>> ParseFlagFile(absl::string_view text,
                                                    absl::string_view path) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr,
                                /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return BadFlagFile(
        path, "is no JSON object; write for example {\"port\": 3000}.");
  }
  std::vector<FileFlag> flags;
  for (const auto& [name, value] : json.items()) {
    FileFlag flag = {name, {}};
    bool good = true;
    if (value.is_array()) {
      for (const Json& element : value) {
        good =
            good && !element.is_null() && AppendFlag(name, element, flag.words);
      }
    } else {
      good = AppendFlag(name, value, flag.words);
    }
    if (!good) {
      return BadFlagFile(path,
                         absl::StrCat("gives \"", name,
                                      "\" a value that no flag has; give a "
                                      "string, a number, true, false or a "
                                      "list."));
    }
    flags.push_back(std::move(flag));
  }
  return flags;
}

absl::StatusOr<std::vector<FileFlag>> ReadFlagFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return BadFlagFile(path, "cannot be read.");
  std::string text;
  std::istreambuf_iterator<char> next(file), end;
  while (next != end && text.size() <= kLongestFile) text.push_back(*next++);
  if (file.bad() || text.size() > kLongestFile) {
    return BadFlagFile(path, "cannot be read, or is longer than 1 MiB.");
  }
  return ParseFlagFile(text, path);
}

}  // namespace howdah::support
