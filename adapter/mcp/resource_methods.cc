#include "adapter/mcp/resource_methods.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/protocol.h"

namespace howdah::mcp {
namespace {

using jsonrpc::InvalidParams;
using jsonrpc::Member;

// The legacy era's own code; the modern one uses invalid parameters.
constexpr int kResourceNotFound = -32002;

constexpr char kExampleUri[] = "howdah://guide";

// What resources and templates have in common.
template <typename Item>
void AppendFacts(std::string& out, const Item& item, ProtocolVersion version) {
  AppendText(out, "name", item.name);
  if (HasStructuredContent(version)) AppendText(out, "title", item.title);
  AppendText(out, "description", item.description);
  AppendText(out, "mimeType", item.mime_type);
  if (HasIcons(version)) AppendJson(out, "icons", item.icons_json);
  AppendJson(out, "annotations", item.annotations_json);
}

void AppendItem(std::string& out, const ResourceDefinition& resource,
                ProtocolVersion version) {
  AppendText(out, "uri", resource.uri);
  AppendFacts(out, resource, version);
  if (resource.size) AppendJson(out, "size", absl::StrCat(*resource.size));
}

void AppendItem(std::string& out, const ResourceTemplate& resource,
                ProtocolVersion version) {
  AppendText(out, "uriTemplate", resource.uri_template);
  AppendFacts(out, resource, version);
}

template <typename Item>
std::string ListAnswer(const Call& call, const Results& results,
                       absl::string_view member, const ListPage<Item>& page) {
  std::string out = results.Begin(call.id, call.version, 2048);
  AppendCacheHint(out, page.cache, call.version);
  absl::StrAppend(&out, "\"", member, "\":[");
  for (const Item& item : page.items) {
    out += out.back() == '[' ? "{" : ",{";
    AppendItem(out, item, call.version);
    out.back() = '}';
  }
  out += "],";
  AppendText(out, "nextCursor", page.next_cursor);
  EndResult(out);
  return out;
}

void AppendContent(std::string& out, const ResourceContent& content) {
  out += '{';
  AppendText(out, "uri", content.uri);
  AppendText(out, "mimeType", content.mime_type);
  if (content.binary) {
    absl::StrAppend(&out, R"("blob":")", absl::Base64Escape(content.bytes),
                    "\"}");
    return;
  }
  out += R"("text":)";
  jsonrpc::AppendString(out, content.bytes);
  out += '}';
}

// False if it was refused.
bool ReadCursor(const Request& request, std::string& cursor) {
  const absl::string_view raw = Member(request.params(), "cursor");
  if (!raw.empty() && !jsonrpc::IsString(raw)) {
    Refuse(request, InvalidParams("params.cursor must be the string given as "
                                  "nextCursor, or left out."));
    return false;
  }
  cursor = jsonrpc::DecodeString(raw);
  return true;
}

}  // namespace

void ResourceMethods::List(Request& request) {
  std::string cursor;
  if (!ReadCursor(request, cursor)) return;
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  WatchList(request);
  calls_.Run(*call, [&] {
    return provider_.List(
        cursor, request.context,
        [this, call](const absl::StatusOr<ResourcePage>& page) {
          if (!page.ok()) return calls_.Fail(*call, ErrorFrom(page.status()));
          calls_.Answer(*call, ListAnswer(*call, results_, "resources", *page));
        });
  });
}

// In the legacy era nobody asks to be told; who has seen the list wants to
// know.
void ResourceMethods::WatchList(const Request& request) {
  Session* session = request.arrival.session;
  if (IsModern(request.context.version) || !session->exclusive() ||
      list_watches_[session].token == request.context.bearer_token) {
    return;
  }
  absl::StatusOr<std::unique_ptr<ResourceWatch>> watch = provider_.WatchList(
      request.context, [session] { session->Notify(kResourcesChanged, "{}"); });
  // Else the next listing tries again.
  if (watch.ok()) {
    list_watches_[session] = {request.context.bearer_token, *std::move(watch)};
  }
}

void ResourceMethods::ListTemplates(Request& request) {
  std::string cursor;
  if (!ReadCursor(request, cursor)) return;
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  calls_.Run(*call, [&] {
    return provider_.ListTemplates(
        cursor, request.context,
        [this, call](const absl::StatusOr<TemplatePage>& page) {
          if (!page.ok()) return calls_.Fail(*call, ErrorFrom(page.status()));
          calls_.Answer(
              *call, ListAnswer(*call, results_, "resourceTemplates", *page));
        });
  });
}

void ResourceMethods::Read(Request& request) {
  std::string uri;
  if (!ReadString(request, "uri", kExampleUri, uri)) return;
  Call* call = calls_.Begin(request);
  if (call == nullptr) return;
  calls_.Run(*call, [&] {
    return provider_.Read(
        uri, request.context,
        [this, call, uri](const absl::StatusOr<ResourceReading>& reading) {
          OnRead(*call, uri, reading);
        });
  });
}

void ResourceMethods::OnRead(Call& call, const std::string& uri,
                             const absl::StatusOr<ResourceReading>& reading) {
  if (!reading.ok()) return FailUnknown(call, uri, reading.status());
  std::string out = results_.Begin(call.id, call.version, 1024);
  AppendCacheHint(out, reading->cache, call.version);
  out += R"("contents":[)";
  for (const ResourceContent& content : reading->contents) {
    if (out.back() != '[') out += ',';
    AppendContent(out, content);
  }
  out += "],";
  EndResult(out);
  calls_.Answer(call, std::move(out));
}

void ResourceMethods::FailUnknown(Call& call, const std::string& uri,
                                  const absl::Status& status) {
  jsonrpc::Error error = ErrorFrom(status);
  if (status.code() == absl::StatusCode::kNotFound) {
    if (!IsModern(call.version)) error.code = kResourceNotFound;
    error.data_json = R"({"uri":)";
    jsonrpc::AppendString(error.data_json, uri);
    error.data_json += '}';
  }
  calls_.Fail(call, error);
}

void ResourceMethods::Subscribe(Request& request) {
  std::string uri;
  if (!ReadString(request, "uri", kExampleUri, uri)) return;
  Session* session = request.arrival.session;
  if (!session->exclusive()) {
    return Refuse(request, jsonrpc::InvalidRequest(
                               "Changes are told in a session; send initialize "
                               "to begin one."));
  }
  Watches& watches = subscriptions_[session];
  if (!watches.contains(uri) && watches.size() >= kMaxSubscriptions) {
    return Refuse(request, InvalidParams(absl::StrCat(
                               "A session may subscribe to ", kMaxSubscriptions,
                               " resources; unsubscribe from others.")));
  }
  std::string params = R"({"uri":)";
  jsonrpc::AppendString(params, uri);
  params += '}';
  absl::StatusOr<std::unique_ptr<ResourceWatch>> watch = provider_.Watch(
      uri, request.context, [session, params = std::move(params)] {
        session->Notify("notifications/resources/updated", params);
      });
  if (!watch.ok()) return Refuse(request, ErrorFrom(watch.status()));
  // In the place of one before, which ends with its token.
  watches[uri] = *std::move(watch);
  AnswerSlot slot = request.slot;
  slot.Deliver(kHttpOk,
               results_.Empty(request.message.id, request.context.version));
}

void ResourceMethods::Unsubscribe(Request& request) {
  std::string uri;
  if (!ReadString(request, "uri", kExampleUri, uri)) return;
  const auto found = subscriptions_.find(request.arrival.session);
  if (found != subscriptions_.end()) found->second.erase(uri);
  AnswerSlot slot = request.slot;
  slot.Deliver(kHttpOk,
               results_.Empty(request.message.id, request.context.version));
}

}  // namespace howdah::mcp
