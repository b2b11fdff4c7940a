#include "backend/local/api/write_options.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "backend/local/api/api_error.h"

namespace howdah::local {
namespace {

constexpr size_t kLongestManager = 128;

const char* KindOf(const std::string& method) {
  if (method == "POST") return "CreateOptions";
  return method == "PUT" ? "UpdateOptions" : "PatchOptions";
}

void CheckManager(const std::string& manager, std::vector<FieldCause>& causes) {
  if (manager.size() > kLongestManager) {
    causes.push_back({"FieldValueTooLong",
                      "Too long: may not be more than 128 bytes",
                      "fieldManager"});
  }
  // What is not ASCII may well be printable.
  const bool printable =
      std::all_of(manager.begin(), manager.end(), [](unsigned char letter) {
        return letter >= 0x80 || absl::ascii_isprint(letter);
      });
  if (!printable) {
    causes.push_back(InvalidValue("fieldManager", manager,
                                  "should only contain printable characters"));
  }
}

}  // namespace

absl::StatusOr<WriteOptions> ParseWriteOptions(const ApiRequest& request,
                                               const Query& query) {
  WriteOptions options;
  const std::string& method = request.method;
  if (method != "POST" && method != "PUT" && method != "PATCH") return options;
  std::vector<FieldCause> causes;
  const bool applies = method == "PATCH" && MediaType(request.content_type) ==
                                                "application/apply-patch+yaml";
  options.field_manager = QueryValue(query, "fieldManager");
  if (method == "PATCH" && !applies && query.contains("force")) {
    causes.push_back(
        ForbiddenValue("force", "may not be specified for non-apply patch"));
  }
  if (applies && options.field_manager.empty()) {
    causes.push_back(
        RequiredValue("fieldManager", "is required for apply patch"));
  }
  options.force = applies && QueryFlag(query, "force");
  CheckManager(options.field_manager, causes);
  const std::string dry_run = QueryValue(query, "dryRun");
  if (!dry_run.empty() && dry_run != "All") {
    causes.push_back(
        UnsupportedValue("dryRun", Json::array({dry_run}), {"All"}));
  }
  options.dry_run = dry_run == "All";
  const std::string validation = QueryValue(query, "fieldValidation");
  if (!validation.empty()) {
    if (validation != "Ignore" && validation != "Warn" &&
        validation != "Strict") {
      causes.push_back(UnsupportedValue("fieldValidation", validation,
                                        {"", "Ignore", "Strict", "Warn"}));
    }
    options.validation = validation;
  }
  if (causes.empty()) return options;
  return InvalidObject("meta.k8s.io", KindOf(method), "", causes);
}

}  // namespace howdah::local
