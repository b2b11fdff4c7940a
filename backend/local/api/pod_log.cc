#include "backend/local/api/pod_log.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backend/local/api/api_error.h"
#include "backend/local/store/object_rules.h"

namespace howdah::local {
namespace {

constexpr std::streamoff kMost = std::streamoff{10} * 1024 * 1024;

// The last `count` lines.
std::string Tail(const std::string& text, int64_t count) {
  if (count == 0) return "";
  size_t at = text.size();
  if (at > 0 && text[at - 1] == '\n') --at;
  while (at > 0) {
    size_t end = text.rfind('\n', at - 1);
    if (end == std::string::npos) return text;
    if (--count == 0) return text.substr(end + 1);
    at = end;
  }
  return text;
}

}  // namespace

absl::StatusOr<ApiResponse> ReadPodLog(const Json& pod, const Query& query) {
  if (QueryFlag(query, "follow")) {
    return BadRequest(
        "following a log is not supported by the local plane; ask again for "
        "more, for example with tailLines");
  }
  std::string path = pod.value(
      Json::json_pointer("/metadata/annotations/howdah.local~1log-file"),
      std::string());
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (path.empty() || !file) {
    return BadRequest(absl::StrCat("pod \"", NameOf(pod), "\" has no log yet"));
  }
  std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kMost));
  std::string text(static_cast<size_t>(std::min(size, kMost)), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  std::string lines = QueryValue(query, "tailLines");
  if (int64_t count = 0; absl::SimpleAtoi(lines, &count) && count >= 0) {
    text = Tail(text, count);
  }
  std::string limit = QueryValue(query, "limitBytes");
  if (int64_t bytes = 0; absl::SimpleAtoi(limit, &bytes) && bytes > 0) {
    text.resize(std::min(text.size(), static_cast<size_t>(bytes)));
  }
  ApiResponse response;
  response.content_type = "text/plain";
  response.body = std::move(text);
  return response;
}

}  // namespace howdah::local
