// The flags that every command of howdahctl has, wherever they are said.
//
//   ReadGlobalOptions({"--output=json"}, environment)
//   => output: kJson; address: HOWDAH_ADDRESS, else 127.0.0.1:50051
//
// Which wins is decided as for all programs (proto/support/program_flags.h).
#ifndef HOWDAH_CLIENTS_CTL_GLOBAL_OPTIONS_H_
#define HOWDAH_CLIENTS_CTL_GLOBAL_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/support/environment.h"

namespace howdah::ctl {

// kWide: tables with every field.
enum class Output { kTable, kWide, kJson, kYaml };

// Threads: a value.
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
  // Version or configuration, to be printed instead of a call.
  std::string print;
};

// One of them, for the command line, help and completion.
struct GlobalFlag {
  std::string flag;   // "--output"
  std::string brief;  // "-o", or empty
  bool takes_value = false;
  std::string term;  // "-o, --output FORMAT"
  std::string comment;
  std::vector<std::string> choices;
};
const std::vector<GlobalFlag>& GlobalFlags();

// `words` are flags alone. INVALID_ARGUMENT with a sentence for the user.
absl::StatusOr<GlobalOptions> ReadGlobalOptions(
    const std::vector<std::string>& words,
    const support::EnvironmentOf& environment);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_GLOBAL_OPTIONS_H_
