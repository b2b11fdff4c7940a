// Rendered answers, by the bytes of the message that they were rendered from.
//
// Rendering is a pure function: the same message, asked for in the same form,
// gives the same text. Assistants and dashboards ask for the same cluster again
// and again while nothing happens, so what was rendered last is kept. Nothing
// can be stale: the backend is asked each time, only reading its answer and
// rendering it are saved.
//
//   const AnswerKey key("get_cluster_status", {.detailed = true}, bytes);
//   if (const auto* known = cache.Find(key); known != nullptr) return *known;
//   cache.Keep(key, Render(message));
#ifndef HOWDAH_ADAPTER_TOOLS_ANSWER_CACHE_H_
#define HOWDAH_ADAPTER_TOOLS_ANSWER_CACHE_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "adapter/mcp/tool_provider.h"
#include "adapter/tools/answer_rendering.h"

namespace howdah::tools {

// What an answer depends on. Threads: a value.
class AnswerKey {
 public:
  // `message_bytes`: as they arrived. Equal bytes mean equal messages; equal
  // messages with other bytes are just rendered again.
  AnswerKey(absl::string_view tool_name, AnswerForm form,
            absl::string_view message_bytes);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Threads: one. Owns: copies of keys and answers.
// Limits: about 8 MiB; when full it begins anew, which costs each answer that
// is still asked for one rendering.
class AnswerCache {
 public:
  // Null if the answer is not known. Valid until the next Keep.
  const mcp::ToolResult* Find(const AnswerKey& key) const;
  // Keeps the answer, unless it alone is too large.
  void Keep(const AnswerKey& key, const mcp::ToolResult& answer);

 private:
  absl::flat_hash_map<std::string, mcp::ToolResult> answers_;
  size_t bytes_ = 0;
};

}  // namespace howdah::tools

#endif  // HOWDAH_ADAPTER_TOOLS_ANSWER_CACHE_H_
