// A request of the Kubernetes API: what HTTP said, and what it means.
//
//   RequestPath path = ParsePath("/apis/postgresql.cnpg.io/v1/namespaces/"
//                                "default/clusters/demo/status");
//   // group, version, namespace_name, plural, name, subresource
#ifndef HOWDAH_BACKEND_LOCAL_API_API_REQUEST_H_
#define HOWDAH_BACKEND_LOCAL_API_API_REQUEST_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace howdah::local {

class ResponseStream;

struct ApiRequest {
  std::string method;  // GET, POST, ...
  std::string target;  // path and query, percent-encoded
  std::string accept;
  std::string content_type;
  std::string authorization;
  std::string body;
  std::string host = {};  // as the client calls the server
  std::string user_agent = {};
};

struct ApiResponse {
  int code = 200;
  std::string content_type = "application/json";
  std::string body;
  // Texts of `Warning: 299` headers.
  std::vector<std::string> warnings;
  int retry_after = 0;  // seconds
  // Set for a watch or a followed log: the body is what it sends.
  std::shared_ptr<ResponseStream> stream;
};

using Query = std::map<std::string, std::string>;

struct Target {
  std::string path;  // decoded
  Query query;
};

// 400 if the encoding of the path is broken; pairs of the query whose encoding
// is are left out.
absl::StatusOr<Target> ParseTarget(absl::string_view target);

std::string QueryValue(const Query& query, const std::string& name);
// Whether a flag is set: to anything but "0" and "false".
bool QueryFlag(const Query& query, const std::string& name);

// "application/yaml" of "Application/YAML; charset=utf-8".
std::string MediaType(absl::string_view content_type);

// What the body says, in JSON or, by its media type, in YAML: 400 if it is
// neither, 415 if it is something else. Of a patch the type is looked at
// elsewhere, but that of server-side apply is YAML here too.
absl::StatusOr<nlohmann::json> ParseBody(const ApiRequest& request);

// What to say of fields that the body has twice in the same object: a sentence
// each, in YAML one of several lines for all.
std::vector<std::string> DuplicateFields(const ApiRequest& request);

// A resourceVersion; 0 if it is empty. The server's fault if it is no number.
absl::StatusOr<uint64_t> ParseVersion(absl::string_view text);

// Where nothing is served, what answers is no part of the API.
ApiResponse PageNotFound();

// A path to resources; `plural` is empty if it is none.
struct ResourcePath {
  std::string group;
  std::string version;
  std::string namespace_name;
  std::string plural;
  std::string name;
  std::string subresource;
  bool deeper = false;  // there is more behind the subresource
};

ResourcePath ParseResourcePath(absl::string_view path);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_API_REQUEST_H_
