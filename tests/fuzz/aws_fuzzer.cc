// Any text as an AWS command: what is let through cannot make a read write,
// read a local file, reach another endpoint, run a program or print a
// credential.
//
// The first byte chooses the CLI's version and whether the rest is the command
// itself, or chooses one and its words. What must not be is asked here in other
// words than the product's: how Python's argparse, which the CLI uses, would
// understand the arguments, and what the API calls the operation.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backend/aws/classifier.h"
#include "backend/aws/command_index.h"
#include "backend/aws/command_line.h"
#include "backend/aws/debian_index.h"
#include "backend/aws/policy.h"
#include "backend/aws/shell_words.h"
#include "nlohmann/json.hpp"
#include "proto/support/status_details.h"
#include "re2/re2.h"
#include "tests/fuzz/check.h"

namespace howdah::aws {
namespace {

using fuzz::Demand;
using nlohmann::json;

// Debian's index as if its CLI were of version 1, which fetches URLs.
class AsVersion1 : public CommandIndex {
 public:
  std::string cli_version() const override { return "aws-cli/1.27.0"; }
  const std::vector<std::string>& services() const override {
    return DebianIndex().services();
  }
  absl::StatusOr<std::shared_ptr<const ServiceCommands>> Service(
      absl::string_view name) const override {
    return DebianIndex().Service(name);
  }
};

// The CLI's global options that nothing may set.
constexpr absl::string_view kDangerous[] = {"--endpoint-url",
                                            "--profile",
                                            "--region",
                                            "--debug",
                                            "--no-verify-ssl",
                                            "--no-sign-request",
                                            "--ca-bundle",
                                            "--cli-read-timeout",
                                            "--cli-connect-timeout",
                                            "--output",
                                            "--query",
                                            "--version",
                                            "--cli-auto-prompt"};

// argparse takes any beginning of an option's name that fits, also where a
// command has options of its own.
void CheckOption(const Command& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  for (absl::string_view dangerous : kDangerous) {
    Demand(!absl::StartsWith(dangerous, name), "no global option is set");
  }
  Demand(name == "--no-paginate" || name == "--cli-binary-format" ||
             command.FindOption(name) != nullptr,
         "an option is one of the command's, by its whole name");
}

void CheckWords(const ParsedCommand& parsed, bool version_1) {
  const Command& command = *parsed.command;
  const std::vector<std::string>& argv = parsed.argv;
  Demand(argv.size() > command.path.size() && argv[0] == command.service &&
             std::equal(command.path.begin(), command.path.end(),
                        argv.begin() + 1),
         "the arguments begin with the command");
  for (const std::string& word : argv) {
    const bool is_option = absl::StartsWith(word, "--");
    if (is_option) CheckOption(command, word);
    Demand(is_option || !absl::StartsWith(word, "-") || word == "-" ||
               RE2::FullMatch(word,
                              "-[0-9.]+([eE][+-]?[0-9]+)?|-(?i:inf.*|nan.*)") ||
               absl::StrContains(word, " "),
           "a value does not look like an option");
    const size_t equals = is_option ? word.find('=') : std::string::npos;
    const std::string value =
        equals == std::string::npos ? word : word.substr(equals + 1);
    Demand(!absl::StartsWith(value, "file://") &&
               !absl::StartsWith(value, "fileb://"),
           "no file is loaded");
    const bool one_word_names_a_path =
        command.service == "s3" && absl::StartsWith(value, "s3://");
    Demand(!version_1 || one_word_names_a_path ||
               !(absl::StartsWith(value, "http://") ||
                 absl::StartsWith(value, "https://")) ||
               // Only a single value of an option is fetched.
               std::any_of(parsed.arguments.begin(), parsed.arguments.end(),
                           [&](const Argument& argument) {
                             return argument.values.size() > 1 &&
                                    std::count(argument.values.begin(),
                                               argument.values.end(),
                                               value) > 0;
                           }),
           "no URL is fetched");
  }
  for (const std::string& file : parsed.output_files) {
    Demand(RE2::FullMatch(file, "[A-Za-z0-9][A-Za-z0-9._-]*"),
           "a file is written into the folder of the call only");
  }
}

void CheckAgain(const CommandIndex& index, const ParsedCommand& parsed) {
  std::vector<std::string> words = parsed.argv;
  if (!parsed.input_json.empty()) {
    Demand(json::accept(parsed.input_json), "the input is JSON");
    words.push_back("--cli-input-json");
    words.push_back(parsed.input_json);
  }
  std::string line;
  for (const std::string& word : words) {
    absl::StrAppend(&line, " ", QuoteWord(word));
  }
  const auto again = ParseCommand(index, {.command = line});
  // Quoting can make what is nearly too long too long.
  if (!again.ok() && line.size() > kMaxCommandBytes) return;
  Demand(again.ok(), "the arguments are understood again");
  Demand(again->argv == parsed.argv && again->input_json == parsed.input_json,
         "the arguments mean the same again");
}

// What an operation or customization may be that the read tool runs unasked.
void CheckRead(const ParsedCommand& parsed) {
  const Command& command = *parsed.command;
  if (parsed.only_skeleton) return;
  if (command.IsCustomization()) {
    Demand(RE2::FullMatch(command.Name(),
                          "s3 ls|logs tail|configservice get-status|"
                          "cloudtrail validate-logs|datapipeline list-runs|"
                          "emr describe-cluster"),
           "only judged customizations read");
    return;
  }
  const std::string& name = command.operation;
  Demand(!RE2::PartialMatch(
             name,
             "^(Create|Delete|Put|Update|Modify|Start|Stop|Terminate|Invoke|"
             "Execute|Send|Run|Attach|Detach|Associate|Disassociate|Register|"
             "Deregister|Enable|Disable|Set|Add|Remove|Tag|Untag|Reset|Reboot|"
             "Restore|Import|Cancel|Accept|Reject|Assume|Purchase|Publish|"
             "Poll|Receive)([A-Z]|$)"),
         "no read changes something");
  Demand(command.http_method != "DELETE" && command.http_method != "PUT" &&
             command.http_method != "PATCH",
         "no read is a request that changes");
  if (command.is_waiter) return;
  Demand(!RE2::FullMatch(
             name,
             "GetSecretValue|GetPasswordData|GetAuthorizationToken|"
             "GetSessionToken|GetFederationToken|GetRoleCredentials|"
             "GetClusterCredentials.*|GetCredentials.*|GetOpenIdToken.*|"
             "GetTemporary.*Credentials|GetRandomPassword|Decrypt|"
             "GenerateDataKey.*|ExportCertificate|GetObject|GetItem|"
             "BatchGetItem|Scan|Query"),
         "no read prints a credential or stored data");
  if (command.api_service == "ssm") {
    for (const std::string& word : parsed.argv) {
      Demand(!absl::StartsWith(word, "--with-decryption"),
             "no parameter is decrypted");
    }
    if (!parsed.input_json.empty()) {
      const json input = json::parse(parsed.input_json);
      Demand(!input.contains("WithDecryption") ||
                 input["WithDecryption"] == false ||
                 input["WithDecryption"].is_null(),
             "no parameter is decrypted");
    }
  }
}

// A command made of words that could do harm.
std::string Assemble(const std::uint8_t* data, std::size_t size) {
  static const std::vector<const Command*>& commands = [] {
    auto* all = new std::vector<const Command*>;
    for (const std::string& service : DebianIndex().services()) {
      for (const Command& one : (*DebianIndex().Service(service))->all()) {
        all->push_back(&one);
      }
    }
    return std::ref(*all);
  }();
  static constexpr absl::string_view kWords[] = {
      "--endpoint-url",
      "http://evil.example/",
      "--end",
      "--endpoint-url=http://x",
      "file:///etc/passwd",
      "fileb://x",
      "Key@=file:///etc/passwd",
      "--profile",
      "evil",
      "--region",
      "--debug",
      "--no-verify-ssl",
      "--cli-input-json",
      "'{\"WithDecryption\":true}'",
      "'{\"Name\":\"file:///etc/passwd\"}'",
      "--cli-input-yaml",
      "--generate-cli-skeleton",
      "--query",
      "'a | b'",
      "--output",
      "json",
      "text",
      "--with-decryption",
      "--no-dry-run",
      "--dry-run",
      "--",
      "-",
      "/etc/passwd",
      "../x",
      "out",
      "s3://b/k",
      "--recursive",
      "--follow",
      "--delete",
      "--version",
      "-5",
      "--color",
      "https://x",
      "''",
      "'-x y'",
      "[]",
      "{}",
      "1",
      "help",
      "--no-paginate",
      "--outfile",
      "--ca-bundle",
      "$(id)",
      "`id`",
      "|",
      ";"};
  std::size_t at = 0;
  const auto next = [&]() -> std::size_t { return at < size ? data[at++] : 0; };
  const std::size_t chosen = next() << 8 | next();
  const Command& command = *commands[chosen % commands.size()];
  std::string line = command.Name();
  for (const Option& option : command.options) {
    if (!option.required) continue;
    if (!option.positional) absl::StrAppend(&line, " ", option.name);
    absl::StrAppend(&line, " ", kWords[next() % std::size(kWords)]);
  }
  while (at < size) {
    const std::size_t kind = next();
    absl::string_view word = kWords[next() % std::size(kWords)];
    std::string name;
    if (kind % 2 == 0 && !command.options.empty()) {
      name = command.options[kind / 2 % command.options.size()].name;
      // Sometimes a part of it.
      if (kind % 16 == 0 && name.size() > 3) name.pop_back();
      word = name;
    }
    absl::StrAppend(&line, kind % 32 == 1 ? "=" : " ", word);
  }
  return line;
}

void CheckCommand(const std::string& text, bool version_1) {
  static const AsVersion1& old = *new AsVersion1;
  static const Policy& policy = *new Policy;
  const CommandIndex& index =
      version_1 ? static_cast<const CommandIndex&>(old) : DebianIndex();
  const auto parsed = ParseCommand(index, {.command = text});
  if (!parsed.ok()) {
    Demand(!support::ErrorReason(parsed.status()).empty() &&
               !parsed.status().message().empty(),
           "a refusal has a reason");
    return;
  }
  const Classification what = Classify(*parsed);
  const auto read = policy.Decide(Tool::kRead, *parsed, what, {});
  const auto write = policy.Decide(Tool::kWrite, *parsed, what, {});
  if (what.command_class == CommandClass::kForbidden) {
    Demand(!read.ok() && !write.ok(), "the forbidden is never run");
    return;
  }
  CheckWords(*parsed, version_1);
  CheckAgain(index, *parsed);
  for (const std::string& word : parsed->DisplayArguments()) {
    Demand(word.size() <= kMaxCommandBytes * 6, "what is shown is bounded");
  }
  if (read.ok()) CheckRead(*parsed);
}

}  // namespace
}  // namespace howdah::aws

// The index is large: reading it is no part of the first input's time.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  howdah::aws::DebianIndex();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const bool version_1 = (data[0] & 1) != 0;
  const bool assemble = (data[0] & 2) != 0;
  const std::string text =
      assemble ? howdah::aws::Assemble(data + 1, size - 1)
               : std::string(reinterpret_cast<const char*>(data + 1), size - 1);
  howdah::aws::CheckCommand(text, version_1);
  return 0;
}
