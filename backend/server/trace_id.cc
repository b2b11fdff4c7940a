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

void AppendHex(std::string& out, uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    out.push_back(kDigits[(value >> shift) & 0xF]);
  }
}

std::string NewTraceId() {
  // Ids have to be different, not secret.
  thread_local std::mt19937_64 generator{std::random_device{}()};
  std::string id;
  id.reserve(kTraceIdLength);
  AppendHex(id, generator());
  AppendHex(id, generator() | 1);
  return id;
}

}  // namespace

std::string TraceIdFrom(absl::string_view traceparent) {
  if (traceparent.size() >= kTraceparentLength && traceparent[2] == '-' &&
      traceparent[kVersionLength + kTraceIdLength] == '-') {
    const absl::string_view id =
        traceparent.substr(kVersionLength, kTraceIdLength);
    if (IsTraceId(id)) return std::string(id);
  }
  return NewTraceId();
}

}  // namespace howdah::server
