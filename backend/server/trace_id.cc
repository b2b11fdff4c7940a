#include "backend/server/trace_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace howdah::server {
namespace {

constexpr size_t kVersionLength = 3;  // "00-"
constexpr size_t kTraceIdLength = 32;
constexpr size_t kTraceparentLength = 55;
constexpr char kDigits[] = "0123456789abcdef";

bool IsTraceId(absl::string_view text) {
  return text.find_first_not_of(kDigits) == absl::string_view::npos &&
         text.find_first_not_of('0') != absl::string_view::npos;
}

// Empty if the text is not well formed.
absl::string_view TraceIdIn(absl::string_view traceparent) {
  if (traceparent.size() < kTraceparentLength || traceparent[2] != '-' ||
      traceparent[kVersionLength + kTraceIdLength] != '-') {
    return {};
  }
  const absl::string_view id =
      traceparent.substr(kVersionLength, kTraceIdLength);
  return IsTraceId(id) ? id : absl::string_view();
}

// Writes 16 digits.
void WriteHex(uint64_t value, char* out) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    *out++ = kDigits[(value >> shift) & 0xF];
  }
}

std::string NewTraceId() {
  // Ids have to be different, not secret.
  thread_local std::mt19937_64 generator{std::random_device{}()};
  std::string id(kTraceIdLength, '0');
  WriteHex(generator(), id.data());
  WriteHex(generator() | 1, id.data() + kTraceIdLength / 2);
  return id;
}

}  // namespace

Trace TraceFrom(absl::string_view traceparent) {
  const absl::string_view id = TraceIdIn(traceparent);
  if (id.empty()) return {NewTraceId()};
  const absl::string_view digits(kDigits);
  const size_t flags = digits.find(traceparent[kTraceparentLength - 1]);
  return {std::string(id),
          flags != absl::string_view::npos && (flags & 1) != 0};
}

}  // namespace howdah::server
