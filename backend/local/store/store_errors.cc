#include "backend/local/store/store_errors.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace howdah::local {
namespace {

std::string QualifiedName(const ResourceType& type, absl::string_view name) {
  return absl::StrCat(type.plural, type.group.empty() ? "" : ".", type.group,
                      " \"", name, "\"");
}

}  // namespace

absl::Status ObjectNotFound(const ResourceType& type, absl::string_view name) {
  return absl::NotFoundError(
      absl::StrCat(QualifiedName(type, name), " not found"));
}

absl::Status ObjectExists(const ResourceType& type, absl::string_view name) {
  return absl::AlreadyExistsError(
      absl::StrCat(QualifiedName(type, name), " already exists"));
}

absl::Status PreconditionDiffers(const ResourceType& type,
                                 absl::string_view name, absl::string_view fact,
                                 absl::string_view wanted,
                                 absl::string_view actual) {
  return absl::AbortedError(absl::StrCat(
      "Operation cannot be fulfilled on ", QualifiedName(type, name), ": the ",
      fact, " in the precondition (", wanted, ") does not match the ", fact,
      " in record (", actual, "). The object might have been ",
      fact == "UID" ? "deleted and then recreated" : "modified"));
}

absl::Status VersionTooOld(uint64_t wanted, uint64_t oldest) {
  return absl::OutOfRangeError(
      absl::StrCat("too old resource version: ", wanted, " (", oldest, ")"));
}

absl::Status VersionFromTheFuture(uint64_t wanted, uint64_t newest) {
  return absl::OutOfRangeError(absl::StrCat(
      "Too large resource version: ", wanted, ", current: ", newest));
}

}  // namespace howdah::local
