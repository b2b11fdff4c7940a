#include "adapter/mcp/server.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/parser.h"
#include "adapter/jsonrpc/raw_json.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/calls.h"
#include "adapter/mcp/client_capabilities.h"
#include "adapter/mcp/completion_method.h"
#include "adapter/mcp/input_rounds.h"
#include "adapter/mcp/legacy_codec.h"
#include "adapter/mcp/listening.h"
#include "adapter/mcp/modern_codec.h"
#include "adapter/mcp/paging.h"
#include "adapter/mcp/prompt_methods.h"
#include "adapter/mcp/request.h"
#include "adapter/mcp/resource_methods.h"
#include "adapter/mcp/results.h"
#include "adapter/mcp/task_ids.h"
#include "adapter/mcp/task_methods.h"
#include "adapter/mcp/tool_calls.h"
#include "adapter/mcp/tool_listing.h"

namespace howdah::mcp {
namespace {

using jsonrpc::DecodeString;
using jsonrpc::InvalidParams;
using jsonrpc::IsObject;
using jsonrpc::IsString;
using jsonrpc::Member;
using jsonrpc::Message;
using jsonrpc::MessageKind;

}  // namespace

class Server::Impl {
 public:
  Impl(const Providers& providers, ServerInfo info, ServerOptions options)
      : info_(std::move(info)),
        providers_(providers),
        results_(info_),
        sealer_(options.sealing_keys ? *std::move(options.sealing_keys)
                                     : SealingKeys::Random()),
        on_request_(std::move(options.on_request)),
        task_ids_(sealer_, options.now),
        rounds_(calls_, results_, sealer_, options.now),
        listing_(providers.tools, info_.page_size, results_),
        tool_calls_(providers.tools, providers.tasks != nullptr, calls_,
                    results_, rounds_, task_ids_),
        listening_(providers_, calls_, results_, task_ids_) {
    if (providers.prompts != nullptr) {
      prompts_.emplace(*providers.prompts, info_.page_size, calls_, results_,
                       rounds_);
    }
    if (providers.resources != nullptr) {
      resources_.emplace(*providers.resources, calls_, results_);
    }
    if (providers.completion != nullptr) {
      completion_.emplace(*providers.completion, calls_, results_);
    }
    if (providers.tasks != nullptr) {
      tasks_.emplace(*providers.tasks, calls_, results_, task_ids_);
    }
    if (providers.changes != nullptr) {
      providers.changes->Listen([this](ListKind kind) { OnChange(kind); });
    }
  }
  ~Impl() {
    // While all that they use is there.
    calls_.CancelAll();
    if (providers_.changes != nullptr) providers_.changes->Listen(nullptr);
  }

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
    sessions_.erase(&session);
    calls_.End(session);
    if (resources_) resources_->End(session);
    session.Close();
  }

  void WrapUp() {
    listening_.EndAll();
    calls_.WrapUpAll();
  }

  void set_sealing_keys(SealingKeys keys) {
    sealer_ = StateSealer(std::move(keys));
  }

  std::size_t running_calls() const { return calls_.running(); }

 private:
  enum class Era { kLegacy, kModern, kBoth };
  struct Method {
    absl::string_view name;
    Era era;
    // Whether somebody provides it.
    bool (*exists)(const Impl&);
    void (*handle)(Impl&, Request&);
  };

  static bool Always(const Impl&) { return true; }
  static bool HasPrompts(const Impl& impl) { return impl.prompts_.has_value(); }
  static bool HasResources(const Impl& impl) {
    return impl.resources_.has_value();
  }
  static bool HasCompletion(const Impl& impl) {
    return impl.completion_.has_value();
  }
  static bool HasTasks(const Impl& impl) { return impl.tasks_.has_value(); }
  // Whether there is anything to listen to.
  static bool HasNews(const Impl& impl) {
    return impl.providers_.changes != nullptr || HasResources(impl) ||
           HasTasks(impl);
  }

  // All requests there are; the most frequent first.
  static const std::array<Method, 18>& Methods() {
    static constexpr std::array<Method, 18> kMethods = {{
        {"tools/call", Era::kBoth, Always,
         [](Impl& impl, Request& r) { impl.tool_calls_.Start(r); }},
        {"tools/list", Era::kBoth, Always,
         [](Impl& impl, Request& r) { impl.ListTools(r); }},
        {"resources/read", Era::kBoth, HasResources,
         [](Impl& impl, Request& r) { impl.resources_->Read(r); }},
        {"resources/list", Era::kBoth, HasResources,
         [](Impl& impl, Request& r) { impl.resources_->List(r); }},
        {"resources/templates/list", Era::kBoth, HasResources,
         [](Impl& impl, Request& r) { impl.resources_->ListTemplates(r); }},
        {"resources/subscribe", Era::kLegacy, HasResources,
         [](Impl& impl, Request& r) { impl.resources_->Subscribe(r); }},
        {"resources/unsubscribe", Era::kLegacy, HasResources,
         [](Impl& impl, Request& r) { impl.resources_->Unsubscribe(r); }},
        {"prompts/list", Era::kBoth, HasPrompts,
         [](Impl& impl, Request& r) { impl.prompts_->List(r); }},
        {"prompts/get", Era::kBoth, HasPrompts,
         [](Impl& impl, Request& r) { impl.prompts_->Get(r); }},
        {"completion/complete", Era::kBoth, HasCompletion,
         [](Impl& impl, Request& r) { impl.completion_->Complete(r); }},
        {"tasks/get", Era::kModern, HasTasks,
         [](Impl& impl, Request& r) { impl.tasks_->Get(r); }},
        {"tasks/update", Era::kModern, HasTasks,
         [](Impl& impl, Request& r) { impl.tasks_->Update(r); }},
        {"tasks/cancel", Era::kModern, HasTasks,
         [](Impl& impl, Request& r) { impl.tasks_->Cancel(r); }},
        {"subscriptions/listen", Era::kModern, HasNews,
         [](Impl& impl, Request& r) { impl.listening_.Listen(r); }},
        {"server/discover", Era::kModern, Always,
         [](Impl& impl, Request& r) { impl.Discover(r); }},
        {"initialize", Era::kLegacy, Always,
         [](Impl& impl, Request& r) { impl.Initialize(r); }},
        {"ping", Era::kLegacy, Always,
         [](Impl& impl, Request& r) { impl.Acknowledge(r); }},
        {"logging/setLevel", Era::kLegacy, Always,
         [](Impl& impl, Request& r) { impl.SetLogLevel(r); }},
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
        OnNotification(message, arrival);
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
    Request request = {message, arrival, arrival.context, slot};
    const bool is_modern =
        IsModern(arrival.context.version) || modern::Describes(message);
    if (is_modern) {
      const std::optional<modern::Refused> refused = modern::ReadRequest(
          message, arrival.has_headers ? slot.exchange : nullptr,
          request.context);
      if (refused) return Refuse(request, refused->error, refused->status);
    } else {
      request.context.client = arrival.session->client();
      request.context.log_level = arrival.session->log_level();
    }
    for (const Method& method : Methods()) {
      if (method.name != message.method) continue;
      if (method.era == (is_modern ? Era::kLegacy : Era::kModern) ||
          !method.exists(*this)) {
        break;
      }
      if (!message.params.empty() && !IsObject(message.params)) {
        return Refuse(request,
                      InvalidParams("params must be an object, for example "
                                    "{\"name\":\"...\"}; not an array."));
      }
      if (on_request_) on_request_(method.name);
      return Handle(method, request);
    }
    if (on_request_) on_request_("unknown");
    Refuse(request,
           jsonrpc::MethodNotFound(
               absl::StrCat("There is no method ", Quote(message.method),
                            " here; for example there are \"tools/list\" and "
                            "\"tools/call\".")),
           is_modern ? kHttpNotFound : kHttpOk);
  }

  void Handle(const Method& method, Request& request) {
    const absl::string_view meta = Member(request.params(), "_meta");
    std::string traceparent = DecodeString(Member(meta, "traceparent"));
    if (!traceparent.empty()) {
      request.context.traceparent = std::move(traceparent);
    }
    request.context.request_id = DecodeString(Member(meta, kRequestIdKey));
    method.handle(*this, request);
  }

  void OnNotification(const Message& message, const Arrival& arrival) {
    if (message.method == "notifications/initialized") {
      if (arrival.session->exclusive()) sessions_.insert(arrival.session);
    } else if (message.method == "notifications/cancelled") {
      Call* call = arrival.session->Find(Member(message.params, "requestId"));
      if (call != nullptr) calls_.Cancel(*call);
    }
  }

  void OnChange(ListKind kind) {
    if (kind == ListKind::kTools) {
      listing_.Forget();
      tool_calls_.Forget();
    }
    listening_.Tell(kind);
    for (Session* session : sessions_) {
      session->Notify(ChangeNotification(kind), "{}");
    }
  }

  void Initialize(Request& request) {
    if (request.slot.batch != nullptr) {
      return Refuse(request, jsonrpc::InvalidRequest(
                                 "initialize must not be part of a batch; send "
                                 "it alone and first."));
    }
    std::string asked;
    if (!ReadString(request, "protocolVersion", "2025-11-25", asked)) return;
    const ProtocolVersion version = Negotiate(asked);
    if (request.arrival.host != nullptr) {
      Session& session = request.arrival.host->OnInitialized(
          version, request.context, *request.slot.exchange);
      session.set_client(
          ParseCapabilities(Member(request.params(), "capabilities"), version));
    }
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, legacy::InitializeAnswer(request.message.id, version,
                                                   info_, providers_));
  }

  void Acknowledge(Request& request) {
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk,
                 results_.Empty(request.message.id, request.context.version));
  }

  void SetLogLevel(Request& request) {
    std::string text;
    if (!ReadString(request, "level", "info", text)) return;
    const std::optional<LogLevel> level = ParseLogLevel(text);
    if (!level) {
      return Refuse(request,
                    InvalidParams("params.level must be one of debug, info, "
                                  "notice, warning, error, critical, alert and "
                                  "emergency."));
    }
    if (request.arrival.session->exclusive()) {
      request.arrival.session->set_log_level(*level);
    }
    Acknowledge(request);
  }

  void Discover(Request& request) {
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, modern::DiscoverAnswer(request.message.id, info_,
                                                 providers_, results_));
  }

  void ListTools(Request& request) {
    const absl::string_view raw = Member(request.params(), "cursor");
    if (!raw.empty() && !IsString(raw)) {
      return Refuse(request,
                    InvalidParams("params.cursor must be the string given as "
                                  "nextCursor, or left out."));
    }
    const std::string cursor = DecodeString(raw);
    const std::string* page =
        listing_.Page(request.context.version, request.context, cursor);
    if (page == nullptr) {
      return Refuse(request, InvalidParams(UnknownCursor(cursor)));
    }
    std::string body =
        jsonrpc::BeginResult(request.message.id, page->size() + 1);
    absl::StrAppend(&body, *page, "}");
    AnswerSlot slot = request.slot;
    slot.Deliver(kHttpOk, std::move(body));
  }

  const ServerInfo info_;
  const Providers providers_;
  const Results results_;
  StateSealer sealer_;
  const std::function<void(absl::string_view method)> on_request_;
  const TaskIds task_ids_;
  jsonrpc::Parser parser_;
  Calls calls_;
  InputRounds rounds_;
  ToolListing listing_;
  ToolCalls tool_calls_;
  Listening listening_;
  std::optional<PromptMethods> prompts_;
  std::optional<ResourceMethods> resources_;
  std::optional<CompletionMethod> completion_;
  std::optional<TaskMethods> tasks_;
  // Those that can be told of changes.
  absl::flat_hash_set<Session*> sessions_;
};

Server::Server(const Providers& providers, ServerInfo info,
               ServerOptions options)
    : impl_(std::make_unique<Impl>(providers, std::move(info),
                                   std::move(options))) {}
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

void Server::WrapUp() { impl_->WrapUp(); }

void Server::set_sealing_keys(SealingKeys keys) {
  impl_->set_sealing_keys(std::move(keys));
}

std::size_t Server::running_calls() const { return impl_->running_calls(); }

}  // namespace howdah::mcp
