// The command line of howdahctl, parsed against the contract's commands.
//
//   howdahctl clusters create demo --instances 3 --wait -o json
//   => command: clusters create; request: {name: "demo", instances: 3};
//      wait: true; output: kJson
//
// The flags of a command come from the contract at run time, which is why they
// are not Boost.Program_options here.
#ifndef HOWDAH_CLIENTS_CTL_ARGUMENTS_H_
#define HOWDAH_CLIENTS_CTL_ARGUMENTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/ctl/command.h"
#include "google/protobuf/message.h"

namespace howdah::ctl {

// kWide: tables with every field.
enum class Output { kTable, kWide, kJson, kYaml };

// Flags that every command has.
struct GlobalOptions {
  std::string address = "127.0.0.1:50051";
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::string token_file;
  Output output = Output::kTable;
  bool watch = false;
  absl::Duration interval = absl::Seconds(2);
  bool yes = false;
  bool help = false;
  bool version = false;
};

// A flag that every command has, for help and completion.
struct GlobalFlag {
  std::string flag;   // "--output"
  std::string brief;  // "-o", or empty
  std::string value;  // "FORMAT", or empty for a switch
  std::string comment;
  std::vector<std::string> choices;
};
const std::vector<GlobalFlag>& GlobalFlags();

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
absl::StatusOr<Invocation> ParseArguments(const std::vector<std::string>& words,
                                          const GlobalOptions& defaults,
                                          const CommandList& commands,
                                          SecretSource& secrets);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_ARGUMENTS_H_
