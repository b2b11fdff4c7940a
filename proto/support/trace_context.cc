#include "proto/support/trace_context.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_cat.h"

namespace howdah::support {
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

// Ids have to be different, not secret.
uint64_t Random() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return generator();
}

std::string NewTraceId() {
  std::string id(kTraceIdLength, '0');
  WriteHex(Random(), id.data());
  WriteHex(Random() | 1, id.data() + kTraceIdLength / 2);
  return id;
}

}  // namespace

TraceContext TraceFrom(absl::string_view traceparent) {
  const absl::string_view id = TraceIdIn(traceparent);
  if (id.empty()) return {NewTraceId()};
  const absl::string_view digits(kDigits);
  const size_t flags = digits.find(traceparent[kTraceparentLength - 1]);
  return {std::string(id),
          flags != absl::string_view::npos && (flags & 1) != 0};
}

std::string ChildTraceparent(const TraceContext& trace) {
  if (trace.id.empty()) return {};
  constexpr size_t kSpanIdLength = 16;
  std::string span(kSpanIdLength, '0');
  WriteHex(Random() | 1, span.data());
  return absl::StrCat("00-", trace.id, "-", span,
                      trace.sampled ? "-01" : "-00");
}

}  // namespace howdah::support
