#include "clients/ctl/command.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/ctl/naming.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "proto/descriptors/descriptors.h"

namespace howdah::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Lines of a comment are joined; an empty line stays as a paragraph's end.
template <typename T>
std::string Comment(const T& element) {
  google::protobuf::SourceLocation location;
  if (!element.GetSourceLocation(&location)) return "";
  std::vector<std::string> paragraphs(1);
  for (absl::string_view line :
       absl::StrSplit(location.leading_comments, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    std::string& paragraph = paragraphs.back();
    if (line.empty()) {
      if (!paragraph.empty()) paragraphs.emplace_back();
    } else {
      absl::StrAppend(&paragraph, paragraph.empty() ? "" : " ", line);
    }
  }
  if (paragraphs.back().empty()) paragraphs.pop_back();
  return absl::StrJoin(paragraphs, "\n\n");
}

Parameter ReadParameter(const FieldDescriptor& field) {
  Parameter parameter;
  parameter.field = &field;
  parameter.facts = field.options().GetExtension(mcp::v1::field);
  parameter.flag = FlagWord(field.name());
  parameter.placeholder = PlaceholderWord(field.name());
  parameter.comment = Comment(field);
  parameter.positional = parameter.facts.required() &&
                         parameter.facts.identifier() && !field.is_repeated();
  return parameter;
}

Command ReadCommand(const MethodDescriptor& method) {
  Command command;
  command.resource = ResourceWord(method.service()->name());
  command.verb = VerbWord(method.name(), method.service()->name());
  command.method = &method;
  command.facts = method.options().GetExtension(mcp::v1::method);
  command.comment = Comment(method);
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    command.parameters.push_back(ReadParameter(*method.input_type()->field(i)));
  }
  return command;
}

// PostgreSQL clusters come first, then what else people run; last come the
// services that serve the others.
int RankInHelp(const Resource& resource) {
  if (resource.commands.empty()) return 2;
  const std::string& package =
      resource.commands.front().method->file()->package();
  if (absl::StartsWith(package, "howdah.postgres.")) return 0;
  return absl::StartsWith(package, "howdah.aiven.") ||
                 absl::StartsWith(package, "howdah.aws.")
             ? 1
             : 2;
}

template <typename Elements, typename Predicate>
auto FindOrNull(const Elements& elements, Predicate predicate) -> const
    typename Elements::value_type* {
  const auto found = std::find_if(elements.begin(), elements.end(), predicate);
  return found == elements.end() ? nullptr : &*found;
}

}  // namespace

bool Parameter::is_switch() const {
  return field->type() == FieldDescriptor::TYPE_BOOL && !field->is_repeated();
}

bool Parameter::takes_number() const {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
}

std::string Command::path() const {
  return absl::StrCat("/", method->service()->full_name(), "/", method->name());
}

const Parameter* Command::FindField(absl::string_view name) const {
  return FindOrNull(parameters, [&](const Parameter& parameter) {
    return parameter.field->name() == name;
  });
}

const Parameter* Command::FindFlag(absl::string_view flag) const {
  return FindOrNull(parameters, [&](const Parameter& parameter) {
    return parameter.flag == flag;
  });
}

std::vector<const Parameter*> Command::Positionals() const {
  std::vector<const Parameter*> positionals;
  for (const Parameter& parameter : parameters) {
    if (parameter.positional) positionals.push_back(&parameter);
  }
  return positionals;
}

std::string Command::ArgumentName(const Parameter& parameter) const {
  if (parameter.positional) return parameter.placeholder;
  if (parameter.field->name() == facts.confirmation_field()) return "--yes";
  return parameter.flag;
}

std::string Command::InWordsOfFlags(absl::string_view text) const {
  std::vector<std::pair<std::string, std::string>> words;
  for (const Parameter& parameter : parameters) {
    if (absl::StrContains(parameter.field->name(), '_')) {
      const std::string argument = ArgumentName(parameter);
      words.emplace_back(parameter.field->name(), argument);
      words.emplace_back(absl::StrCat(parameter.field->name(), "=true"),
                         argument);
    }
  }
  return absl::StrReplaceAll(text, words);
}

CommandList::CommandList()
    : pool_(std::make_unique<google::protobuf::DescriptorPool>()),
      factory_(std::make_unique<google::protobuf::DynamicMessageFactory>()) {}

CommandList::CommandList(CommandList&&) noexcept = default;
CommandList::~CommandList() = default;

CommandList CommandList::FromContract() {
  CommandList list;
  google::protobuf::FileDescriptorSet set;
  const absl::string_view bytes = descriptors::FileDescriptorSetBytes();
  set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const auto& file : set.file()) {
    files.push_back(list.pool_->BuildFile(file));
  }
  for (const auto* file : files) {
    if (file == nullptr || !absl::StartsWith(file->package(), "howdah.")) {
      continue;
    }
    for (int i = 0; i < file->service_count(); ++i) {
      list.AddService(*file->service(i));
    }
  }
  std::stable_sort(list.resources_.begin(), list.resources_.end(),
                   [](const Resource& a, const Resource& b) {
                     return RankInHelp(a) < RankInHelp(b);
                   });
  return list;
}

void CommandList::AddService(const ServiceDescriptor& service) {
  Resource resource;
  resource.word = ResourceWord(service.name());
  resource.comment = Comment(service);
  for (int i = 0; i < service.method_count(); ++i) {
    resource.commands.push_back(ReadCommand(*service.method(i)));
  }
  resources_.push_back(std::move(resource));
}

const Resource* CommandList::FindResource(absl::string_view word) const {
  return FindOrNull(resources_, [&](const Resource& resource) {
    // The singular is a habit of many.
    return resource.word == word || resource.word == absl::StrCat(word, "s");
  });
}

const Command* CommandList::Find(absl::string_view resource,
                                 absl::string_view verb) const {
  const Resource* found = FindResource(resource);
  if (found == nullptr) return nullptr;
  return FindOrNull(found->commands, [&](const Command& command) {
    return command.verb == verb;
  });
}

std::string CommandList::InWordsOfCommands(absl::string_view text) const {
  std::vector<std::pair<std::string, std::string>> words;
  for (const Resource& resource : resources_) {
    for (const Command& command : resource.commands) {
      const std::string& tool = command.facts.tool().name();
      if (tool.empty()) continue;
      words.emplace_back(tool, absl::StrCat("howdahctl ", command.resource, " ",
                                            command.verb));
    }
  }
  return absl::StrReplaceAll(text, words);
}

std::unique_ptr<google::protobuf::Message> CommandList::NewMessage(
    const google::protobuf::Descriptor* type) const {
  return std::unique_ptr<google::protobuf::Message>(
      factory_->GetPrototype(type)->New());
}

std::unique_ptr<google::protobuf::Message> CommandList::NewMessage(
    const std::string& type) const {
  const auto* descriptor = pool_->FindMessageTypeByName(type);
  return descriptor == nullptr ? nullptr : NewMessage(descriptor);
}

std::string Wording::Say(absl::string_view sentence) const {
  const std::string said = commands_.InWordsOfCommands(sentence);
  return command_ == nullptr ? said : command_->InWordsOfFlags(said);
}

std::string Wording::ArgumentName(const std::string& path) const {
  const Parameter* parameter =
      command_ == nullptr ? nullptr : command_->FindField(path);
  return parameter == nullptr ? path : command_->ArgumentName(*parameter);
}

bool Wording::is_destructive() const {
  return command_ != nullptr && command_->facts.destructive();
}

std::string FirstSentence(absl::string_view comment) {
  comment = comment.substr(0, comment.find("\n\n"));
  comment = comment.substr(0, comment.find(". "));
  absl::ConsumeSuffix(&comment, ".");
  return std::string(comment);
}

std::string Brief(absl::string_view comment) {
  const std::string sentence = FirstSentence(comment);
  return sentence.substr(0, sentence.find_first_of(":;"));
}

}  // namespace howdah::ctl
