#include "backend/observability/audit_log.h"

#include "absl/strings/str_cat.h"
#include "backend/observability/log.h"

namespace howdah::observability {

void StderrAuditLog::Record(const AuditRecord& record) {
  std::vector<LogField> fields = {
      {"who", record.who},
      {"method", record.method},
      {"effect", record.effect},
  };
  for (const auto& [name, value] : record.targets) {
    fields.emplace_back(absl::StrCat("target.", name), value);
  }
  fields.emplace_back("decision", record.decision);
  fields.emplace_back("code", record.code);
  if (!record.reason.empty()) fields.emplace_back("reason", record.reason);
  fields.emplace_back("dry_run", record.dry_run);
  fields.emplace_back("duration_ms",
                      absl::ToDoubleMilliseconds(record.duration));
  fields.emplace_back("trace_id", record.trace_id);
  LogAlways(LogLevel::kInfo, "audit", fields);
}

}  // namespace howdah::observability
