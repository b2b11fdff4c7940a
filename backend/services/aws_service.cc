#include "backend/services/aws_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "backend/aws/client_token.h"
#include "backend/aws/errors.h"
#include "backend/aws/runner/cli_errors.h"
#include "backend/aws/runner/command_result.h"
#include "backend/aws/runner/redaction.h"
#include "backend/services/aws_conversion.h"
#include "backend/services/page_token.h"
#include "backend/services/timestamp_conversion.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::services {
namespace {

namespace pb = ::howdah::aws::v1;
using aws::Classification;
using aws::CommandClass;
using aws::runner::CliOutput;
using aws::runner::CommandResult;

// An answer has to be on its way before the caller's own deadline.
constexpr absl::Duration kMargin = absl::Milliseconds(500);
// What never ends is looked at for so long.
constexpr absl::Duration kLookAtEndless = absl::Seconds(15);
constexpr size_t kLongestNote = 1000;

std::string Where(const std::string& profile, const std::string& region) {
  return absl::StrCat(
      profile.empty() ? "" : absl::StrCat(" as profile ", profile),
      region.empty() ? "" : absl::StrCat(" in ", region));
}

aws::Caller CallerOf(const CallContext& context) {
  return {.name = context.principal.name, .groups = context.principal.groups};
}

std::string Shortened(const std::vector<std::string>& arguments) {
  return absl::StrJoin(arguments, " ").substr(0, kLongestNote);
}

// A caller who hopes for one effect of two calls has to know where AWS cannot
// see to that.
std::string AboutRepeating(const pb::ExecuteWriteCommandRequest& request,
                           const aws::Command& command) {
  if (!request.has_request_id() || command.ClientTokenOption() != nullptr) {
    return "";
  }
  return " AWS has no token against doing this twice: repeated, it is done "
         "again.";
}

// A command that does not end by itself has been looked at for long enough.
bool StoppedAsMeant(const Classification& what, const CliOutput& output) {
  return what.Has(aws::kNeverEnds) && output.end.started &&
         output.end.how == process::ProgramEnd::How::kOutOfTime;
}

aws::runner::RanCommand Ran(const aws::ParsedCommand& parsed, bool read) {
  return {.command = parsed.command->Name(),
          .profile = parsed.profile,
          .region = parsed.region,
          .read = read};
}

aws::runner::ResultRules RulesFor(
    const aws::ParsedCommand& parsed, const Classification& what,
    const std::optional<aws::runner::JmesPath>& query) {
  return {.sensitive = parsed.command->sensitive_output,
          .reveal = what.Has(aws::kReturnsSecret),
          .query = query};
}

// What read and write have in common.
template <typename Response>
void SetResult(const CommandResult& result, Response& response) {
  if (result.value) SetValue(*result.value, response.mutable_result());
  response.set_text(result.text);
  response.set_truncated(!result.truncated.empty());
  for (const std::string& place : result.redacted) {
    response.add_redacted(place);
  }
}

std::string Sentence(const CommandResult& result, const CliOutput& output) {
  std::string more;
  if (aws::runner::WouldHaveSucceeded(output.end)) {
    more = " AWS only checked it: the call would have succeeded.";
  }
  if (!result.redacted.empty()) {
    absl::StrAppend(&more, " Secrets were taken out.");
  }
  if (!result.truncated.empty()) absl::StrAppend(&more, " ", result.truncated);
  return more;
}

const char* ClassWords(CommandClass command_class) {
  switch (command_class) {
    case CommandClass::kRead:
      return "only reads";
    case CommandClass::kWrite:
      return "changes something, or may";
    case CommandClass::kDestructive:
      return "destroys or interrupts something";
    case CommandClass::kExecute:
      return "runs code or statements";
    case CommandClass::kForbidden:
      return "is never run here";
  }
  return "";
}

}  // namespace

absl::Status AwsService::FillTarget(std::string& profile,
                                    std::string& region) const {
  if (profile.empty()) profile = runner_.DefaultProfile();
  if (!profile.empty() && runner_.ReadConfig().Find(profile) == nullptr) {
    return aws::ProfileUnknown(profile);
  }
  if (region.empty()) region = runner_.RegionOf(profile);
  return absl::OkStatus();
}

absl::Status AwsService::AllowSecrets(const CallContext& context,
                                      const aws::ParsedCommand& parsed) const {
  return auth::RequireScopes(
      context.principal,
      absl::StrCat("\"", parsed.command->Name(), "\" returns secrets and"),
      {mcp::v1::SCOPE_SECRETS}, options_.access);
}

absl::StatusOr<AwsService::Allowed> AwsService::Allow(
    const CallContext& context, aws::Tool tool,
    const aws::CommandRequest& request) {
  Allowed allowed;
  ASSIGN_OR_RETURN(allowed.cli, cli_.Find());
  ASSIGN_OR_RETURN(allowed.parsed,
                   aws::ParseCommand(*allowed.cli.index, request));
  allowed.what = aws::Classify(allowed.parsed);
  RETURN_IF_ERROR(FillTarget(allowed.parsed.profile, allowed.parsed.region));
  ASSIGN_OR_RETURN(allowed.decision,
                   policy_.Decide(tool, allowed.parsed, allowed.what,
                                  {allowed.parsed.profile,
                                   allowed.parsed.region, CallerOf(context)}));
  if (allowed.what.Has(aws::kReturnsSecret)) {
    context.Note("reveals",
                 absl::StrCat("secrets of ", allowed.parsed.command->Name()));
    context.Note("command", Shortened(ShownArguments(allowed.parsed)));
    RETURN_IF_ERROR(AllowSecrets(context, allowed.parsed));
  }
  if (!allowed.parsed.query.empty()) {
    ASSIGN_OR_RETURN(allowed.query,
                     aws::runner::JmesPath::Parse(allowed.parsed.query));
  }
  return allowed;
}

void AwsService::Run(const CallContext& context, const Allowed& allowed,
                     bool read,
                     std::function<void(absl::StatusOr<CliOutput>)> done) {
  const aws::ParsedCommand& parsed = allowed.parsed;
  aws::runner::CliCall call;
  call.program = allowed.cli.program;
  call.arguments = parsed.argv;
  call.input_json = parsed.input_json;
  call.profile = parsed.profile;
  call.region = parsed.region;
  call.trace_id = context.trace.id;
  call.output_files = parsed.output_files;
  call.until = context.deadline - kMargin;
  if (allowed.what.Has(aws::kNeverEnds)) {
    call.until = std::min(call.until, absl::Now() + kLookAtEndless);
  }
  call.cancelled = context.cancelled;
  call.ending = context.draining();
  call.grace = options_.grace;
  // Context and request live as long as `done`, which can answer.
  const absl::Status taken = runner_.Run(
      std::move(call), [&context, done, ran = Ran(parsed, read),
                        what = allowed.what](absl::StatusOr<CliOutput> output) {
        context.Resume([done, ran, what, output = std::move(output)] {
          if (!output.ok()) return done(output.status());
          const absl::Status end =
              StoppedAsMeant(what, *output)
                  ? absl::OkStatus()
                  : aws::runner::StatusOfEnd(output->end, ran);
          if (!end.ok()) return done(end);
          done(output);
        });
      });
  if (!taken.ok()) done(taken);
}

void AwsService::ExecuteReadCommand(
    const CallContext& context, const pb::ExecuteReadCommandRequest& request,
    Reply<pb::ExecuteReadCommandResponse> reply) {
  absl::StatusOr<Allowed> allow = Allow(context, aws::Tool::kRead,
                                        {.command = request.command(),
                                         .profile = request.profile(),
                                         .region = request.region()});
  if (!allow.ok()) return reply(allow.status());
  const auto allowed = std::make_shared<const Allowed>(*std::move(allow));
  Run(context, *allowed, /*read=*/true,
      [allowed, reply](absl::StatusOr<CliOutput> output) {
        if (!output.ok()) return reply(output.status());
        const aws::ParsedCommand& parsed = allowed->parsed;
        const CommandResult result = aws::runner::MakeResult(
            *output, RulesFor(parsed, allowed->what, allowed->query));
        if (!result.query_status.ok()) return reply(result.query_status);
        pb::ExecuteReadCommandResponse response;
        SetResult(result, response);
        response.set_profile(parsed.profile);
        response.set_region(parsed.region);
        response.set_summary(
            absl::StrCat("Ran aws ", parsed.command->Name(),
                         Where(parsed.profile, parsed.region),
                         StoppedAsMeant(allowed->what, *output)
                             ? "; it does not end by itself and was stopped."
                             : ".",
                         Sentence(result, *output)));
        reply(std::move(response));
      });
}

void AwsService::ExecuteWriteCommand(
    const CallContext& context, const pb::ExecuteWriteCommandRequest& request,
    Reply<pb::ExecuteWriteCommandResponse> reply) {
  aws::CommandRequest wanted{.command = request.command(),
                             .profile = request.profile(),
                             .region = request.region()};
  if (request.has_request_id()) {
    wanted.client_token =
        aws::ClientToken(context.principal.name, request.request_id());
  }
  absl::StatusOr<Allowed> allow = Allow(context, aws::Tool::kWrite, wanted);
  if (!allow.ok()) return reply(allow.status());
  const auto allowed = std::make_shared<const Allowed>(*std::move(allow));
  const aws::ParsedCommand& parsed = allowed->parsed;
  const std::vector<std::string> shown = ShownArguments(parsed);
  if (!allowed->what.Has(aws::kReturnsSecret)) {
    context.Note("command", Shortened(shown));
  }
  context.Note("command_class",
               std::string(aws::ClassName(allowed->what.command_class)));
  if (allowed->decision.needs_confirmation && !request.confirm() &&
      !request.dry_run()) {
    return reply(aws::ConfirmationRequired(parsed.command->Name(),
                                           allowed->what.effect));
  }
  pb::ExecuteWriteCommandResponse response;
  response.set_profile(parsed.profile);
  response.set_region(parsed.region);
  response.set_command_class(ToProto(allowed->what.command_class));
  for (const pb::CommandFlag flag : ToProto(allowed->what.flags)) {
    response.add_flags(flag);
  }
  for (const std::string& argument : shown) response.add_arguments(argument);
  response.set_dry_run(request.dry_run());

  identities_.Get(
      allowed->cli.program, parsed.profile, parsed.region,
      [this, &context, &request, allowed, reply,
       response](absl::StatusOr<aws::runner::Identity> identity) mutable {
        if (!identity.ok()) return reply(identity.status());
        context.Note("account", identity->account);
        context.Note("arn", identity->arn);
        response.set_account(identity->account);
        response.set_arn(identity->arn);
        if (!request.dry_run()) {
          // Goes on behind what is said of the run.
          response.set_summary(
              AboutRepeating(request, *allowed->parsed.command));
          return RunWrite(context, allowed, std::move(response), reply);
        }
        const aws::ParsedCommand& parsed = allowed->parsed;
        response.set_summary(absl::StrCat(
            "Dry run: aws ", parsed.command->Name(), " would run in account ",
            identity->account, Where(parsed.profile, parsed.region), " as ",
            identity->arn, ". ", allowed->what.effect,
            allowed->decision.needs_confirmation ? " It needs confirm=true."
                                                 : "",
            " Nothing was changed.", AboutRepeating(request, *parsed.command)));
        reply(std::move(response));
      });
}

void AwsService::RunWrite(const CallContext& context,
                          std::shared_ptr<const Allowed> allowed,
                          pb::ExecuteWriteCommandResponse response,
                          Reply<pb::ExecuteWriteCommandResponse> reply) {
  Run(context, *allowed, /*read=*/false,
      [allowed, reply, response](absl::StatusOr<CliOutput> output) mutable {
        if (!output.ok()) return reply(output.status());
        const aws::ParsedCommand& parsed = allowed->parsed;
        const CommandResult result = aws::runner::MakeResult(
            *output, RulesFor(parsed, allowed->what, allowed->query));
        SetResult(result, response);
        response.set_summary(absl::StrCat(
            "Ran aws ", parsed.command->Name(), " in account ",
            response.account(), Where(parsed.profile, parsed.region), ".",
            Sentence(result, *output),
            // It is done; only what it printed cannot be shown so.
            result.query_status.ok()
                ? ""
                : absl::StrCat(" ", result.query_status.message()),
            response.summary()));
        reply(std::move(response));
      });
}

absl::StatusOr<pb::ListProfilesResponse> AwsService::ListProfiles(
    const CallContext& context, const pb::ListProfilesRequest& request) {
  constexpr char kArguments[] = "aws-profiles";
  ASSIGN_OR_RETURN(const std::string after,
                   ReadPageToken(request.page_token(), kArguments));
  const aws::runner::CliConfig config = runner_.ReadConfig();
  const std::string chosen = runner_.DefaultProfile();
  const std::string by_default = chosen.empty() ? "default" : chosen;
  const bool environment =
      chosen.empty() && runner_.HasEnvironmentCredentials();
  pb::ListProfilesResponse response;
  for (const aws::runner::CliProfile& profile : config.profiles()) {
    if (!after.empty() && profile.name <= after) continue;
    if (response.profiles_size() == request.page_size()) {
      response.set_next_page_token(MakePageToken(
          response.profiles(response.profiles_size() - 1).name(), kArguments));
      break;
    }
    pb::Profile& shown = *response.add_profiles();
    shown = ToProto(profile);
    shown.set_allowed(policy_.AllowsProfile(CallerOf(context), profile.name));
    shown.set_is_default(!environment && profile.name == by_default);
  }
  response.set_count(response.profiles_size());
  response.set_summary(absl::StrCat(
      config.profiles().size(), " profiles in the AWS configuration.",
      environment ? " Calls that name none use the credentials of the server's "
                    "environment."
                  : ""));
  return response;
}

absl::StatusOr<pb::ExplainCommandResponse> AwsService::ExplainCommand(
    const CallContext& context, const pb::ExplainCommandRequest& request) {
  ASSIGN_OR_RETURN(const auto cli, cli_.Find());
  ASSIGN_OR_RETURN(
      aws::ParsedCommand parsed,
      aws::ParseCommand(*cli.index, {.command = request.command()}));
  const Classification what = aws::Classify(parsed);
  RETURN_IF_ERROR(FillTarget(parsed.profile, parsed.region));
  pb::ExplainCommandResponse response;
  response.set_command_class(ToProto(what.command_class));
  for (const pb::CommandFlag flag : ToProto(what.flags)) {
    response.add_flags(flag);
  }
  response.set_rule(what.rule);
  for (const std::string& argument : ShownArguments(parsed)) {
    response.add_arguments(argument);
  }
  response.set_cli_version(cli.index->cli_version());
  const bool read = what.command_class == CommandClass::kRead;
  const absl::StatusOr<aws::Decision> decision =
      policy_.Decide(read ? aws::Tool::kRead : aws::Tool::kWrite, parsed, what,
                     {parsed.profile, parsed.region, CallerOf(context)});
  const absl::Status permitted = decision.ok() && what.Has(aws::kReturnsSecret)
                                     ? AllowSecrets(context, parsed)
                                     : decision.status();
  std::string then;
  if (permitted.ok()) {
    response.set_tool(read ? "execute_aws_read_command"
                           : "execute_aws_write_command");
    then = absl::StrCat(
        " ", response.tool(), " runs it",
        decision->needs_confirmation ? ", with confirm=true." : ".");
  } else {
    response.set_refusal(std::string(permitted.message()));
    then = " No tool runs it here.";
  }
  response.set_summary(absl::StrCat("aws ", parsed.command->Name(), " ",
                                    ClassWords(what.command_class), ": ",
                                    what.reason, ".", then));
  return response;
}

void AwsService::GetIdentity(const CallContext& context,
                             const pb::GetIdentityRequest& request,
                             Reply<pb::Identity> reply) {
  const auto cli = cli_.Find();
  if (!cli.ok()) return reply(cli.status());
  std::string profile = request.profile();
  std::string region = request.region();
  const absl::Status filled = FillTarget(profile, region);
  if (!filled.ok()) return reply(filled);
  if (!policy_.AllowsProfile(CallerOf(context), profile)) {
    return reply(aws::ProfileNotAllowed(profile));
  }
  if (!policy_.AllowsRegion(CallerOf(context), region)) {
    return reply(aws::RegionNotAllowed(region));
  }
  identities_.Get(
      cli->program, profile, region,
      [reply, profile, region, version = cli->index->cli_version()](
          absl::StatusOr<aws::runner::Identity> identity) {
        if (!identity.ok()) return reply(identity.status());
        pb::Identity response;
        response.set_account(identity->account);
        response.set_arn(identity->arn);
        response.set_user_id(identity->user_id);
        response.set_profile(profile);
        response.set_region(region);
        SetTimestamp(identity->asked_at, response.mutable_asked_at());
        response.set_cli_version(version);
        response.set_summary(absl::StrCat("Calls act as ", identity->arn,
                                          " in account ", identity->account,
                                          Where(profile, region), "."));
        reply(std::move(response));
      });
}

}  // namespace howdah::services
