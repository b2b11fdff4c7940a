// The configuration of a program: its flags, wherever they are said. This is
// the one place that decides who wins: the command line, then the environment,
// then the file that --config names, then the default.
//
//   --drain-timeout=5        HOWDAH_DRAIN_TIMEOUT=5      {"drain-timeout": 5}
//   --read-only              HOWDAH_READ_ONLY=true       {"read-only": true}
//   --listen=a --listen=b    HOWDAH_LISTEN="a b"         {"listen": ["a", "b"]}
//
//   ProgramFlags flags("howdah-local", "HOWDAH_LOCAL_");
//   flags.Group("Where").add_options()(
//       "port", po::value(&port)->value_name("N")->default_value(6550), "…");
//   flags.AddConfiguration("howdah-local: …", "…");
//   RETURN_IF_ERROR(flags.Read(arguments, environment));
//   if (!flags.Answer().empty()) { std::cout << flags.Answer(); return 0; }
//
// A switch can be taken back: --read-only=false wins over the file's true. A
// variable that is no flag of the program, or empty, says nothing, so programs
// may share an environment. A member of the file that is no flag is refused.
#ifndef HOWDAH_PROTO_SUPPORT_PROGRAM_FLAGS_H_
#define HOWDAH_PROTO_SUPPORT_PROGRAM_FLAGS_H_

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/program_options/options_description.hpp"
#include "boost/program_options/variables_map.hpp"
#include "proto/support/environment.h"

namespace howdah::support {

// Threads: not safe. Owns: the descriptions; what their values are written to
// must outlive it.
class ProgramFlags {
 public:
  // `prefix` stands before a flag's name in the environment.
  explicit ProgramFlags(std::string program, std::string prefix = "HOWDAH_");

  ProgramFlags(const ProgramFlags&) = delete;
  ProgramFlags& operator=(const ProgramFlags&) = delete;

  // Adds a group under a title of --help.
  boost::program_options::options_description& Group(std::string title);
  // Flags that say how the program is started, not how it works: they stand on
  // the command line alone, since whoever starts others hands its environment
  // on.
  void OnlyOnCommandLine(const std::vector<std::string>& flags);
  // A flag whose variable has another name too; its own wins.
  void AlsoVariable(const std::string& flag, const std::string& variable);
  // --config, --env-file, --print-config, --help and --version, and the lines
  // that --help has before and after the flags. To be called last.
  void AddConfiguration(std::string introduction, std::string conclusion);

  // Writes the values to where they belong. Words that are no flags go to
  // `words`; without it they are refused. INVALID_ARGUMENT with reason BAD_FLAG
  // or BAD_CONFIG_FILE names what is wrong, where it was said, and the flag
  // that was probably meant. To be called once. After --help or --version
  // nothing else is read.
  absl::Status Read(const std::vector<std::string>& arguments,
                    const EnvironmentOf& environment,
                    std::vector<std::string>* words = nullptr);

  // What --help or --version asks for; else empty.
  std::string Answer() const;
  // Whether it was said anywhere.
  bool Given(const std::string& flag) const { return decided_.contains(flag); }
  // The values as a JSON object, which --config takes again, in the order of
  // the groups; without what belongs to the command line, and without `hidden`.
  // Flags name files of secrets and no secrets; a password in a URL is left
  // out.
  std::string Show(const std::set<std::string>& hidden = {}) const;
  // A flag as pages list it.
  struct Term {
    std::string flag;   // "--port"
    std::string brief;  // "-p", or empty
    bool takes_value = false;
    std::string text;     // "-p, --port N"
    std::string comment;  // "port to listen on; default: 6550"
  };
  std::vector<Term> Terms() const { return TermsOf(all_); }

 private:
  using Texts = std::vector<std::string>;

  // One of the places where flags stand; `source` is said before errors.
  absl::Status Take(const Texts& arguments, absl::string_view source,
                    Texts* words = nullptr);
  absl::Status TakeEnvironment(const EnvironmentOf& environment);
  absl::Status TakeFile(const std::string& path);
  // Turns "--read-only=true" into what Boost knows.
  absl::StatusOr<Texts> ReadSwitches(const Texts& arguments);
  bool StandsOnlyOnCommandLine(const std::string& flag) const;
  std::string Suggestion(absl::string_view wrong,
                         absl::string_view dashes) const;
  std::string VariableOf(absl::string_view flag) const;
  std::vector<Term> TermsOf(
      const boost::program_options::options_description& group) const;
  std::string Help() const;

  const std::string program_;
  const std::string prefix_;
  std::string introduction_, conclusion_;
  std::deque<
      std::pair<std::string, boost::program_options::options_description>>
      groups_;  // places that stay
  boost::program_options::options_description all_;
  std::set<std::string> only_on_command_line_;
  std::map<std::string, std::string> other_variables_;
  boost::program_options::variables_map values_;
  // Flags of which a place that wins has said something.
  std::set<std::string> decided_;
};

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_PROGRAM_FLAGS_H_
