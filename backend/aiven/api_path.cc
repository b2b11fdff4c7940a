#include "backend/aiven/api_path.h"

#include "absl/strings/str_cat.h"
#include "backend/aiven/errors.h"
#include "proto/support/formats.h"
#include "proto/support/status_macros.h"

namespace howdah::aiven {
namespace {

absl::Status Check(absl::string_view what, absl::string_view name) {
  const bool good =
      support::FormatFacts(mcp::v1::FORMAT_AIVEN_NAME).matches(name);
  return good ? absl::OkStatus() : BadName(what, name);
}

}  // namespace

absl::StatusOr<std::string> ProjectPath(absl::string_view project,
                                        absl::string_view rest) {
  RETURN_IF_ERROR(Check("project_name", project));
  return absl::StrCat("/project/", project, rest);
}

absl::StatusOr<std::string> ServicePath(absl::string_view project,
                                        absl::string_view service,
                                        absl::string_view rest) {
  RETURN_IF_ERROR(Check("service_name", service));
  return ProjectPath(project, absl::StrCat("/service/", service, rest));
}

}  // namespace howdah::aiven
