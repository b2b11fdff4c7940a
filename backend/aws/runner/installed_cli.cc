#include "backend/aws/runner/installed_cli.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/support/status_macros.h"

namespace howdah::aws::runner {
namespace {

absl::StatusOr<ProgramResult> RunToItsEnd(process::ProgramPool& pool,
                                          const ProgramRun& run) {
  process::Program program;
  program.command.argv = run.argv;
  program.command.environment = run.environment;
  program.command.directory = run.directory;
  program.until = absl::Now() + run.limit;
  ASSIGN_OR_RETURN(process::ProgramEnd end,
                   pool.RunAndWait(std::move(program)));
  if (end.how != process::ProgramEnd::How::kExited) {
    return absl::UnavailableError(absl::StrCat(
        "it did not end within ", absl::FormatDuration(run.limit)));
  }
  return ProgramResult{.exit_code = end.code,
                       .output = std::move(end.output),
                       .errors = std::move(end.errors)};
}

}  // namespace

absl::StatusOr<FoundCli> InstalledCli::Find() {
  const std::lock_guard lock(mutex_);
  if (index_ == nullptr || !index_->IsCurrent()) {
    ASSIGN_OR_RETURN(program_, FindAwsCli(options_.name, options_.path));
    ASSIGN_OR_RETURN(
        index_,
        InstalledIndex::Open({.program = program_,
                              .cache_directory = options_.cache_directory,
                              .run = [&pool = pool_](const ProgramRun& run) {
                                return RunToItsEnd(pool, run);
                              }}));
  }
  return FoundCli{program_, index_};
}

}  // namespace howdah::aws::runner
