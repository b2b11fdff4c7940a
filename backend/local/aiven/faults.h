// Faults that a test asks the sandbox for.
//
//   ASSIGN_OR_RETURN(Fault fault, ParseFault(json));
//   Faults faults;  faults.Add(fault);
//   std::optional<Fault> hit = faults.Take("GET", "/v1/project", "default");
//
// A fault is one JSON object:
//   {"method": "GET", "path": "/v1/project/[^/]+/service", "kind": "status",
//    "status": 503, "body": "", "times": 2}
// `path` is a regular expression (RE2) for the whole path without the query;
// method, path and `token` (its label) may be left out and then match all.
// Kinds: `status` (with `status`, and `body` or `message`, `content_type`,
// `retry_after_seconds`), `reset` (the connection is reset), `half` (half of
// the body), `hang` (no answer at all), `slow` (with `delay_ms`), `not_json`,
// `surprise` (unknown enum values and fields, nulls in text fields, optional
// fields missing), `no_content` (success without a body).
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_FAULTS_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_FAULTS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "re2/re2.h"

namespace howdah::local::aiven {

enum class FaultKind {
  kStatus,
  kReset,
  kHalf,
  kHang,
  kSlow,
  kNotJson,
  kSurprise,
  kNoContent,
};

struct Fault {
  FaultKind kind = FaultKind::kStatus;
  std::string method;               // empty: any
  std::shared_ptr<const RE2> path;  // null: any
  std::string token;                // empty: any
  int times = 1;
  int status = 500;
  std::optional<std::string> body;
  std::string content_type;
  std::optional<int> retry_after_seconds;
  absl::Duration delay;
};

// 400 in Aiven's words, naming the field that is wrong.
absl::StatusOr<Fault> ParseFault(const nlohmann::json& json);

// Threads: not safe. Owns: the faults still to come.
class Faults {
 public:
  void Add(Fault fault) { waiting_.push_back(std::move(fault)); }
  void Clear() { waiting_.clear(); }
  // The first that matches; it is used up after its number of times.
  std::optional<Fault> Take(absl::string_view method, absl::string_view path,
                            absl::string_view token);

 private:
  std::vector<Fault> waiting_;
};

// A body as a newer or stranger API might send it.
nlohmann::json Surprising(nlohmann::json body);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_FAULTS_H_
