#include "proto/support/flag_sources.h"

#include <boost/program_options.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "proto/support/flag_file.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::support {
namespace {

namespace po = boost::program_options;

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

absl::Status BadFlag(absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "BAD_FLAG",
                      kHowdahDomain)
      .Message(message)
      .Build();
}

// Programs started by others inherit their environment: how each is started is
// not said there.
bool IsSaidInEnvironment(absl::string_view flag) {
  return !BelongsToTheCommandLine(flag) && flag != "announce" &&
         flag != "exit-with-parent" && flag != "spawn-backend";
}

bool IsSwitch(const po::option_description& option) {
  return option.semantic()->max_tokens() == 0;
}

bool IsList(const po::option_description& option) {
  return dynamic_cast<const po::typed_value<Texts>*>(option.semantic().get()) !=
         nullptr;
}

// As ReadFlagFile gives them.
absl::StatusOr<Texts> FlagsOf(const po::option_description& option,
                              const std::string& variable,
                              const std::string& value) {
  const std::string flag = absl::StrCat("--", option.long_name());
  Texts flags;
  if (IsSwitch(option)) {
    if (value == "true" || value == "1") return Texts{flag};
    if (value == "false" || value == "0") return flags;
    return BadFlag(absl::StrCat(variable, " is true or false, got \"", value,
                                "\"; see --help."));
  }
  if (!IsList(option)) return Texts{absl::StrCat(flag, "=", value)};
  for (absl::string_view one :
       absl::StrSplit(value, absl::ByAnyChar(" ,"), absl::SkipEmpty())) {
    flags.push_back(absl::StrCat(flag, "=", one));
  }
  return flags;
}

// No abbreviations: a flag that is added later must not change what an old
// command line means.
absl::Status Store(const Texts& arguments, absl::string_view source,
                   const po::options_description& described,
                   const po::positional_options_description& words,
                   po::variables_map& values) {
  try {
    po::store(po::command_line_parser(arguments)
                  .options(described)
                  .positional(words)
                  .style(po::command_line_style::unix_style &
                         ~po::command_line_style::allow_guessing)
                  .run(),
              values);
  } catch (const std::exception& error) {
    return BadFlag(absl::StrCat(source, error.what(), "; see --help."));
  }
  return absl::OkStatus();
}

template <typename T>
bool ShowAs(const boost::any& value, Json& shown) {
  const T* typed = boost::any_cast<T>(&value);
  if (typed != nullptr) shown = *typed;
  return typed != nullptr;
}

Json Show(const boost::any& value) {
  Json shown;
  // Types that flags have.
  ShowAs<std::string>(value, shown) || ShowAs<bool>(value, shown) ||
      ShowAs<int>(value, shown) || ShowAs<double>(value, shown) ||
      ShowAs<std::size_t>(value, shown) ||
      ShowAs<std::uint16_t>(value, shown) || ShowAs<Texts>(value, shown);
  return shown;
}

}  // namespace

std::string VariableOf(absl::string_view flag) {
  return absl::StrCat("HOWDAH_", absl::AsciiStrToUpper(
                                     absl::StrReplaceAll(flag, {{"-", "_"}})));
}

absl::Status ReadFlags(const Texts& arguments,
                       const po::options_description& described,
                       const EnvironmentOf& environment,
                       po::variables_map& values,
                       const po::positional_options_description& words) {
  RETURN_IF_ERROR(Store(arguments, "", described, words, values));
  for (const auto& option : described.options()) {
    if (!IsSaidInEnvironment(option->long_name())) continue;
    const std::string variable = VariableOf(option->long_name());
    const std::string value = environment(variable.c_str());
    if (value.empty()) continue;
    ASSIGN_OR_RETURN(const Texts flags, FlagsOf(*option, variable, value));
    RETURN_IF_ERROR(
        Store(flags, absl::StrCat(variable, ": "), described, words, values));
  }
  if (values.count("config") > 0) {
    ASSIGN_OR_RETURN(const Texts more,
                     ReadFlagFile(values["config"].as<std::string>()));
    RETURN_IF_ERROR(Store(more, "", described, words, values));
  }
  try {
    po::notify(values);
  } catch (const std::exception& error) {
    return BadFlag(absl::StrCat(error.what(), "; see --help."));
  }
  return absl::OkStatus();
}

std::string ShowFlags(const po::options_description& described,
                      const po::variables_map& values,
                      const std::set<std::string>& hidden) {
  Json shown = Json::object();
  for (const auto& option : described.options()) {
    const std::string& name = option->long_name();
    if (BelongsToTheCommandLine(name) || hidden.contains(name)) continue;
    const auto found = values.find(name);
    if (found != values.end()) shown[name] = Show(found->second.value());
  }
  return absl::StrCat(shown.dump(2, ' ', false, Json::error_handler_t::replace),
                      "\n");
}

}  // namespace howdah::support
