// Runs commands of the AWS CLI: without a shell, with an environment made from
// a list, a home and a folder of its own.
//
//   CliRunner runner(options, pool);
//   runner.Run({.arguments = parsed.argv, .profile = "prod",
//                .until = call.deadline, .cancelled = call.cancelled},
//               [](absl::StatusOr<CliOutput> output) { … });
//
// What the CLI is given: config and credentials as far as they may pass
// (cli_config.h), the caches of single sign-on, profile and regions,
// web-identity and container credentials, proxies. What it is not given:
// plug-ins, aliases, models, endpoints; the one endpoint there can be is the
// operator's.
#ifndef HOWDAH_BACKEND_AWS_RUNNER_CLI_RUNNER_H_
#define HOWDAH_BACKEND_AWS_RUNNER_CLI_RUNNER_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backend/aws/runner/cli_config.h"
#include "backend/aws/runner/private_folder.h"
#include "backend/process/program_pool.h"

namespace howdah::aws::runner {

using Environment = std::map<std::string, std::string>;

// Names of the variables that matter here: of those that are passed on, and of
// those that tell where the files are.
std::vector<std::string> KnownVariables();

struct CliRunnerOptions {
  Environment environment;   // the server's own; the known ones suffice
  std::string endpoint_url;  // for all services; empty: AWS
  size_t most_output = size_t{4} << 20;
};

// One command.
struct CliCall {
  std::string program;                      // absolute path
  std::vector<std::string> arguments = {};  // service, command, options
  // For --cli-input-json, from a private file; empty: none.
  std::string input_json = {};
  std::string profile = {};  // empty: as the CLI finds one
  std::string region = {};
  // W3C trace id of the call that it is run for; empty: none. AWS gets it in
  // the name of the client (docs/aws.md).
  std::string trace_id = {};
  // Files that the command writes into its folder, by their names.
  std::vector<std::string> output_files = {};
  absl::Time until = absl::InfiniteFuture();
  std::stop_token cancelled = {};
  // When this is requested it may go on for `grace` at most.
  std::stop_token ending = {};
  absl::Duration grace = absl::ZeroDuration();
};

struct CliOutput {
  process::ProgramEnd end;
  // Contents of the output files that were written.
  std::map<std::string, std::string> files;
  // A file was longer than is kept.
  bool file_cut = false;
};

// Threads: safe. Owns: a private folder, removed at the end. The pool must
// outlive it. Limits: 1 GiB of memory and files of 256 MiB for each command.
class CliRunner {
 public:
  using Done = std::function<void(absl::StatusOr<CliOutput>)>;

  // Removes what killed servers left of their folders.
  CliRunner(CliRunnerOptions options, process::ProgramPool& pool);
  CliRunner(const CliRunner&) = delete;
  CliRunner& operator=(const CliRunner&) = delete;

  // Starts a command; `done` is called on a thread of the pool and must not
  // block. AWS_BUSY if too many run and wait; AWS_CLI_UNUSABLE where it cannot
  // be started.
  absl::Status Run(CliCall call, Done done);

  // What the CLI is called with, without the program; nothing that only
  // concerns how it prints.
  static std::vector<std::string> ArgumentsForPeople(const CliCall& call);

  // The files as they are now.
  CliConfig ReadConfig() const;
  // Profile and region of calls that name none.
  std::string DefaultProfile() const;
  std::string RegionOf(const std::string& profile) const;
  // Whether the environment has credentials for calls without a profile.
  bool HasEnvironmentCredentials() const;

 private:
  // Made for the first command.
  absl::StatusOr<std::string> OwnFolder();
  std::vector<std::string> ChildEnvironment(const std::string& folder) const;
  std::string Variable(const char* name) const;

  const CliRunnerOptions options_;
  process::ProgramPool& pool_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::unique_ptr<PrivateFolder> folder_;
};

}  // namespace howdah::aws::runner

#endif  // HOWDAH_BACKEND_AWS_RUNNER_CLI_RUNNER_H_
