// The command line of howdahctl, parsed against the contract's commands.
//
//   howdahctl clusters create demo --instances 3 --wait -o json
//   => command: clusters create; request: {name: "demo", instances: 3};
//      wait: true; output: kJson
//
// The flags of a command come from the contract at run time; those that every
// command has are of global_options.h.
#ifndef HOWDAH_CLIENTS_CTL_ARGUMENTS_H_
#define HOWDAH_CLIENTS_CTL_ARGUMENTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/ctl/command.h"
#include "clients/ctl/global_options.h"
#include "google/protobuf/message.h"
#include "proto/support/environment.h"

namespace howdah::ctl {

// Where secrets come from, so that they never stand on the command line.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // Asks on the terminal, without an echo.
  virtual absl::StatusOr<std::string> Ask(const std::string& what) = 0;
  // First line of a file; "-" is the standard input.
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path) = 0;
};

// What is to be done.
struct Invocation {
  GlobalOptions options;
  // Words before the flags that name no command, for example a resource alone.
  std::vector<std::string> words;
  const Command* command = nullptr;
  std::unique_ptr<google::protobuf::Message> request;
  // Of a waitable command: follow the operation here. Not in the request.
  bool wait = false;
  int wait_seconds = 0;  // 0: as the operation has it
};

// Errors are INVALID_ARGUMENT with a sentence for the user.
absl::StatusOr<Invocation> ParseArguments(
    const std::vector<std::string>& words,
    const support::EnvironmentOf& environment, const CommandList& commands,
    SecretSource& secrets);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_ARGUMENTS_H_
