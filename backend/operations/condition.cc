#include "backend/operations/condition.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::operations {
namespace {

using support::ErrorBuilder;
using support::kPostgresDomain;

// Names that begin with the first have no `version`; callers hold some that are
// older than that member.
constexpr char kWithoutVersion = 1;
constexpr char kWithVersion = 2;
constexpr size_t kLongestText = 255;

// FNV-1a: tells a mistyped name from a real one; names are no secrets.
uint32_t Checksum(absl::string_view bytes) {
  uint32_t hash = 2166136261u;
  for (unsigned char byte : bytes) hash = (hash ^ byte) * 16777619u;
  return hash;
}

void PutNumber(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift);
  }
}

void PutText(absl::string_view text, std::string& out) {
  text = text.substr(0, kLongestText);
  out += static_cast<char>(text.size());
  absl::StrAppend(&out, text);
}

// Takes values off the front; `ok` turns false at the first that is missing.
struct Cursor {
  absl::string_view left;
  bool ok = true;

  absl::string_view Take(size_t size) {
    if (left.size() < size) {
      ok = false;
      return {};
    }
    absl::string_view taken = left.substr(0, size);
    left.remove_prefix(size);
    return taken;
  }
  uint8_t Byte() {
    absl::string_view byte = Take(1);
    return ok ? static_cast<uint8_t>(byte[0]) : 0;
  }
  uint32_t Number() {
    uint32_t number = 0;
    for (char byte : Take(4)) {
      number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
  }
  std::string Text() { return std::string(Take(Byte())); }
};

absl::Status InvalidName() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument,
                      "OPERATION_NAME_INVALID", kPostgresDomain)
      .Message(
          "name is no name of an operation; pass operation.name just as the "
          "call that began the work returned it.")
      .Field("name", "operation.name of an earlier answer")
      .Build();
}

absl::Status Gone(const Condition& condition) {
  return ErrorBuilder(absl::StatusCode::kNotFound, "OPERATION_TARGET_GONE",
                      kPostgresDomain)
      .Message(absl::StrCat("Cluster ", condition.namespace_name, "/",
                            condition.name,
                            " was deleted before the operation was done."))
      .With("cluster", condition.name)
      .With("namespace", condition.namespace_name)
      .Build();
}

absl::Status Overtaken(const Condition& condition, int32_t wanted) {
  return ErrorBuilder(absl::StatusCode::kAborted, "OPERATION_OVERTAKEN",
                      kPostgresDomain)
      .Message(absl::StrCat("Cluster ", condition.namespace_name, "/",
                            condition.name, " is now wanted with ", wanted,
                            " instances instead of ", condition.instances,
                            "; follow the operation of the later change."))
      .With("cluster", condition.name)
      .With("namespace", condition.namespace_name)
      .With("wanted", absl::StrCat(wanted))
      .With("awaited", absl::StrCat(condition.instances))
      .Build();
}

absl::Status DeadEnd(const Condition& condition, const Observed& observed) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                      "OPERATION_DEAD_END", kPostgresDomain)
      .Message(absl::StrCat("Cluster ", condition.namespace_name, "/",
                            condition.name, ": ", observed.dead_end))
      .With("cluster", condition.name)
      .With("namespace", condition.namespace_name)
      .With("phase", observed.phase)
      .Build();
}

Evaluation Failed(absl::Status error) {
  Evaluation evaluation;
  evaluation.done = true;
  evaluation.message = std::string(error.message());
  evaluation.error = std::move(error);
  return evaluation;
}

Evaluation EvaluateDeletion(const Condition& condition,
                            const Observed& observed) {
  Evaluation evaluation;
  std::string who =
      absl::StrCat("Cluster ", condition.namespace_name, "/", condition.name);
  if (!observed.exists || observed.uid != condition.uid) {
    evaluation.done = true;
    evaluation.progress_percent = 100;
    evaluation.message = absl::StrCat(who, " is gone.");
    return evaluation;
  }
  evaluation.progress_percent = observed.deleting ? 50 : 10;
  evaluation.message = absl::StrCat(who, " is being deleted.");
  return evaluation;
}

Evaluation EvaluateInstances(const Condition& condition,
                             const Observed& observed) {
  if (!observed.exists || observed.uid != condition.uid || observed.deleting) {
    return Failed(Gone(condition));
  }
  if (observed.wanted_instances != condition.instances) {
    return Failed(Overtaken(condition, observed.wanted_instances));
  }
  if (!observed.dead_end.empty()) return Failed(DeadEnd(condition, observed));

  Evaluation evaluation;
  int32_t wanted = condition.instances;
  int32_t ready = observed.ready_instances;
  evaluation.done = ready == wanted && observed.reported_instances == wanted &&
                    observed.has_primary && observed.settled;
  // After a scale-down more are ready than wanted.
  int32_t distance = std::min(wanted, std::abs(wanted - ready));
  evaluation.progress_percent =
      evaluation.done ? 100 : 10 + 85 * (wanted - distance) / wanted;
  evaluation.message =
      absl::StrCat(ready, " of ", wanted,
                   wanted == 1 ? " instance" : " instances", " ready");
  if (evaluation.done || observed.phase.empty()) {
    absl::StrAppend(&evaluation.message, ".");
  } else {
    absl::StrAppend(&evaluation.message, ": ", observed.phase,
                    observed.phase_reason.empty() ? "" : ", ",
                    observed.phase_reason, ".");
  }
  return evaluation;
}

}  // namespace

std::string EncodeName(const Condition& condition) {
  std::string bytes;
  bytes += condition.version.empty() ? kWithoutVersion : kWithVersion;
  bytes += static_cast<char>(condition.kind);
  PutText(condition.context, bytes);
  PutText(condition.namespace_name, bytes);
  PutText(condition.name, bytes);
  PutText(condition.uid, bytes);
  PutNumber(static_cast<uint32_t>(condition.instances), bytes);
  PutNumber(static_cast<uint32_t>(condition.detail), bytes);
  if (!condition.version.empty()) PutText(condition.version, bytes);
  PutNumber(Checksum(bytes), bytes);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<Condition> DecodeName(absl::string_view name) {
  std::string bytes;
  if (name.size() > 2048 || !absl::WebSafeBase64Unescape(name, &bytes)) {
    return InvalidName();
  }
  Cursor cursor{bytes};
  const uint8_t format = cursor.Byte();
  uint8_t kind = cursor.Byte();
  Condition condition;
  condition.kind = static_cast<Condition::Kind>(kind);
  condition.context = cursor.Text();
  condition.namespace_name = cursor.Text();
  condition.name = cursor.Text();
  condition.uid = cursor.Text();
  condition.instances = static_cast<int32_t>(cursor.Number());
  condition.detail = static_cast<int32_t>(cursor.Number());
  if (format == kWithVersion) condition.version = cursor.Text();
  bool known_kind =
      kind >= static_cast<uint8_t>(Condition::Kind::kClusterReady) &&
      kind <= static_cast<uint8_t>(Condition::Kind::kClusterDeleted);
  bool deletion = condition.kind == Condition::Kind::kClusterDeleted;
  bool plausible =
      deletion ? condition.instances == 0 : condition.instances >= 1;
  // Encoding it again must give the same text: that covers the checksum, bytes
  // left over and unusual base64.
  if (!known_kind || !cursor.ok || !plausible || condition.name.empty() ||
      EncodeName(condition) != name) {
    return InvalidName();
  }
  return condition;
}

Evaluation Evaluate(const Condition& condition, const Observed& observed) {
  if (condition.kind == Condition::Kind::kClusterDeleted) {
    return EvaluateDeletion(condition, observed);
  }
  return EvaluateInstances(condition, observed);
}

}  // namespace howdah::operations
