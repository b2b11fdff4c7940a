#include "backend/kubernetes/watch.h"

#include <simdjson.h>

#include <optional>
#include <string_view>
#include <utility>

#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

constexpr size_t kMaxLineBytes = size_t{64} << 20;
// A buffer that one huge object has stretched is given back.
constexpr size_t kKeptBufferBytes = size_t{1} << 20;

std::optional<WatchEvent::Type> TypeOf(std::string_view name) {
  if (name == "ADDED") return WatchEvent::Type::kAdded;
  if (name == "MODIFIED") return WatchEvent::Type::kModified;
  if (name == "DELETED") return WatchEvent::Type::kDeleted;
  if (name == "BOOKMARK") return WatchEvent::Type::kBookmark;
  return std::nullopt;
}

struct Line {
  std::string type;
  std::string_view object;
};

}  // namespace

class WatchParser::Impl {
 public:
  Impl(Asked asked, std::function<void(const WatchEvent&)> on_event)
      : asked_(std::move(asked)), on_event_(std::move(on_event)) {}

  absl::Status Feed(absl::string_view bytes) {
    // Only the new bytes can hold a newline.
    size_t searched = buffer_.size();
    buffer_.append(bytes.data(), bytes.size());
    size_t begin = 0;
    for (;;) {
      const size_t end = buffer_.find('\n', searched);
      if (end == std::string::npos) break;
      RETURN_IF_ERROR(ReadLine(begin, end));
      begin = searched = end + 1;
    }
    buffer_.erase(0, begin);
    if (buffer_.size() > kMaxLineBytes) {
      return MalformedAnswer(asked_, "a watch event is larger than 64 MiB");
    }
    if (buffer_.empty() && buffer_.capacity() > kKeptBufferBytes) {
      buffer_.shrink_to_fit();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadLine(size_t begin, size_t end) {
    if (end > begin && buffer_[end - 1] == '\r') --end;
    if (end == begin) return absl::OkStatus();
    // simdjson reads, but does not interpret, some bytes behind the text.
    buffer_.reserve(buffer_.size() + simdjson::SIMDJSON_PADDING);
    Line line;
    if (!Parse(simdjson::padded_string_view(buffer_.data() + begin, end - begin,
                                            buffer_.capacity() - begin),
               line)) {
      return MalformedAnswer(asked_, "a watch event is not valid JSON");
    }
    const absl::string_view object(line.object.data(), line.object.size());
    if (line.type == "ERROR") return ErrorOfStatusObject(asked_, object);
    const std::optional<WatchEvent::Type> type = TypeOf(line.type);
    if (!type) {
      return MalformedAnswer(asked_, "a watch event has no known type");
    }
    on_event_({*type, object});
    return absl::OkStatus();
  }

  bool Parse(simdjson::padded_string_view text, Line& line) {
    simdjson::ondemand::document document;
    simdjson::ondemand::object fields;
    if (parser_.iterate(text).get(document) != simdjson::SUCCESS ||
        document.get_object().get(fields) != simdjson::SUCCESS) {
      return false;
    }
    for (auto result : fields) {
      simdjson::ondemand::field field;
      std::string_view key;
      if (std::move(result).get(field) != simdjson::SUCCESS ||
          field.unescaped_key().get(key) != simdjson::SUCCESS) {
        return false;
      }
      if (key == "type") {
        std::string_view type;
        if (field.value().get_string().get(type) != simdjson::SUCCESS) {
          return false;
        }
        line.type = type;
      } else if (key == "object") {
        simdjson::ondemand::object object;
        if (field.value().get_object().get(object) != simdjson::SUCCESS ||
            object.raw_json().get(line.object) != simdjson::SUCCESS) {
          return false;
        }
      }
    }
    return !line.type.empty() && !line.object.empty();
  }

  const Asked asked_;
  const std::function<void(const WatchEvent&)> on_event_;
  std::string buffer_;
  simdjson::ondemand::parser parser_;
};

WatchParser::WatchParser(Asked asked,
                         std::function<void(const WatchEvent&)> on_event)
    : impl_(std::make_unique<Impl>(std::move(asked), std::move(on_event))) {}

WatchParser::~WatchParser() = default;

absl::Status WatchParser::Feed(absl::string_view bytes) {
  return impl_->Feed(bytes);
}

}  // namespace howdah::kubernetes
