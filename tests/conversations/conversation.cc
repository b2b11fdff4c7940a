#include "tests/conversations/conversation.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace howdah::mcp {
namespace {

ServerInfo Info() {
  ServerInfo info;
  info.version = "1.2.3";
  info.instructions = "Be careful.";
  info.page_size = 3;
  return info;
}

}  // namespace

void Conversation::Lines::Send(std::string message) {
  on_line_(message);
  said.push_back("< " + std::move(message));
}

void Conversation::Lines::Finish(transports::Reply reply) {
  if (!reply.body.empty()) Send(std::move(reply.body));
}

Conversation::Conversation(std::function<void(absl::string_view)> on_line)
    : server_({.tools = tools_,
               .resources = &resources_,
               .prompts = &prompts_,
               .completion = &prompts_,
               .tasks = &tasks_,
               .changes = &changes_},
              Info()),
      lines_(std::move(on_line)) {}

std::vector<std::string> Conversation::Play(
    const std::vector<std::string>& script) {
  std::vector<std::string> played;
  for (const std::string& line : script) {
    if (absl::StartsWith(line, "<")) continue;
    if (absl::StartsWith(line, "! ")) {
      played.push_back(
          absl::StrCat("! ", Direct(absl::string_view(line).substr(2))));
    } else {
      played.push_back(line);
    }
    if (absl::StartsWith(line, "> ")) {
      const std::string bytes = Unmask(line.substr(2));
      door_.OnMessage(bytes, lines_);
    }
    for (const std::string& said : lines_.said) played.push_back(Mask(said));
    lines_.said.clear();
  }
  door_.OnGone(lines_);
  return played;
}

bool Conversation::is_over() const {
  return tools_.pending() == 0 && resources_.watched() == 0 &&
         !tasks_.watched() && server_.running_calls() == 0;
}

std::string Conversation::Direct(absl::string_view direction) {
  std::vector<std::string> words =
      absl::StrSplit(direction, absl::MaxSplits(' ', 2));
  words.resize(3);
  absl::string_view text = direction;
  double number = 0;
  const bool is_number = absl::SimpleAtod(words[1], &number);
  if (words[0] == "progress" && is_number) {
    if (tools_.pending() > 0) tools_.Progress(number, words[2]);
  } else if (absl::ConsumePrefix(&text, "finish ")) {
    if (tools_.pending() > 0) tools_.Finish(std::string(text));
  } else if (words[0] == "cancelled") {
    return absl::StrCat("cancelled ", tools_.cancelled());
  } else if (words[0] == "changed" && words[1] == "resources") {
    resources_.Change("");
  } else if (words[0] == "changed") {
    changes_.Tell(words[1] == "tools" ? ListKind::kTools : ListKind::kPrompts);
  } else if (words[0] == "resource") {
    resources_.Change(words[1]);
  } else if (words[0] == "task" && words[1] == "ask") {
    tasks_.Ask();
  } else if (words[0] == "task" && words[1] == "fail") {
    tasks_.Fail();
  } else if (words[0] == "task" && words[1] == "complete") {
    tasks_.Complete(words[2]);
  } else if (words[0] == "stop") {
    server_.WrapUp();
  } else {
    return absl::StrCat("unknown: ", direction);
  }
  return std::string(direction);
}

std::string Conversation::Mask(std::string line) {
  for (Sealed& sealed : sealed_) {
    const std::string member = absl::StrCat("\"", sealed.member, "\":\"");
    if (const std::size_t found = line.find(member);
        found != std::string::npos) {
      const std::size_t begin = found + member.size();
      sealed.text = line.substr(begin, line.find('"', begin) - begin);
    }
    if (sealed.text.empty()) continue;
    line = absl::StrReplaceAll(line, {{sealed.text, sealed.name}});
  }
  return line;
}

std::string Conversation::Unmask(std::string line) const {
  for (const Sealed& sealed : sealed_) {
    line = absl::StrReplaceAll(line, {{sealed.name, sealed.text}});
  }
  return line;
}

}  // namespace howdah::mcp
