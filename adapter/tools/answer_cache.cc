#include "adapter/tools/answer_cache.h"

#include "absl/strings/str_cat.h"

namespace howdah::tools {
namespace {

constexpr size_t kMostBytes = 8 << 20;
// A list of a thousand clusters with its text fits.
constexpr size_t kLargestAnswer = 2 << 20;

}  // namespace

AnswerKey::AnswerKey(absl::string_view tool_name, AnswerForm form,
                     absl::string_view message_bytes)
    : text_(absl::StrCat(tool_name, form.detailed ? "\nd" : "\nc",
                         form.json ? "j\n" : "t\n", message_bytes)) {}

const mcp::ToolResult* AnswerCache::Find(const AnswerKey& key) const {
  const auto found = answers_.find(key.text());
  return found == answers_.end() ? nullptr : &found->second;
}

void AnswerCache::Keep(const AnswerKey& key, const mcp::ToolResult& answer) {
  const size_t size =
      key.text().size() + answer.text.size() + answer.structured_json.size();
  if (size > kLargestAnswer) return;
  if (bytes_ + size > kMostBytes) {
    answers_.clear();
    bytes_ = 0;
  }
  if (answers_.try_emplace(key.text(), answer).second) bytes_ += size;
}

}  // namespace howdah::tools
