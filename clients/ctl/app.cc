#include "clients/ctl/app.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/ctl/completion.h"
#include "clients/ctl/documents.h"
#include "clients/ctl/field_values.h"
#include "clients/ctl/help.h"
#include "clients/ctl/progress.h"
#include "clients/ctl/render.h"
#include "proto/support/nearest_name.h"
#include "proto/support/status_details.h"

namespace howdah::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using operations::v1::Operation;

constexpr absl::string_view kClearScreen = "\033[H\033[2J\033[3J";

// Long enough for a backend to be restarted.
constexpr int kReconnects = 10;
constexpr absl::Duration kReconnectPause = absl::Seconds(1);

void SetSwitch(Message& message, const std::string& field) {
  const FieldDescriptor* found =
      message.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) message.GetReflection()->SetBool(&message, found, true);
}

bool IsSet(const Message& message, const std::string& field) {
  const FieldDescriptor* found =
      message.GetDescriptor()->FindFieldByName(field);
  return found != nullptr && message.GetReflection()->GetBool(message, found);
}

// Name of the operation that an answer tells of; empty if it is done.
std::string OpenOperation(const Message& answer) {
  const auto& reflection = *answer.GetReflection();
  const FieldDescriptor* field =
      answer.GetDescriptor()->FindFieldByName("operation");
  if (field == nullptr || !reflection.HasField(answer, field)) return "";
  const Message& operation = reflection.GetMessage(answer, field);
  if (IsSet(operation, "done")) return "";
  return FieldText(operation,
                   *operation.GetDescriptor()->FindFieldByName("name"));
}

std::string TextField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : FieldText(message, *field);
}

bool IsForPeople(Output output) {
  return output == Output::kTable || output == Output::kWide;
}

}  // namespace

App::App(const CommandList& commands, Terminal& terminal, Connect connect)
    : commands_(commands),
      terminal_(terminal),
      connect_(std::move(connect)),
      style_(Style::For(terminal.colours())) {}

int App::Run(const std::vector<std::string>& words,
             const support::EnvironmentOf& environment) {
  if (!words.empty() && words.front() == "__complete") {
    for (const std::string& candidate :
         Complete({words.begin() + 1, words.end()}, commands_)) {
      terminal_.Out(candidate + "\n");
    }
    return kDone;
  }
  auto invocation = ParseArguments(words, environment, commands_, terminal_);
  if (!invocation.ok()) {
    terminal_.Err(
        RenderError(invocation.status(), {commands_, nullptr}, style_));
    terminal_.Err(UsageHint(words));
    return kWrongUsage;
  }
  if (!invocation->options.print.empty()) {
    terminal_.Out(invocation->options.print);
    return kDone;
  }
  if (!invocation->words.empty() && invocation->words.front() == "completion") {
    const std::string script = CompletionScript(
        invocation->words.size() > 1 ? invocation->words[1] : "");
    if (script.empty()) return RefuseWords(invocation->words);
    terminal_.Out(script);
    return kDone;
  }
  if (invocation->options.help || invocation->command == nullptr) {
    return ShowHelp(*invocation);
  }
  return Execute(*invocation);
}

int App::ShowHelp(const Invocation& invocation) {
  const size_t width = terminal_.width();
  if (invocation.command != nullptr) {
    terminal_.Out(
        HelpForCommand(*invocation.command, commands_, style_, width));
    return kDone;
  }
  if (invocation.words.empty()) {
    terminal_.Out(HelpForAll(commands_, style_, width));
    return kDone;
  }
  const Resource* resource = commands_.FindResource(invocation.words.front());
  if (resource == nullptr || invocation.words.size() > 1) {
    return RefuseWords(invocation.words);
  }
  terminal_.Out(HelpForResource(*resource, style_, width));
  return kDone;
}

int App::RefuseWords(const std::vector<std::string>& words) {
  std::vector<std::string> known;
  std::string what;
  const Resource* resource = commands_.FindResource(words.front());
  if (words.front() == "completion") {
    what = "completion is for bash or zsh";
  } else if (resource == nullptr) {
    for (const Resource& one : commands_.resources()) known.push_back(one.word);
    what = absl::StrCat("There is no resource \"", words.front(), "\"");
  } else {
    for (const Command& one : resource->commands) known.push_back(one.verb);
    what = absl::StrCat("There is no command \"", words.back(), "\" for ",
                        resource->word);
  }
  const std::string nearest = support::NearestName(words.back(), known);
  const std::string nearest_resource =
      support::NearestName(words.front(), known);
  const std::string& meant = resource == nullptr ? nearest_resource : nearest;
  terminal_.Err(absl::StrCat(
      style_.red, "error:", style_.reset, " ", what, ".",
      meant.empty() ? "" : absl::StrCat(" Did you mean ", meant, "?"), "\n",
      "\"howdahctl", resource == nullptr ? "" : " ",
      resource == nullptr ? "" : resource->word, " --help\" lists them.\n"));
  return kWrongUsage;
}

int App::Execute(Invocation& invocation) {
  auto rpc = connect_(invocation.options);
  if (!rpc.ok()) return Fail(rpc.status(), nullptr);
  rpc_ = *std::move(rpc);
  if (invocation.options.watch) return Watch(invocation);
  if (!Confirm(invocation)) {
    terminal_.Err("Nothing was done.\n");
    return kFailed;
  }
  const auto& method = *invocation.command->method;
  if (method.server_streaming()) {
    if (method.output_type()->full_name() !=
        Operation::descriptor()->full_name()) {
      return Listen(invocation);
    }
    int seconds = 0;
    const Parameter* timeout = invocation.command->FindField("timeout");
    if (timeout != nullptr) {
      seconds = invocation.request->GetReflection()->GetInt32(
          *invocation.request, timeout->field);
    }
    return Follow(invocation, TextField(*invocation.request, "name"), seconds);
  }
  return Call(invocation);
}

int App::Watch(const Invocation& invocation) {
  std::string last;
  do {
    const auto answer =
        commands_.NewMessage(invocation.command->method->output_type());
    const absl::Status status =
        rpc_->Call(*invocation.command, *invocation.request, *answer);
    // A backend that restarts comes back; other errors stay.
    if (!status.ok() && !absl::IsUnavailable(status)) {
      return Fail(status, invocation.command);
    }
    std::string text =
        status.ok()
            ? Text(*answer, invocation)
            : RenderError(status, {commands_, invocation.command}, style_);
    if (text == last) continue;
    if (terminal_.out_is_terminal()) {
      terminal_.Out(kClearScreen);
    } else if (!last.empty() && IsForPeople(invocation.options.output)) {
      terminal_.Out("\n");
    } else if (!last.empty() && invocation.options.output == Output::kYaml) {
      terminal_.Out("---\n");
    }
    terminal_.Out(text);
    last = std::move(text);
  } while (terminal_.Pause(invocation.options.interval));
  return kDone;
}

bool App::Confirm(Invocation& invocation) {
  const Command& command = *invocation.command;
  if (!command.facts.destructive()) return true;
  Message& request = *invocation.request;
  const std::string& field = command.facts.confirmation_field();
  if (IsSet(request, "dry_run") || IsSet(request, field)) return true;
  if (invocation.options.yes) {
    SetSwitch(request, field);
    return true;
  }
  // Nobody to ask: the backend refuses and says what would be lost.
  if (!terminal_.can_ask()) return true;
  const std::unique_ptr<Message> rehearsal(request.New());
  rehearsal->CopyFrom(request);
  SetSwitch(*rehearsal, "dry_run");
  const auto answer = commands_.NewMessage(command.method->output_type());
  // What does not even work as a rehearsal is refused by the call itself.
  if (!rpc_->Call(command, *rehearsal, *answer).ok()) return true;
  terminal_.Err(RenderAnswer(*answer, {commands_, &command}, style_,
                             {.width = terminal_.width()}));
  std::string reply;
  if (!terminal_.Ask("\nGo on? [y/N] ", reply) ||
      (reply != "y" && reply != "Y" && reply != "yes")) {
    return false;
  }
  SetSwitch(request, field);
  return true;
}

int App::Call(const Invocation& invocation) {
  const Command& command = *invocation.command;
  const auto answer = commands_.NewMessage(command.method->output_type());
  const absl::Status status = rpc_->Call(command, *invocation.request, *answer);
  if (!status.ok()) return Fail(status, &command);
  const std::string operation = OpenOperation(*answer);
  if (invocation.wait && !operation.empty()) {
    return Follow(invocation, operation, invocation.wait_seconds);
  }
  terminal_.Out(Text(*answer, invocation));
  return kDone;
}

int App::Listen(const Invocation& invocation) {
  const Command& command = *invocation.command;
  const auto answer = commands_.NewMessage(command.method->output_type());
  absl::Status ended;
  bool told = false;
  do {
    ended = rpc_->Listen(command, *invocation.request, *answer, [&] {
      if (answer->ByteSizeLong() > 0) {
        terminal_.Out(Text(*answer, invocation));
      } else if (!std::exchange(told, true)) {
        terminal_.Err("Watching; Ctrl-C ends it.\n");
      }
    });
    // The deadline of a stream only makes its caller ask again.
  } while (absl::IsDeadlineExceeded(ended));
  return ended.ok() ? kDone : Fail(ended, &command);
}

int App::Follow(const Invocation& invocation, const std::string& operation,
                int seconds) {
  Progress progress(terminal_);
  const auto show = [&](const Operation& current) { progress.Show(current); };
  auto state = rpc_->Wait(operation, seconds, show);
  // Any backend answers for an operation, so one that restarts loses nothing.
  for (int tries = 0; absl::IsUnavailable(state.status()) &&
                      tries < kReconnects && terminal_.Pause(kReconnectPause);
       ++tries) {
    state = rpc_->Wait(operation, seconds, show);
  }
  progress.Finish();
  if (!state.ok()) return Fail(state.status(), invocation.command);
  if (state->error().code() != 0) {
    return Fail(support::FromProto(state->error()), invocation.command);
  }
  if (!state->done()) {
    terminal_.Err(absl::StrCat("Not done yet: ", state->message(),
                               "\nIt goes on. Follow it: ",
                               "howdahctl operations wait ", operation, "\n"));
    return kFailed;
  }
  const std::string& url = state->result().type_url();
  const auto result = commands_.NewMessage(url.substr(url.rfind('/') + 1));
  if (result != nullptr && result->ParseFromString(state->result().value())) {
    terminal_.Out(Text(*result, invocation));
  } else if (IsForPeople(invocation.options.output)) {
    terminal_.Out(absl::StrCat(state->message(), "\n"));
  } else {
    terminal_.Out(Text(*state, invocation));
  }
  return kDone;
}

int App::Fail(const absl::Status& status, const Command* command) {
  terminal_.Err(RenderError(status, {commands_, command}, style_));
  return kFailed;
}

// The usage of the command that was probably meant.
std::string App::UsageHint(const std::vector<std::string>& words) const {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const Command* command = commands_.Find(words[i], words[i + 1]);
    if (command == nullptr) continue;
    return absl::StrCat("Usage: ", UsageLine(*command), "\n\"howdahctl ",
                        command->resource, " ", command->verb,
                        " --help\" tells more.\n");
  }
  return "\"howdahctl --help\" tells more.\n";
}

std::string App::Text(const Message& answer,
                      const Invocation& invocation) const {
  switch (invocation.options.output) {
    case Output::kJson:
      return ToJsonText(answer, commands_);
    case Output::kYaml:
      return ToYamlText(answer, commands_);
    case Output::kTable:
    case Output::kWide:
      break;
  }
  const bool wide = invocation.options.output == Output::kWide;
  return RenderAnswer(answer, {commands_, invocation.command}, style_,
                      {.width = terminal_.width(), .wide = wide});
}

}  // namespace howdah::ctl
