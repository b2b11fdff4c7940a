// Decides whether text is JSON that may go further, in one pass.
//
//   checker.Check(R"({"a":1,"a":2})")  -> {kDuplicateKey, "a"}
//
// simdjson does the work. Parsers behind this one keep the last of two equal
// keys silently, and some recurse without limit, so both are refused here.
#ifndef HOWDAH_ADAPTER_JSONRPC_JSON_CHECKER_H_
#define HOWDAH_ADAPTER_JSONRPC_JSON_CHECKER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace howdah::jsonrpc {

enum class Defect { kNone, kNotJson, kBadUtf8, kTooDeep, kDuplicateKey };

struct CheckResult {
  Defect defect = Defect::kNone;
  // The key, or what simdjson says.
  std::string detail;
};

// Threads: one at a time.
// Owns: scratch memory, reused; given back after an unusually long text.
// Limits: numbers are checked by grammar only, so that long ones pass
// unchanged.
class JsonChecker {
 public:
  // Arrays and objects inside each other.
  static constexpr int kMaxDepth = 64;

  JsonChecker();
  ~JsonChecker();

  // Of several defects kNotJson and kBadUtf8 win, then the first. After the
  // other two the text is still well formed down to kMaxDepth.
  CheckResult Check(absl::string_view text);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::jsonrpc

#endif  // HOWDAH_ADAPTER_JSONRPC_JSON_CHECKER_H_
