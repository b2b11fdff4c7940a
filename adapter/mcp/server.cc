#include "adapter/mcp/server.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/parser.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/legacy_codec.h"
#include "adapter/mcp/modern_codec.h"
#include "adapter/mcp/tool_calls.h"
#include "adapter/mcp/tool_listing.h"
#include "proto/support/nearest_name.h"

namespace howdah::mcp {
namespace {

using jsonrpc::DecodeString;
using jsonrpc::Error;
using jsonrpc::InvalidParams;
using jsonrpc::IsObject;
using jsonrpc::IsString;
using jsonrpc::Member;
using jsonrpc::Message;
using jsonrpc::MessageKind;

// One request on its way to its method.
struct Request {
  const Message& message;
  const Arrival& arrival;
  ProtocolVersion version;
  AnswerSlot slot;
};

void Refuse(const Request& request, const Error& error, int status = kHttpOk) {
  AnswerSlot slot = request.slot;
  slot.Deliver(status, jsonrpc::ErrorMessage(request.message.id, error));
}

// A longer name is cut where it is quoted back.
std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", text.substr(0, 128), "\"");
}

}  // namespace

class Server::Impl {
 public:
  Impl(const Providers& providers, ServerInfo info)
      : info_(std::move(info)),
        modern_start_(modern::ResultStart(info_)),
        providers_(providers),
        listing_(providers.tools, info_),
        calls_(providers.tools, modern_start_) {}

  jsonrpc::Parsed Parse(absl::string_view text) { return parser_.Parse(text); }

  void Dispatch(const jsonrpc::Parsed& parsed, const Arrival& arrival,
                transports::Exchange& exchange) {
    if (!parsed.batch) {
      One(parsed.messages.front(), arrival, {&exchange, nullptr});
      return;
    }
    if (!arrival.allow_batches) {
      exchange.Finish(
          {kHttpBadRequest,
           jsonrpc::ErrorMessage(
               {}, jsonrpc::InvalidRequest(
                       "Batches belong to protocol version 2025-03-26; send "
                       "one message at a time."))});
      return;
    }
    // One more than there are, so that none of them is the last.
    AnswerSlot slot = {&exchange,
                       new Batch{&exchange, parsed.messages.size() + 1, {}}};
    for (const Message& message : parsed.messages) One(message, arrival, slot);
    slot.Deliver(kHttpOk, {});
  }

  void Abandon(transports::Exchange& exchange, bool cancel) {
    calls_.Abandon(exchange, cancel);
  }
  void End(Session& session) {
    calls_.End(session);
    session.Close();
  }
  std::size_t running_calls() const { return calls_.running(); }

 private:
  using Handler = void (Impl::*)(const Request&);
  enum class Era { kLegacy, kModern, kBoth };
  struct Method {
    absl::string_view name;
    Era era;
    Handler handler;
  };

  // All requests there are.
  static const std::array<Method, 5>& Methods() {
    static constexpr std::array<Method, 5> kMethods = {{
        {"tools/call", Era::kBoth, &Impl::CallTool},
        {"tools/list", Era::kBoth, &Impl::ListTools},
        {"initialize", Era::kLegacy, &Impl::Initialize},
        {"ping", Era::kLegacy, &Impl::Ping},
        {"server/discover", Era::kModern, &Impl::Discover},
    }};
    return kMethods;
  }

  void One(const Message& message, const Arrival& arrival, AnswerSlot slot) {
    switch (message.kind) {
      case MessageKind::kInvalid:
        slot.Deliver(kHttpBadRequest,
                     jsonrpc::ErrorMessage(message.id, message.fault,
                                           IsModern(arrival.context.version)
                                               ? jsonrpc::UnknownId::kOmit
                                               : jsonrpc::UnknownId::kNull));
        return;
      case MessageKind::kNotification:
        Notify(message, arrival);
        slot.Deliver(kHttpAccepted, {});
        return;
      case MessageKind::kResponse:
        arrival.session->OnResponse(message);
        slot.Deliver(kHttpAccepted, {});
        return;
      case MessageKind::kRequest:
        Answer(message, arrival, slot);
    }
  }

  void Answer(const Message& message, const Arrival& arrival, AnswerSlot slot) {
    Request request = {message, arrival, arrival.context.version, slot};
    if (IsModern(arrival.context.version) || modern::Describes(message)) {
      request.version = kModernVersion;
      std::optional<modern::Refused> refused = modern::CheckRequest(
          message, arrival.has_headers ? slot.exchange : nullptr);
      if (refused) return Refuse(request, refused->error, refused->status);
    }
    const bool is_modern = IsModern(request.version);
    for (const Method& method : Methods()) {
      if (method.name != message.method) continue;
      if (method.era == (is_modern ? Era::kLegacy : Era::kModern)) break;
      if (!message.params.empty() && !IsObject(message.params)) {
        return Refuse(request,
                      InvalidParams("params must be an object, for example "
                                    "{\"name\":\"...\"}; not an array."));
      }
      return (this->*method.handler)(request);
    }
    Refuse(request,
           jsonrpc::MethodNotFound(
               absl::StrCat("There is no method ", Quote(message.method),
                            " here; for example there are \"tools/list\" and "
                            "\"tools/call\".")),
           is_modern ? kHttpNotFound : kHttpOk);
  }

  void Notify(const Message& message, const Arrival& arrival) {
    // Others, such as notifications/initialized, need nothing done.
    if (message.method != "notifications/cancelled") return;
    Call* call = arrival.session->Find(Member(message.params, "requestId"));
    if (call != nullptr) calls_.Cancel(*call);
  }

  void Initialize(const Request& request) {
    if (request.slot.batch != nullptr) {
      return Refuse(request, jsonrpc::InvalidRequest(
                                 "initialize must not be part of a batch; send "
                                 "it alone and first."));
    }
    absl::string_view asked = Member(request.message.params, "protocolVersion");
    if (!IsString(asked)) {
      return Refuse(request,
                    InvalidParams("params.protocolVersion is missing or no "
                                  "string; for example \"2025-11-25\"."));
    }
    const ProtocolVersion version = Negotiate(DecodeString(asked));
    if (request.arrival.host != nullptr) {
      request.arrival.host->OnInitialized(version, request.arrival.context,
                                          *request.slot.exchange);
    }
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk,
                 legacy::InitializeAnswer(request.message.id, version, info_));
  }

  void Ping(const Request& request) {
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, jsonrpc::BeginResult(request.message.id) + "{}}");
  }

  void Discover(const Request& request) {
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, modern::DiscoverAnswer(request.message.id, info_,
                                                 modern_start_));
  }

  void ListTools(const Request& request) {
    absl::string_view raw = Member(request.message.params, "cursor");
    if (!raw.empty() && !IsString(raw)) {
      return Refuse(request,
                    InvalidParams("params.cursor must be the string given as "
                                  "nextCursor, or left out."));
    }
    const std::string cursor = DecodeString(raw);
    const std::string* page =
        listing_.Page(request.version, request.arrival.context, cursor);
    if (page == nullptr) {
      return Refuse(request,
                    InvalidParams(absl::StrCat(
                        "params.cursor ", Quote(cursor),
                        " is not known; pass on nextCursor as it was given, or "
                        "leave it out to begin anew.")));
    }
    std::string body =
        jsonrpc::BeginResult(request.message.id, page->size() + 1);
    absl::StrAppend(&body, *page, "}");
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, std::move(body));
  }

  void CallTool(const Request& request) {
    absl::string_view name, arguments, meta;
    jsonrpc::ForEachMember(request.message.params,
                           [&](absl::string_view key, absl::string_view value) {
                             if (jsonrpc::StringEquals(key, "name")) {
                               name = value;
                             }
                             if (jsonrpc::StringEquals(key, "arguments")) {
                               arguments = value;
                             }
                             if (jsonrpc::StringEquals(key, "_meta")) {
                               meta = value;
                             }
                             return true;
                           });
    if (!IsString(name)) {
      return Refuse(request,
                    InvalidParams(absl::StrCat(
                        "params.name is missing or no string; it names the "
                        "tool to call",
                        ExampleTool(), ".")));
    }
    if (!arguments.empty() && !IsObject(arguments)) {
      return Refuse(request,
                    InvalidParams("params.arguments must be an object, for "
                                  "example {\"name\":\"orders\"}."));
    }
    ToolCall tool_call;
    tool_call.name = DecodeString(name);
    if (!providers_.tools.Has(tool_call.name)) {
      return Refuse(request, InvalidParams(NoSuchTool(tool_call.name)));
    }
    absl::string_view token = Member(meta, "progressToken");
    if (!token.empty() && !IsString(token) && !jsonrpc::IsNumber(token)) {
      return Refuse(request,
                    InvalidParams("params._meta.progressToken must be a string "
                                  "or a number, for example 1."));
    }
    tool_call.arguments_json =
        arguments.empty() ? absl::string_view("{}") : arguments;
    tool_call.context = request.arrival.context;
    tool_call.context.version = request.version;
    std::string traceparent = DecodeString(Member(meta, "traceparent"));
    if (!traceparent.empty()) {
      tool_call.context.traceparent = std::move(traceparent);
    }
    const CallRequest call = {request.arrival.session, request.slot,
                              request.version, request.message.id, token};
    if (!calls_.Start(call, std::move(tool_call))) {
      Refuse(request, jsonrpc::InvalidRequest(absl::StrCat(
                          "A call with id ", request.message.id.substr(0, 64),
                          " is still under way; give each request an id of "
                          "its own.")));
    }
  }

  std::string NoSuchTool(absl::string_view name) const {
    std::vector<std::string> known;
    for (const ToolDefinition& tool : providers_.tools.tools()) {
      known.push_back(tool.name);
    }
    const std::string nearest = support::NearestName(name, known);
    return absl::StrCat(
        "params.name: there is no tool ", Quote(name),
        nearest.empty()
            ? absl::StrCat("; tools/list names them all", ExampleTool(), ".")
            : absl::StrCat("; did you mean ", Quote(nearest),
                           "? tools/list names them all."));
  }

  std::string ExampleTool() const {
    if (providers_.tools.tools().empty()) return {};
    return absl::StrCat(", for example \"",
                        providers_.tools.tools().front().name, "\"");
  }

  const ServerInfo info_;
  const std::string modern_start_;
  const Providers providers_;
  jsonrpc::Parser parser_;
  ToolListing listing_;
  ToolCalls calls_;
};

Server::Server(const Providers& providers, ServerInfo info)
    : impl_(std::make_unique<Impl>(providers, std::move(info))) {}
Server::~Server() = default;

jsonrpc::Parsed Server::Parse(absl::string_view text) {
  return impl_->Parse(text);
}

void Server::Dispatch(const jsonrpc::Parsed& parsed, const Arrival& arrival,
                      transports::Exchange& exchange) {
  impl_->Dispatch(parsed, arrival, exchange);
}

void Server::Abandon(transports::Exchange& exchange, bool cancel) {
  impl_->Abandon(exchange, cancel);
}

void Server::End(Session& session) { impl_->End(session); }

std::size_t Server::running_calls() const { return impl_->running_calls(); }

}  // namespace howdah::mcp
