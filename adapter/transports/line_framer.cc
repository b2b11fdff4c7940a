#include "adapter/transports/line_framer.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace howdah::transports {
namespace {

// Memory kept for the next unfinished line.
constexpr std::size_t kKeptBytes = 256 * 1024;

}  // namespace

void LineFramer::Feed(absl::string_view bytes, const Visitor& visitor) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const bool complete = newline != absl::string_view::npos;
    absl::string_view piece = complete ? bytes.substr(0, newline) : bytes;
    bytes.remove_prefix(complete ? newline + 1 : bytes.size());
    if (!skipping_ && partial_.size() + piece.size() > limit_) {
      skipping_ = true;
      std::string().swap(partial_);  // Assigning would keep the memory.
      visitor.too_long();
    }
    if (skipping_) {
      skipping_ = !complete;
    } else if (!complete) {
      partial_.append(piece.data(), piece.size());
    } else if (partial_.empty()) {
      Emit(piece, visitor);
    } else {
      partial_.append(piece.data(), piece.size());
      // Taken out first: the visitor may feed or end this framer.
      std::string line = std::exchange(partial_, std::string());
      Emit(line, visitor);
      line.clear();
      if (partial_.empty() && line.capacity() <= kKeptBytes) {
        partial_ = std::move(line);
      }
    }
  }
}

void LineFramer::End(const Visitor& visitor) {
  std::string line = std::exchange(partial_, std::string());
  skipping_ = false;
  Emit(line, visitor);
}

void LineFramer::Emit(absl::string_view line, const Visitor& visitor) {
  line = absl::StripAsciiWhitespace(line);
  if (!line.empty()) visitor.line(line);
}

}  // namespace howdah::transports
