#include "adapter/resources/rpc_resource_provider.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapter/mcp/toolsets.h"
#include "adapter/rendering/clean_text.h"
#include "adapter/rendering/render_text.h"
#include "adapter/tools/plain_call.h"
#include "adapter/transcoding/message_to_json.h"
#include "howdah/changes/v1/changes_service.pb.h"
#include "proto/support/enum_names.h"
#include "proto/support/status_macros.h"

namespace howdah::resources {
namespace {

using catalogue::NameSource;
using catalogue::ResourceCatalogue;
using catalogue::ResourceKind;
using catalogue::UriValues;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr char kJson[] = "application/json";
constexpr int kItemsOnAPage = 50;
constexpr size_t kLongestJson = 200000;
constexpr size_t kLongestDescription = 200;

// A resource that never changes is watched by waiting for ever.
class NeverChanges : public mcp::ResourceWatch {};

bool IsOn(const catalogue::Rpc& rpc, const mcp::RequestContext& context) {
  return mcp::AllowsToolset(context.toolsets, rpc.toolset());
}

absl::Status NoSuchResource(absl::string_view uri) {
  return absl::NotFoundError(absl::StrCat(
      "There is no resource ", uri.substr(0, 256),
      "; resources/list and resources/templates/list show what there is."));
}

// The lists that resources come from, each once, in the order of the contract.
std::vector<const NameSource*> ListsOf(const ResourceCatalogue& resources) {
  std::vector<const NameSource*> lists;
  for (const ResourceKind& kind : resources.resources()) {
    if (kind.listed_by != nullptr &&
        std::find(lists.begin(), lists.end(), kind.listed_by) == lists.end()) {
      lists.push_back(kind.listed_by);
    }
  }
  return lists;
}

// Which page of which list: "0." is the first of the first.
struct Cursor {
  size_t list = 0;
  std::string page_token;
  // The caller may look into one namespace only.
  bool narrowed = false;

  std::string Text() const {
    return absl::StrCat(list, narrowed ? "," : ".", page_token);
  }
};

absl::StatusOr<Cursor> ParseCursor(absl::string_view text, size_t lists) {
  Cursor cursor;
  if (text.empty()) return cursor;
  const size_t mark = text.find_first_of(".,");
  if (mark == text.npos ||
      !absl::SimpleAtoi(text.substr(0, mark), &cursor.list) ||
      cursor.list >= lists) {
    return absl::InvalidArgumentError(
        "params.cursor is not known; pass on nextCursor as it was given, or "
        "leave it out to begin anew.");
  }
  cursor.narrowed = text[mark] == ',';
  cursor.page_token = std::string(text.substr(mark + 1));
  return cursor;
}

void SetText(Message& message, const FieldDescriptor* field,
             const std::string& text) {
  message.GetReflection()->SetString(&message, field, text);
}

std::unique_ptr<Message> ListRequest(const NameSource& list, const Cursor& at) {
  std::unique_ptr<Message> request(list.rpc.request->New());
  const auto& type = *request->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const auto& facts = field->options().GetExtension(howdah::mcp::v1::field);
    if (facts.format() == howdah::mcp::v1::FORMAT_NAMESPACE_OR_ALL) {
      SetText(*request, field, "*");
    } else if (field->name() == "page_size") {
      request->GetReflection()->SetInt32(request.get(), field, kItemsOnAPage);
    } else if (field->name() == "page_token" && !at.page_token.empty()) {
      SetText(*request, field, at.page_token);
    }
  }
  if (at.narrowed) tools::NarrowNamespace(*request);
  return request;
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->GetString(message, field);
}

// Empty on the last page.
std::string NextPageOf(const Message& answer) {
  const auto* next = answer.GetDescriptor()->FindFieldByName("next_page_token");
  return next == nullptr ? std::string() : TextOf(answer, next);
}

// The resource of that kind that an item of its list stands for.
mcp::ResourceDefinition DefineFor(const ResourceKind& kind,
                                  const Message& item) {
  UriValues values;
  std::vector<std::string> path;
  for (const std::string& variable : kind.uri.variables()) {
    const std::string& names = kind.names.at(variable);
    values[variable] = TextOf(item, kind.listed_by->names.at(names));
    path.push_back(values[variable]);
  }
  mcp::ResourceDefinition resource;
  resource.uri = kind.uri.Expand(values);
  const std::string joined = absl::StrJoin(path, "/");
  resource.name = absl::StrCat(kind.facts->name(), " ", joined);
  resource.title = absl::StrCat(kind.facts->title(), ": ", joined);
  resource.mime_type = kJson;
  const auto* summary = item.GetDescriptor()->FindFieldByName("summary");
  const bool is_the_item =
      kind.rpc.response->GetDescriptor() == item.GetDescriptor();
  if (is_the_item && summary != nullptr) {
    rendering::AppendOneLine(TextOf(item, summary), kLongestDescription,
                             resource.description);
  }
  return resource;
}

void AppendResources(const ResourceCatalogue& resources, const NameSource& list,
                     const Message& answer, const mcp::RequestContext& context,
                     mcp::ResourcePage& page) {
  const auto& reflection = *answer.GetReflection();
  const int count = reflection.FieldSize(answer, list.items);
  for (int i = 0; i < count; ++i) {
    const Message& item = reflection.GetRepeatedMessage(answer, list.items, i);
    for (const ResourceKind& kind : resources.resources()) {
      if (kind.listed_by == &list && IsOn(kind.rpc, context)) {
        page.items.push_back(DefineFor(kind, item));
      }
    }
  }
}

mcp::ResourceReading Reading(absl::string_view uri, const catalogue::Rpc& rpc,
                             const transcoding::MessageTable& table,
                             const Message& answer) {
  mcp::ResourceReading reading;
  mcp::ResourceContent& json = reading.contents.emplace_back();
  json.uri = std::string(uri);
  json.mime_type = kJson;
  transcoding::AppendMessageJson(answer, table, json.bytes);
  if (json.bytes.size() > kLongestJson) {
    json.bytes = rendering::RenderJson(answer, table, {.budget = kLongestJson});
  }
  mcp::ResourceContent& text = reading.contents.emplace_back();
  text.uri = std::string(uri);
  text.mime_type = "text/plain";
  text.bytes =
      rendering::RenderText(answer, table, {.budget = rpc.result_budget});
  return reading;
}

std::set<howdah::changes::v1::Kind> KindsOf(const ResourceKind& kind) {
  std::set<howdah::changes::v1::Kind> kinds;
  for (const std::string& name : kind.facts->watched_kinds()) {
    const auto number =
        support::EnumNumber(howdah::changes::v1::Kind_descriptor(), name);
    if (number) {
      kinds.insert(static_cast<howdah::changes::v1::Kind>(*number));
    }
  }
  return kinds;
}

WatchTarget TargetOf(const ResourceCatalogue::Found& found) {
  WatchTarget target;
  target.context_name = found.context;
  target.namespace_name = "*";
  for (const auto& [variable, names] : found.kind->names) {
    const std::string& value = found.values.at(variable);
    if (names == "namespace") target.namespace_name = value;
    if (names == "cluster") target.cluster_name = value;
  }
  target.kinds = KindsOf(*found.kind);
  return target;
}

// Asks for page after page until it has the item that the resource is.
class ItemSearch : public std::enable_shared_from_this<ItemSearch> {
 public:
  using Done = std::function<void(absl::StatusOr<mcp::ResourceReading>)>;

  ItemSearch(upstream::UnaryCaller& caller, absl::string_view uri,
             const ResourceCatalogue::Found& found,
             upstream::CallOptions options, std::unique_ptr<Message> request,
             Done done)
      : caller_(caller),
        uri_(uri),
        kind_(*found.kind),
        wanted_(found.values.at(found.kind->item_variable)),
        options_(std::move(options)),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void Ask() {
    call_ = tools::CallPlainly(
        caller_, kind_.rpc, *request_, options_,
        [self = shared_from_this()](const absl::Status& status,
                                    const Message& answer) {
          if (!status.ok()) return self->done_(status);
          self->OnPage(answer);
        });
  }

  void Cancel() {
    // Let go of: it holds on to this search.
    if (const auto call = std::exchange(call_, nullptr)) call->Cancel();
  }

 private:
  void OnPage(const Message& answer) {
    const auto& reflection = *answer.GetReflection();
    const int count = reflection.FieldSize(answer, kind_.items);
    for (int i = 0; i < count; ++i) {
      const Message& item =
          reflection.GetRepeatedMessage(answer, kind_.items, i);
      if (TextOf(item, kind_.item_name) != wanted_) continue;
      return done_(Reading(uri_, kind_.rpc, *kind_.item_table, item));
    }
    const std::string next = NextPageOf(answer);
    if (next.empty()) return done_(NoSuchResource(uri_));
    SetText(*request_, request_->GetDescriptor()->FindFieldByName("page_token"),
            next);
    Ask();
  }

  upstream::UnaryCaller& caller_;
  const std::string uri_;
  const ResourceKind& kind_;
  const std::string wanted_;
  const upstream::CallOptions options_;
  const std::unique_ptr<Message> request_;
  const Done done_;
  std::unique_ptr<mcp::RunningCall> call_;
};

class RunningSearch : public mcp::RunningCall {
 public:
  explicit RunningSearch(std::shared_ptr<ItemSearch> search)
      : search_(std::move(search)) {}
  void Cancel() override { search_->Cancel(); }

 private:
  const std::shared_ptr<ItemSearch> search_;
};

}  // namespace

RpcResourceProvider::RpcResourceProvider(RpcResourceParts parts)
    : parts_(std::move(parts)) {}

mcp::ResourcePage RpcResourceProvider::FixedOnes(
    const mcp::RequestContext& context) const {
  mcp::ResourcePage page;
  mcp::ResourceDefinition& guide = page.items.emplace_back();
  guide.uri = kGuideUri;
  guide.name = "guide";
  guide.title = "Guide to Howdah's tools";
  guide.description =
      "Which tool to use for what, in which order, and what to mind. Read it "
      "before the first change.";
  guide.mime_type = "text/markdown";
  for (const ResourceKind& kind : parts_.catalogue.resources()) {
    if (!kind.uri.variables().empty() || !IsOn(kind.rpc, context)) continue;
    mcp::ResourceDefinition& resource = page.items.emplace_back();
    resource.uri = kind.uri.text();
    resource.name = kind.facts->name();
    resource.title = kind.facts->title();
    resource.description = kind.description;
    resource.mime_type = kJson;
  }
  return page;
}

std::unique_ptr<mcp::RunningCall> RpcResourceProvider::List(
    absl::string_view cursor, const mcp::RequestContext& context,
    std::function<void(absl::StatusOr<mcp::ResourcePage>)> done) {
  const std::vector<const NameSource*> lists = ListsOf(parts_.catalogue);
  absl::StatusOr<Cursor> at = ParseCursor(cursor, lists.size());
  if (!at.ok()) {
    done(at.status());
    return nullptr;
  }
  mcp::ResourcePage page;
  if (cursor.empty()) page = FixedOnes(context);
  while (at->list < lists.size() && !IsOn(lists[at->list]->rpc, context)) {
    at = Cursor{at->list + 1, "", false};
  }
  if (at->list >= lists.size() || !parts_.may_list()) {
    done(std::move(page));
    return nullptr;
  }
  const NameSource& list = *lists[at->list];
  return tools::ListWidely(
      parts_.caller, list.rpc, ListRequest(list, *at),
      tools::OptionsFor(list.rpc, context),
      [this, &list, context, page = std::move(page), at = *at,
       last = at->list + 1 == lists.size(),
       done = std::move(done)](const absl::Status& status,
                               const Message& answer, bool narrowed) mutable {
        // Who may not list may still read what can be named, and a server that
        // has no such plane may have another.
        if (absl::IsPermissionDenied(status) ||
            absl::IsFailedPrecondition(status)) {
          return done(std::move(page));
        }
        if (!status.ok()) return done(status);
        AppendResources(parts_.catalogue, list, answer, context, page);
        const std::string token = NextPageOf(answer);
        if (!token.empty()) {
          page.next_cursor =
              Cursor{at.list, token, at.narrowed || narrowed}.Text();
        } else if (!last) {
          page.next_cursor = Cursor{at.list + 1, "", false}.Text();
        }
        done(std::move(page));
      });
}

std::unique_ptr<mcp::RunningCall> RpcResourceProvider::ListTemplates(
    absl::string_view cursor, const mcp::RequestContext& context,
    std::function<void(absl::StatusOr<mcp::TemplatePage>)> done) {
  if (!cursor.empty()) {
    done(absl::InvalidArgumentError(
        "params.cursor is not known; there is only one page of templates."));
    return nullptr;
  }
  mcp::TemplatePage page;
  for (const ResourceKind& kind : parts_.catalogue.resources()) {
    if (kind.shown_template == kind.uri.text() &&
        kind.uri.variables().empty()) {
      continue;
    }
    if (!IsOn(kind.rpc, context)) continue;
    mcp::ResourceTemplate& shown = page.items.emplace_back();
    shown.uri_template = kind.shown_template;
    shown.name = kind.facts->name();
    shown.title = kind.facts->title();
    shown.description = kind.description;
    shown.mime_type = kJson;
  }
  done(std::move(page));
  return nullptr;
}

absl::StatusOr<ResourceCatalogue::Found> RpcResourceProvider::Find(
    absl::string_view uri, const mcp::RequestContext& context) const {
  auto found = parts_.catalogue.Find(uri);
  if (!found || !IsOn(found->kind->rpc, context)) return NoSuchResource(uri);
  return *std::move(found);
}

std::unique_ptr<mcp::RunningCall> RpcResourceProvider::Read(
    absl::string_view uri, const mcp::RequestContext& context,
    std::function<void(absl::StatusOr<mcp::ResourceReading>)> done) {
  if (uri == kGuideUri) {
    mcp::ResourceReading reading;
    reading.contents.push_back({kGuideUri, "text/markdown", parts_.guide()});
    done(std::move(reading));
    return nullptr;
  }
  const auto found = Find(uri, context);
  if (!found.ok()) {
    done(found.status());
    return nullptr;
  }
  const ResourceKind& kind = *found->kind;
  std::unique_ptr<Message> request(kind.rpc.request->New());
  transcoding::AdapterArguments extra;
  const std::string& fixed = kind.facts->arguments_json();
  const absl::Status decoded =
      decoder_.Decode(fixed.empty() ? "{}" : fixed, kind.facts->name(),
                      kind.arguments, *request, extra);
  if (!decoded.ok()) {
    done(decoded);
    return nullptr;
  }
  const auto& type = *request->GetDescriptor();
  for (const auto& [variable, value] : found->values) {
    if (variable == kind.item_variable) continue;
    SetText(*request, type.FindFieldByName(variable), value);
  }
  if (!found->context.empty()) {
    SetText(*request, type.FindFieldByName("context"), found->context);
  }
  const upstream::CallOptions options = tools::OptionsFor(kind.rpc, context);
  if (kind.items != nullptr) {
    auto search =
        std::make_shared<ItemSearch>(parts_.caller, uri, *found, options,
                                     std::move(request), std::move(done));
    search->Ask();
    return std::make_unique<RunningSearch>(std::move(search));
  }
  return tools::CallPlainly(
      parts_.caller, kind.rpc, *request, options,
      [&kind, uri = std::string(uri), done = std::move(done)](
          const absl::Status& status, const Message& answer) {
        if (!status.ok()) return done(status);
        done(Reading(uri, kind.rpc, *kind.rpc.answer, answer));
      });
}

absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>> RpcResourceProvider::Watch(
    absl::string_view uri, const mcp::RequestContext& context,
    std::function<void()> on_change) {
  if (uri == kGuideUri) return std::make_unique<NeverChanges>();
  ASSIGN_OR_RETURN(const ResourceCatalogue::Found found, Find(uri, context));
  if (found.kind->facts->watched_kinds().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(uri.substr(0, 256),
                     " cannot be subscribed to; read it "
                     "from time to time."));
  }
  return parts_.watcher.Watch(TargetOf(found), context, std::move(on_change));
}

absl::StatusOr<std::unique_ptr<mcp::ResourceWatch>>
RpcResourceProvider::WatchList(const mcp::RequestContext& context,
                               std::function<void()> on_change) {
  if (!parts_.may_list()) {
    return absl::UnavailableError(
        "Nothing is there yet that could be watched.");
  }
  WatchTarget target;
  target.namespace_name = "*";
  target.coming_and_going = true;
  for (const NameSource* list : ListsOf(parts_.catalogue)) {
    if (!IsOn(list->rpc, context)) continue;
    for (const ResourceKind& kind : parts_.catalogue.resources()) {
      if (kind.rpc.path == list->rpc.path) target.kinds.merge(KindsOf(kind));
    }
  }
  return parts_.watcher.Watch(std::move(target), context, std::move(on_change));
}

}  // namespace howdah::resources
