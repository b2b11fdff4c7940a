// howdahctl as a function: words in, text out, exit code back.
//
//   ProcessTerminal terminal;
//   return App(CommandList::FromContract(), terminal, Rpc::Connect)
//       .Run({"clusters", "list"}, environment);
#ifndef HOWDAH_CLIENTS_CTL_APP_H_
#define HOWDAH_CLIENTS_CTL_APP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/ctl/arguments.h"
#include "clients/ctl/command.h"
#include "clients/ctl/global_options.h"
#include "clients/ctl/rpc.h"
#include "clients/ctl/style.h"
#include "clients/ctl/terminal.h"
#include "proto/support/environment.h"

namespace howdah::ctl {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;      // refused, failed, or not done in time
inline constexpr int kWrongUsage = 2;  // the command line is wrong

// Threads: not safe. Owns: nothing; commands and terminal must outlive it.
class App {
 public:
  using Connect =
      std::function<absl::StatusOr<std::unique_ptr<Rpc>>(const GlobalOptions&)>;

  App(const CommandList& commands, Terminal& terminal, Connect connect);

  // Returns the exit code.
  int Run(const std::vector<std::string>& words,
          const support::EnvironmentOf& environment);

 private:
  int ShowHelp(const Invocation& invocation);
  int RefuseWords(const std::vector<std::string>& words);
  int Execute(Invocation& invocation);
  int Watch(const Invocation& invocation);
  int Call(const Invocation& invocation);
  // Shows each answer of a stream as it comes.
  int Listen(const Invocation& invocation);
  int Follow(const Invocation& invocation, const std::string& operation,
             int seconds);
  // Whether the person agrees; asks only where there is something to lose.
  bool Confirm(Invocation& invocation);
  int Fail(const absl::Status& status, const Command* command);
  std::string UsageHint(const std::vector<std::string>& words) const;
  std::string Text(const google::protobuf::Message& answer,
                   const Invocation& invocation) const;

  const CommandList& commands_;
  Terminal& terminal_;
  const Connect connect_;
  const Style style_;
  std::unique_ptr<Rpc> rpc_;
};

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_APP_H_
