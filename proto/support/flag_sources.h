// The flags of a program, wherever they are said: on the command line, in the
// environment, in a file. What comes first here wins.
//
//   --drain-timeout=5          HOWDAH_DRAIN_TIMEOUT=5        {"drain-timeout":
//   5}
//   --read-only                HOWDAH_READ_ONLY=true         {"read-only":
//   true}
//   --listen=a --listen=b      HOWDAH_LISTEN="a b"           {"listen": ["a",
//   "b"]}
//
//   po::variables_map values;
//   RETURN_IF_ERROR(ReadFlags(arguments, described, environment, values));
//   ...
//   if (print_config) return ShowFlags(described, values);
//
// A variable that is no flag of the program, or empty, says nothing, so
// programs may share an environment. The file is the one that --config names,
// if there is such a flag (flag_file.h).
#ifndef HOWDAH_PROTO_SUPPORT_FLAG_SOURCES_H_
#define HOWDAH_PROTO_SUPPORT_FLAG_SOURCES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "boost/program_options/options_description.hpp"
#include "boost/program_options/positional_options.hpp"
#include "boost/program_options/variables_map.hpp"
#include "proto/support/environment.h"

namespace howdah::support {

// Stores and notifies. `words` says where words that are no flags go; by
// default they are refused. INVALID_ARGUMENT with reason BAD_FLAG names what is
// wrong, and the variable if it came from there.
absl::Status ReadFlags(
    const std::vector<std::string>& arguments,
    const boost::program_options::options_description& described,
    const EnvironmentOf& environment,
    boost::program_options::variables_map& values,
    const boost::program_options::positional_options_description& words = {});

// The values as a JSON object, which --config takes again, in the order of the
// description; without what belongs to the command line, and without `hidden`.
std::string ShowFlags(
    const boost::program_options::options_description& described,
    const boost::program_options::variables_map& values,
    const std::set<std::string>& hidden = {});

// "drain-timeout" => "HOWDAH_DRAIN_TIMEOUT".
std::string VariableOf(absl::string_view flag);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_FLAG_SOURCES_H_
