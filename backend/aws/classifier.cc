#include "backend/aws/classifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/aws/curated_commands.h"
#include "re2/re2.h"

namespace howdah::aws {
namespace {

constexpr absl::string_view kPlainOperation = "ServiceOperation";

// Verbs that only look. The next word begins with a capital letter: "Getaway"
// would be none of them.
const RE2& ReadVerb() {
  static const RE2* const kVerb = new RE2(
      "^(BatchGet|BatchDescribe|Get|List|Describe|Head|Lookup|Search)"
      "([A-Z0-9]|$)");
  return *kVerb;
}

// Verbs that end, remove or interrupt; also behind "Batch", "Admin" and the
// like.
const RE2& DestructiveVerb() {
  static const RE2* const kVerb = new RE2(
      "^(?:Batch|Bulk|Admin|Global|Force)?"
      "(Abort|Cancel|Clear|Close|Deactivate|Decommission|Delete|Deprovision|"
      "Deregister|Detach|Disable|Disassociate|Discard|Disconnect|Dispose|"
      "Dissociate|Drain|End|Evict|Expire|Failover|Flush|Forget|Invalidate|"
      "Leave|Purge|Reboot|Recall|Redact|Regenerate|Reject|Release|Remove|"
      "Reset|Restart|Retire|Revoke|Rollback|Rotate|Shutdown|Signout|Stop|"
      "Suspend|Switchover|Terminate|Unassign|Undeploy|Unlink|Unregister|"
      "Unsubscribe|UserGlobalSignOut|Withdraw)([A-Z0-9]|$)");
  return *kVerb;
}

// "ScheduleKeyDeletion", "StartResourceDeletion"
const RE2& DeletionName() {
  static const RE2* const kName = new RE2(
      "^(Schedule|Start|Request|Confirm|Initiate)\\w*"
      "(Deletion|Termination|Revocation|Failover)");
  return *kName;
}

const RE2& ExecutingVerb() {
  static const RE2* const kVerb = new RE2("^(Invoke|Execute)([A-Z0-9]|$)");
  return *kVerb;
}

const RE2& CostingVerb() {
  static const RE2* const kVerb =
      new RE2("^(Purchase|ProvisionProduct|AcceptReserved)([A-Z0-9]|$)");
  return *kVerb;
}

// What returns a credential says so in its name; lists of credentials show
// what is known of them, not themselves.
const RE2& SecretName() {
  static const RE2* const kName = new RE2(
      "Credentials?($|For|With)|Password($|Data)|SecretValue|"
      "Token(s?$|For|From|With)|AccessKeys?$|ApiKeys?$|PrivateKey|"
      "(Presigned|Signed|Embed|Login|Authentication|StreamingSession|Session|"
      "Download|Upload|Clone|SessionLog)U[Rr][Ll]s?|PresignedUrls|"
      "DataKey|KeyPair$|^Assume\\w*Role|SessionEndpoint$");
  return *kName;
}
const RE2& NotSecretName() {
  static const RE2* const kName = new RE2(
      "^(List|Delete|Update|Tag|Untag|Describe(Key|Messaging)|Head|Search|"
      "Revoke|Disable|Enable|Import|GetKeyPair|Put|Register|Deregister|"
      "Associate|Disassociate|Verify|Change|Set|Cancel|ResetPassword|"
      "AdminReset|AdminSet|Forgot|Confirm|Delete|CheckIf|GetMessaging)");
  return *kName;
}

struct Verdict {
  CommandClass command_class;
  CommandFlags flags;
  absl::string_view rule;
  std::string reason;
};

bool ReturnsSecretByName(const Command& command) {
  return RE2::PartialMatch(command.operation, SecretName()) &&
         !RE2::PartialMatch(command.operation, NotSecretName());
}

// Whether the model says that the output is a credential, as of AssumeRole.
bool ReturnsSecretByModel(const Command& command) {
  static const RE2* const kPath =
      new RE2("(?i)(\\w+\\.)?(role)?credentials(\\.\\w+)?");
  return std::any_of(command.sensitive_output.begin(),
                     command.sensitive_output.end(),
                     [](const std::string& sensitive) {
                       return RE2::FullMatch(sensitive, *kPath);
                     });
}

// What else speaks for a read, for people to judge by.
std::string Corroboration(const Command& command) {
  std::string text;
  if (command.has_readonly_trait) text += ", its model marks it as a read";
  if (command.is_paginated) text += ", its result is paged";
  if (command.http_method == "GET" || command.http_method == "HEAD") {
    absl::StrAppend(&text, ", it is a ", command.http_method, " request");
  }
  return text;
}

CommandClass ClassOfWrite(const Command& command) {
  const std::string& name = command.operation;
  if (RE2::PartialMatch(name, ExecutingVerb())) return CommandClass::kExecute;
  if (RE2::PartialMatch(name, DestructiveVerb()) ||
      RE2::PartialMatch(name, DeletionName())) {
    return CommandClass::kDestructive;
  }
  // A tag that is taken off can be put on again.
  const bool removes =
      command.http_method == "DELETE" && !absl::StartsWith(name, "Untag");
  return removes ? CommandClass::kDestructive : CommandClass::kWrite;
}

CommandFlags FlagsByName(const Command& command) {
  CommandFlags flags = 0;
  if (ReturnsSecretByName(command)) flags |= kReturnsSecret;
  if (RE2::PartialMatch(command.operation, ExecutingVerb())) {
    flags |= kExecutesCode;
  }
  // Each question to the cost explorer is charged.
  if (RE2::PartialMatch(command.operation, CostingVerb()) ||
      (command.api_service == "ce" &&
       absl::StartsWith(command.operation, "Get"))) {
    flags |= kCosts;
  }
  return flags;
}

Verdict Decide(const Command& command);

// A waiter is what it repeats, and prints nothing.
Verdict DecideWaiter(const Command& command) {
  Command polled = command;
  polled.is_waiter = false;
  polled.handler = std::string(kPlainOperation);
  const CommandClass command_class = Decide(polled).command_class;
  return {command_class, kWaits, "waiter",
          absl::StrCat("it only repeats ", command.operation,
                       " until a state is reached")};
}

// The rules in order; the first that speaks decides.
Verdict Decide(const Command& command) {
  if (command.is_waiter) return DecideWaiter(command);
  if (const CuratedCommand* entry = FindCurated(command)) {
    return {entry->command_class, entry->flags, "curated",
            std::string(entry->reason)};
  }
  if (command.IsCustomization()) {
    return {CommandClass::kForbidden, 0, "customization-unknown",
            "it is code of the AWS CLI that nobody has judged yet"};
  }
  if (command.handler != kPlainOperation) {
    return {CommandClass::kForbidden, 0, "handler-unknown",
            "the AWS CLI does more for it than call the API, and nobody has "
            "judged that yet"};
  }
  const CommandFlags flags = FlagsByName(command);
  const std::string& method = command.http_method;
  if (method != "GET" && method != "HEAD" && method != "POST") {
    return {ClassOfWrite(command), flags, "http-method",
            absl::StrCat("it is a ", method, " request")};
  }
  if (command.has_idempotency_token) {
    return {ClassOfWrite(command), flags, "idempotency-token",
            "its input has a token against doing it twice"};
  }
  std::string verb;
  if (RE2::PartialMatch(command.operation, ReadVerb(), &verb)) {
    return {
        CommandClass::kRead, flags, "read-verb",
        absl::StrCat("its name begins with ", verb, Corroboration(command))};
  }
  const CommandClass write = ClassOfWrite(command);
  if (write == CommandClass::kWrite) {
    return {write, flags, "unknown-is-write",
            "nothing proves that it is a read"};
  }
  return {
      write, flags,
      write == CommandClass::kExecute ? "executing-verb" : "destructive-verb",
      absl::StrCat("its name is ", command.operation)};
}

std::string EffectSentence(const Command& command, CommandClass what) {
  const std::string call =
      command.IsCustomization()
          ? command.Name()
          : absl::StrCat(command.operation, " of ", command.api_service);
  switch (what) {
    case CommandClass::kRead:
      return absl::StrCat("Reads by ", call, "; changes nothing.");
    case CommandClass::kWrite:
      return absl::StrCat("Changes something by ", call, ".");
    case CommandClass::kDestructive:
      return absl::StrCat("Ends, removes, replaces or interrupts something by ",
                          call, ".");
    case CommandClass::kExecute:
      return absl::StrCat("Runs something that can have any effect by ", call,
                          ".");
    case CommandClass::kForbidden:
      return "Is never run here.";
  }
  return "";
}

bool IsS3Url(absl::string_view value) {
  return absl::StartsWith(value, "s3://");
}

// `s3 cp`, `s3 sync` by their paths and options.
void RefineS3(const ParsedCommand& parsed, Classification& what) {
  const Command& command = *parsed.command;
  if (command.service != "s3" || command.path.size() != 1) return;
  const std::string& verb = command.path[0];
  std::vector<std::string> paths;
  for (const Argument& argument : parsed.arguments) {
    if (argument.option->positional) paths = argument.values;
  }
  if (verb == "cp" && paths.size() == 2 && !IsS3Url(paths[1])) {
    what.command_class = CommandClass::kRead;
    what.flags |= kReturnsData;
    if (paths[1] != "-") what.flags |= kLocalFile;
    what.rule = "s3-download";
    what.reason = "it copies one object out and changes nothing";
  }
  if (verb == "sync" && parsed.Find("--delete") != nullptr) {
    what.command_class = CommandClass::kDestructive;
    what.rule = "s3-delete";
    what.reason = "--delete removes objects that the source does not have";
  }
  if (verb == "mv" && paths.size() == 2 && !IsS3Url(paths[1])) {
    what.flags |= kReturnsData | kLocalFile;
  }
}

// Members of the input that make a read one of secrets.
void RefineMembers(const ParsedCommand& parsed, Classification& what) {
  const Command& command = *parsed.command;
  if (command.api_service == "ssm" && parsed.IsOn("WithDecryption")) {
    what.flags |= kReturnsSecret;
    what.reason += "; with decryption it returns secrets";
  }
  if (command.api_service == "apigateway" &&
      (parsed.IsOn("includeValue") || parsed.IsOn("includeValues"))) {
    what.flags |= kReturnsSecret;
    what.reason += "; with values it returns API keys";
  }
}

}  // namespace

Classification ClassifyCommand(const Command& command) {
  Verdict verdict = Decide(command);
  Classification what{.command_class = verdict.command_class,
                      .flags = verdict.flags,
                      .rule = std::string(verdict.rule),
                      .reason = std::move(verdict.reason),
                      .effect = EffectSentence(command, verdict.command_class)};
  // The keys come only when they are asked for: see RefineMembers().
  if (command.api_service == "apigateway" &&
      absl::StartsWith(command.operation, "GetApiKey")) {
    what.flags &= ~kReturnsSecret;
  }
  if (!command.is_waiter) {
    if (ReturnsSecretByModel(command)) what.flags |= kReturnsSecret;
    if (!command.sensitive_output.empty()) what.flags |= kSensitiveFields;
    if (command.streams_output) what.flags |= kLocalFile;
    // What a write streams back is its own result, not what others stored.
    if ((command.streams_output || command.streams_events) &&
        what.command_class == CommandClass::kRead) {
      what.flags |= kReturnsData;
    }
  }
  return what;
}

Classification Classify(const ParsedCommand& parsed) {
  Classification what = ClassifyCommand(*parsed.command);
  if (what.command_class == CommandClass::kForbidden) return what;
  if (parsed.only_skeleton) {
    return {.command_class = CommandClass::kRead,
            .rule = "skeleton",
            .reason = "it prints a form for the input and calls nothing",
            .effect = "Shows which input the command takes; calls nothing."};
  }
  RefineS3(parsed, what);
  RefineMembers(parsed, what);
  if (parsed.IsOn("DryRun") || parsed.Find("--dryrun") != nullptr) {
    what.flags |= kPreview;
  }
  if (parsed.Find("--follow") != nullptr) what.flags |= kNeverEnds;
  what.effect = EffectSentence(*parsed.command, what.command_class);
  return what;
}

absl::string_view ClassName(CommandClass command_class) {
  switch (command_class) {
    case CommandClass::kRead:
      return "READ";
    case CommandClass::kWrite:
      return "WRITE";
    case CommandClass::kDestructive:
      return "DESTRUCTIVE";
    case CommandClass::kExecute:
      return "EXECUTE";
    case CommandClass::kForbidden:
      return "FORBIDDEN";
  }
  return "FORBIDDEN";
}

std::vector<std::string> FlagNames(CommandFlags flags) {
  static constexpr std::pair<CommandFlags, absl::string_view> kNames[] = {
      {kReturnsSecret, "RETURNS_SECRET"},
      {kSensitiveFields, "SENSITIVE_FIELDS"},
      {kReturnsData, "RETURNS_DATA"},
      {kLocalFile, "LOCAL_FILE"},
      {kExecutesCode, "EXECUTES_CODE"},
      {kNeverEnds, "NEVER_ENDS"},
      {kCosts, "COSTS"},
      {kSideEffect, "SIDE_EFFECT"},
      {kWaits, "WAITS"},
      {kPreview, "PREVIEW"},
  };
  std::vector<std::string> names;
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) != 0) names.emplace_back(name);
  }
  return names;
}

}  // namespace howdah::aws
