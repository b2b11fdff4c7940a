// A request to the sandbox and its answer, without sockets.
//
//   std::vector<std::string> path = SplitPath("/v1/project/a%20b?limit=1");
//   // {"v1", "project", "a b"}
//   ASSIGN_OR_RETURN(Json body, ParseBody(request.body));
//   RETURN_IF_ERROR(CheckFields(body, {{"limit", FieldType::kInteger}}));
#ifndef HOWDAH_BACKEND_LOCAL_AIVEN_REQUEST_H_
#define HOWDAH_BACKEND_LOCAL_AIVEN_REQUEST_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace howdah::local::aiven {

struct Request {
  std::string method;
  std::string target;  // as it was sent
  std::string authorization;
  std::string content_type;
  std::string body;
};

// How the connection goes on after the answer.
enum class Ending {
  kWhole,  // as HTTP says
  kReset,  // nothing is sent, the connection is reset
  kHalf,   // half of the body, then the end
  kHang,   // nothing is sent, the connection stays
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  absl::Duration delay;
  Ending ending = Ending::kWhole;
};

// Decoded segments. Nothing is collapsed: ".." stays a segment, a slash at the
// end makes an empty one. Empty if an escape is broken.
std::vector<std::string> SplitPath(absl::string_view target);
std::map<std::string, std::string> ParseQuery(absl::string_view target);

// An empty body is an empty object. 400 if it is no JSON object.
absl::StatusOr<nlohmann::json> ParseBody(const std::string& body);

enum class FieldType { kText, kInteger, kFlag, kObject, kArray };

struct Field {
  const char* name;
  FieldType type = FieldType::kText;
  bool required = false;
  bool may_be_null = false;
};

// 400 in the words of Aiven's validator for the first field that is missing,
// of the wrong type or unknown. Integers fit into an int.
absl::Status CheckFields(const nlohmann::json& body,
                         const std::vector<Field>& fields);

}  // namespace howdah::local::aiven

#endif  // HOWDAH_BACKEND_LOCAL_AIVEN_REQUEST_H_
