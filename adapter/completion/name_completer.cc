#include "adapter/completion/name_completer.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/tools/plain_call.h"

namespace howdah::completion {
namespace {

using catalogue::NameSource;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr absl::Duration kKeptFor = absl::Seconds(5);
constexpr size_t kMostKept = 64;
constexpr int kItems = 1000;
// As many as MCP lets an answer have.
constexpr size_t kMostValues = 100;

absl::Status NoSuchArgument(const mcp::CompletionRequest& request,
                            const std::string& argument) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", request.name.substr(0, 128), "\" has no argument \"",
                   argument.substr(0, 64), "\" that could be completed."));
}

// Nothing to suggest, rather than an error, for what only means that the
// caller may not see it or that it does not exist.
bool MeansNothing(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status);
}

mcp::Completion Answer(const std::vector<std::string>& sorted, bool has_more,
                       const std::string& typed) {
  mcp::Completion completion;
  completion.values = Matching(sorted, typed);
  if (!has_more) {
    completion.total = static_cast<std::int64_t>(completion.values.size());
  }
  completion.has_more = has_more || completion.values.size() > kMostValues;
  if (completion.values.size() > kMostValues) {
    completion.values.resize(kMostValues);
  }
  return completion;
}

std::vector<std::string> NamesIn(const Message& answer,
                                 const NameSource& source,
                                 const FieldDescriptor* name) {
  std::set<std::string> names;
  const auto& reflection = *answer.GetReflection();
  const int count = reflection.FieldSize(answer, source.items);
  for (int i = 0; i < count; ++i) {
    const Message& item =
        reflection.GetRepeatedMessage(answer, source.items, i);
    names.insert(item.GetReflection()->GetString(item, name));
  }
  names.erase("");
  return {names.begin(), names.end()};
}

bool HasMore(const Message& answer) {
  const auto* token =
      answer.GetDescriptor()->FindFieldByName("next_page_token");
  return token != nullptr &&
         !answer.GetReflection()->GetString(answer, token).empty();
}

}  // namespace

std::vector<std::string> Matching(const std::vector<std::string>& names,
                                  const std::string& typed) {
  const std::string wanted = absl::AsciiStrToLower(typed);
  std::vector<std::string> matching;
  std::vector<std::string> containing;
  for (const std::string& name : names) {
    const size_t at = absl::AsciiStrToLower(name).find(wanted);
    if (at == 0) matching.push_back(name);
    if (at != 0 && at != std::string::npos) containing.push_back(name);
  }
  matching.insert(matching.end(), containing.begin(), containing.end());
  return matching;
}

NameCompleter::NameCompleter(const catalogue::ResourceCatalogue& resources,
                             const prompts::RunbookPrompts& prompts,
                             upstream::UnaryCaller& caller,
                             std::function<absl::Time()> now)
    : resources_(resources),
      prompts_(prompts),
      caller_(caller),
      now_(std::move(now)) {}

absl::StatusOr<std::string> NameCompleter::KindOfArgument(
    const mcp::CompletionRequest& request, const std::string& argument) const {
  if (request.of == mcp::Completable::kPrompt) {
    const prompts::Runbook* runbook = prompts_.Find(request.name);
    if (runbook != nullptr) {
      for (const prompts::RunbookArgument& one : runbook->arguments) {
        if (one.name == argument) return one.names;
      }
    }
    return NoSuchArgument(request, argument);
  }
  for (const catalogue::ResourceKind& kind : resources_.resources()) {
    if (kind.shown_template != request.name &&
        kind.uri.text() != request.name) {
      continue;
    }
    const auto found = kind.names.find(argument);
    if (found != kind.names.end()) return found->second;
  }
  return NoSuchArgument(request, argument);
}

std::unique_ptr<Message> NameCompleter::ListRequest(
    const NameSource& source, const mcp::CompletionRequest& request) const {
  std::map<std::string, std::string> known;
  for (const auto& [argument, value] : request.known) {
    const auto kind = KindOfArgument(request, argument);
    if (kind.ok() && argument != request.argument) known[*kind] = value;
  }
  std::unique_ptr<Message> list(source.rpc.request->New());
  const auto& reflection = *list->GetReflection();
  const auto& type = *list->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const auto& facts = field->options().GetExtension(howdah::mcp::v1::field);
    if (field->name() == "page_size") {
      reflection.SetInt32(list.get(), field, kItems);
    }
    if (field->name() == "context") {
      for (const auto& [argument, value] : request.known) {
        if (argument == "context" && !value.empty()) {
          reflection.SetString(list.get(), field, value);
        }
      }
    }
    if (facts.names().empty()) continue;
    const std::string& value = known[facts.names()];
    if (!value.empty()) {
      reflection.SetString(list.get(), field, value);
    } else if (facts.format() == howdah::mcp::v1::FORMAT_NAMESPACE_OR_ALL) {
      reflection.SetString(list.get(), field, "*");
    } else if (facts.required()) {
      return nullptr;
    }
  }
  return list;
}

const NameCompleter::Names* NameCompleter::Known(const std::string& key) const {
  const auto found = kept_.find(key);
  if (found == kept_.end() || found->second.read + kKeptFor < now_()) {
    return nullptr;
  }
  return &found->second;
}

void NameCompleter::Keep(const std::string& key, Names names) {
  std::erase_if(kept_, [this](const auto& entry) {
    return entry.second.read + kKeptFor < now_();
  });
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_[key] = std::move(names);
}

std::unique_ptr<mcp::RunningCall> NameCompleter::Complete(
    mcp::CompletionRequest request,
    std::function<void(absl::StatusOr<mcp::Completion>)> done) {
  const auto kind = KindOfArgument(request, request.argument);
  if (!kind.ok()) {
    done(kind.status());
    return nullptr;
  }
  const NameSource* source = resources_.SourceOf(*kind);
  const mcp::RequestContext& context = request.context;
  std::unique_ptr<Message> list;
  if (source != nullptr &&
      mcp::AllowsToolset(context.toolsets, source->rpc.toolset())) {
    list = ListRequest(*source, request);
  }
  if (list == nullptr) {
    done(mcp::Completion());
    return nullptr;
  }
  std::string key = absl::StrCat(
      *kind, "\n", source->rpc.path, "\n", context.principal_key(), "\n",
      context.bearer_token, "\n", absl::StrJoin(context.toolsets, ","), "\n",
      list->SerializeAsString());
  if (const Names* names = Known(key); names != nullptr) {
    done(Answer(names->sorted, names->has_more, request.value));
    return nullptr;
  }
  return tools::ListWidely(
      caller_, source->rpc, std::move(list),
      tools::OptionsFor(source->rpc, context),
      [this, source, name = source->names.at(*kind), key = std::move(key),
       typed = std::move(request.value), done = std::move(done)](
          const absl::Status& status, const Message& answer, bool) {
        if (MeansNothing(status)) return done(mcp::Completion());
        if (!status.ok()) return done(status);
        Names names{NamesIn(answer, *source, name), HasMore(answer), now_()};
        done(Answer(names.sorted, names.has_more, typed));
        Keep(key, std::move(names));
      });
}

}  // namespace howdah::completion
