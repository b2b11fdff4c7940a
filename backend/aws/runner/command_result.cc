#include "backend/aws/runner/command_result.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/aws/json_value.h"
#include "backend/aws/runner/redaction.h"

namespace howdah::aws::runner {
namespace {

using nlohmann::json;

constexpr absl::string_view kHowToGetLess =
    "Narrow the command with its filters, --max-items or --query.";

// The list that makes a value long: the value itself, or the longest of its
// members. Null if there is none.
json* LongestList(json& value) {
  if (value.is_array()) return &value;
  if (!value.is_object()) return nullptr;
  json* longest = nullptr;
  for (json& member : value) {
    if (member.is_array() &&
        (longest == nullptr || member.size() > longest->size())) {
      longest = &member;
    }
  }
  return longest;
}

// Takes items off the end of the longest list until the value is short enough.
void Shorten(size_t most, CommandResult& result) {
  const size_t whole = DumpJson(*result.value).size();
  if (whole <= most) return;
  json* list = LongestList(*result.value);
  if (list != nullptr) {
    const size_t all = list->size();
    size_t bytes = whole;
    while (bytes > most && !list->empty()) {
      bytes -= DumpJson(list->back()).size() + 1;
      list->erase(list->size() - 1);
    }
    if (bytes <= most && !list->empty()) {
      result.truncated = absl::StrCat("Only ", list->size(), " of ", all,
                                      " items are shown: the result has ",
                                      whole, " bytes. ", kHowToGetLess);
      return;
    }
  }
  result.truncated =
      absl::StrCat("The result is not shown: it has ", whole,
                   " bytes, of which ", most, " may be. ", kHowToGetLess);
  result.value.reset();
}

void ShortenText(size_t most, size_t whole, CommandResult& result) {
  if (result.text.size() <= most && whole <= result.text.size()) return;
  size_t cut = std::min(most, result.text.size());
  // Not in the middle of a character.
  while (cut > 0 && cut < result.text.size() &&
         (static_cast<unsigned char>(result.text[cut]) & 0xc0) == 0x80) {
    --cut;
  }
  result.text.resize(cut);
  result.truncated = absl::StrCat("Only the first ", cut, " of ", whole,
                                  " bytes are shown. ", kHowToGetLess);
}

// Bytes that are no UTF-8 become U+FFFD: a protobuf string has to be UTF-8.
std::string ValidText(absl::string_view text) {
  const std::optional<json> valid =
      ParseJsonValue(DumpJson(json(std::string(text))));
  return valid ? valid->get<std::string>() : "";
}

// What the command wrote into its folder.
void AppendFiles(const CliOutput& output, bool reveal, CommandResult& result) {
  for (const auto& [name, content] : output.files) {
    if (content.empty()) continue;
    std::string text = ValidText(content);
    if (text != content) {
      text = absl::StrCat(content.size(), " bytes that are no text");
    } else if (!reveal) {
      text = RedactText(content);
      if (text != content) result.redacted.push_back(name);
    }
    absl::StrAppend(&result.text, result.text.empty() ? "" : "\n", name, ":\n",
                    text);
  }
  if (output.file_cut) {
    result.truncated = "A file is longer than what is shown.";
  }
}

// What the command printed, if that is JSON. False if it is not.
bool ReadValue(const CliOutput& output, const ResultRules& rules,
               CommandResult& result) {
  if (output.end.output_cut()) return false;
  result.value = ParseJsonValue(output.end.output);
  if (!result.value) return false;
  if (!rules.reveal) {
    result.redacted = RedactResult(*result.value, rules.sensitive);
  }
  if (rules.query) {
    absl::StatusOr<json> found = rules.query->Search(*result.value);
    result.query_status = found.status();
    result.value.reset();
    if (!found.ok()) return true;
    result.value = *std::move(found);
  }
  Shorten(rules.most_bytes, result);
  return true;
}

void ReadText(const CliOutput& output, const ResultRules& rules,
              CommandResult& result) {
  result.text =
      ValidText(absl::StripTrailingAsciiWhitespace(output.end.output));
  if (!rules.reveal) {
    std::string clean = RedactText(result.text);
    if (clean != result.text) result.redacted = {"text"};
    result.text = std::move(clean);
  }
}

}  // namespace

CommandResult MakeResult(const CliOutput& output, const ResultRules& rules) {
  CommandResult result;
  if (!ReadValue(output, rules, result)) ReadText(output, rules, result);
  AppendFiles(output, rules.reveal, result);
  ShortenText(
      rules.most_bytes,
      output.end.output_cut() ? output.end.output_bytes : result.text.size(),
      result);
  return result;
}

}  // namespace howdah::aws::runner
