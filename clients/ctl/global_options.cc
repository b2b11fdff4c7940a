#include "clients/ctl/global_options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "proto/support/program_flags.h"
#include "proto/support/status_macros.h"

namespace howdah::ctl {
namespace {

namespace po = boost::program_options;

// As they are written, before they are checked.
struct Written {
  std::string output;
  double interval = 0;
};

void Describe(support::ProgramFlags& flags, GlobalOptions& options,
              Written& written) {
  const auto file = [](std::string* to) {
    return po::value(to)->value_name("FILE")->default_value("", "");
  };
  flags.Group("Flags of every command")
      .add_options()("address",
                     po::value(&options.address)
                         ->value_name("ADDRESS")
                         ->default_value(options.address),
                     "Backend: HOST:PORT or unix:PATH")(
          "output,o",
          po::value(&written.output)
              ->value_name("FORMAT")
              ->default_value("table"),
          "How to print: table, wide (every field), json or yaml")(
          "watch,w", po::bool_switch(&options.watch),
          "Show it again whenever it changes")("interval",
                                               po::value(&written.interval)
                                                   ->value_name("SECONDS")
                                                   ->default_value(2, "2"),
                                               "How often --watch looks")(
          "yes,y", po::bool_switch(&options.yes),
          "Do not ask before something is lost")(
          "tls-ca", file(&options.tls_ca),
          "Use TLS; trust this CA certificate")(
          "tls-cert", file(&options.tls_cert),
          "Client certificate, for mutual TLS")(
          "tls-key", file(&options.tls_key), "Key of the client certificate")(
          "token-file", file(&options.token_file),
          "Send the bearer token in this file");
  // What is asked of one call is no setting.
  flags.OnlyOnCommandLine({"watch", "yes"});
  flags.AddConfiguration("", "");
}

constexpr std::pair<absl::string_view, Output> kOutputs[] = {
    {"table", Output::kTable},
    {"wide", Output::kWide},
    {"json", Output::kJson},
    {"yaml", Output::kYaml}};

}  // namespace

const std::vector<GlobalFlag>& GlobalFlags() {
  static const auto* const kFlags = [] {
    GlobalOptions options;
    Written written;
    support::ProgramFlags described("howdahctl");
    Describe(described, options, written);
    auto* const flags = new std::vector<GlobalFlag>;
    for (const support::ProgramFlags::Term& term : described.Terms()) {
      GlobalFlag flag = {term.flag, term.brief,   term.takes_value,
                         term.text, term.comment, {}};
      // As the contract's comments are.
      flag.comment.front() = absl::ascii_toupper(flag.comment.front());
      if (flag.flag == "--output") {
        for (const auto& [name, output] : kOutputs) {
          flag.choices.emplace_back(name);
        }
      }
      flags->push_back(std::move(flag));
    }
    return flags;
  }();
  return *kFlags;
}

absl::StatusOr<GlobalOptions> ReadGlobalOptions(
    const std::vector<std::string>& words,
    const support::EnvironmentOf& environment) {
  GlobalOptions options;
  Written written;
  support::ProgramFlags flags("howdahctl");
  Describe(flags, options, written);
  RETURN_IF_ERROR(flags.Read(words, environment));
  options.help = flags.Given("help");
  if (options.help) return options;
  options.print = flags.Answer();
  if (!options.print.empty()) return options;
  const auto* const output = std::find_if(
      std::begin(kOutputs), std::end(kOutputs),
      [&](const auto& one) { return one.first == written.output; });
  if (output == std::end(kOutputs)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--output is table, wide, json or yaml, not \"",
                     written.output, "\"."));
  }
  options.output = output->second;
  constexpr double kShortest = 0.1;
  constexpr double kLongest = 3600;
  if (!(written.interval >= kShortest) || written.interval > kLongest) {
    return absl::InvalidArgumentError(
        "--interval needs seconds from 0.1 to 3600.");
  }
  options.interval = absl::Seconds(written.interval);
  if (flags.Given("print-config")) options.print = flags.Show();
  return options;
}

}  // namespace howdah::ctl
