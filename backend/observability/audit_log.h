// One line for each mutation that was asked for, allowed or not, and for each
// read that revealed a credential.
//
//   StderrAuditLog audit;
//   audit.Record({.who = "local", .method = "…ClusterService/ScaleCluster",
//                 .effect = "update", .targets = {{"name", "demo"}},
//                 .decision = "allowed", .code = "OK", ...});
//
// The line is a log line with "msg":"audit"; targets are the request's fields
// that the contract marks as identifiers, never secrets.
#ifndef HOWDAH_BACKEND_OBSERVABILITY_AUDIT_LOG_H_
#define HOWDAH_BACKEND_OBSERVABILITY_AUDIT_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace howdah::observability {

struct AuditRecord {
  std::string who;
  std::string method;
  // "create", "update", "delete" or "execute"; "read" of a credential.
  std::string effect;
  // Field name and value.
  std::vector<std::pair<std::string, std::string>> targets;
  // "allowed", or "denied" where policy or identity stood in the way.
  std::string decision;
  // Name of the status code, and the reason of the error if there was one.
  std::string code;
  std::string reason;
  bool dry_run = false;
  absl::Duration duration;
  std::string trace_id;
};

// Where audit lines go. Threads: safe.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void Record(const AuditRecord& record) = 0;
};

// Writes to the log, at every log level. Threads: safe.
class StderrAuditLog : public AuditLog {
 public:
  void Record(const AuditRecord& record) override;
};

}  // namespace howdah::observability

#endif  // HOWDAH_BACKEND_OBSERVABILITY_AUDIT_LOG_H_
