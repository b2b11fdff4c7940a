#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/bearer_token.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/http_narrowing.h"
#include "adapter/mcp/http_sessions.h"
#include "adapter/mcp/modern_codec.h"
#include "adapter/mcp/sse_pairs.h"
#include "adapter/mcp/too_often.h"
#include "proto/support/network_of.h"
#include "proto/support/rate_limiter.h"

namespace howdah::mcp {
namespace {

constexpr char kSessionHeader[] = "Mcp-Session-Id";
constexpr char kVersionHeader[] = "MCP-Protocol-Version";

constexpr int kHttpMethodNotAllowed = 405;
constexpr int kHttpConflict = 409;
constexpr int kHttpGone = 410;

// May do nothing, and owns nothing.
std::shared_ptr<const Principal> Nobody() {
  auto nobody = std::make_shared<Principal>();
  nobody->key = "nobody";
  nobody->limited = true;
  return nobody;
}

bool IsPath(absl::string_view target, absl::string_view path) {
  return absl::ConsumePrefix(&target, path) &&
         (target.empty() || target.front() == '?');
}

std::string ErrorBody(absl::string_view sentence) {
  return jsonrpc::ErrorMessage({},
                               jsonrpc::InvalidRequest(std::string(sentence)));
}

void Refuse(transports::Exchange& exchange, int status,
            absl::string_view sentence) {
  exchange.Finish({status, ErrorBody(sentence)});
}

}  // namespace

class HttpDoor::Impl : public SessionHost {
 public:
  Impl(Server& server, DoorOptions options)
      : server_(server),
        options_(std::move(options)),
        rate_(options_.rate),
        sessions_(server, options_.sessions, options_.now),
        pairs_(server, options_.sessions) {}
  ~Impl() override { server_.End(stateless_); }

  Session& OnInitialized(ProtocolVersion version, const RequestContext& context,
                         transports::Exchange& exchange) override {
    HttpSession& added = sessions_.Add(version, context.principal_key());
    exchange.SetHeader(kSessionHeader, added.id);
    return added.session;
  }

  void OnMessage(absl::string_view bytes, transports::Exchange& exchange) {
    if (server_.running_calls() >= options_.max_running_calls) {
      exchange.SetHeader("Retry-After", "1");
      return Refuse(exchange, kHttpUnavailable,
                    "Too many calls are under way; try again in a moment.");
    }
    Arrival arrival;
    arrival.session = &stateless_;
    arrival.context = ContextOf(exchange);
    if (RefuseIfTooOften(exchange, arrival.context)) return;
    const jsonrpc::Parsed parsed = server_.Parse(bytes);
    if (transports::Exchange* answer = Place(parsed, exchange, arrival)) {
      server_.Dispatch(parsed, arrival, *answer);
    }
  }

  void OnListen(transports::Exchange& exchange) {
    const RequestContext context = ContextOf(exchange);
    if (RefuseIfTooOften(exchange, context)) return;
    const bool is_pair = IsPath(exchange.Target(), kSsePath);
    HttpSession* session = is_pair ? nullptr : FindOrRefuse(exchange, context);
    if (!is_pair && session == nullptr) return;
    if (!exchange.Streams()) {
      return Refuse(exchange, kHttpNotAcceptable,
                    "GET opens an event stream; send Accept: "
                    "text/event-stream.");
    }
    if (is_pair) return OpenPair(exchange, context);
    switch (session->streams.Listen(exchange, exchange.Header("Last-Event-ID"),
                                    session->session.version())) {
      case SessionStreams::Listening::kOpened:
        return;
      case SessionStreams::Listening::kTaken:
        return Refuse(exchange, kHttpConflict,
                      "This session has an event stream already; one is "
                      "enough. After a broken connection send Last-Event-ID.");
      case SessionStreams::Listening::kUnknownEvent:
        return Refuse(exchange, kHttpGone,
                      "What came after this Last-Event-ID is not kept any "
                      "more; GET without it hears what is said from now on.");
    }
  }

  void OnEnd(transports::Exchange& exchange) {
    HttpSession* session = FindOrRefuse(exchange, ContextOf(exchange));
    if (session == nullptr) return;
    sessions_.End(*session);
    exchange.Finish({kHttpNoContent, {}});
  }

  void OnGone(transports::Exchange& exchange) {
    if (pairs_.OnGone(exchange)) return;
    HttpSession* session = sessions_.Peek(exchange.Header(kSessionHeader));
    if (session != nullptr && session->streams.OnGone(exchange)) return;
    // In the legacy era a lost connection is no cancellation.
    server_.Abandon(exchange, /*cancel=*/false);
  }

  void EndListening() {
    sessions_.EndListening();
    pairs_.EndAll();
  }

  void Reconfigure(const DoorOptions& options) {
    options_.read_only = options.read_only;
    options_.toolsets = options.toolsets;
    options_.max_running_calls = options.max_running_calls;
    options_.rate = options.rate;
    rate_.set_limit(options.rate);
    const SessionLimits& limits = options.sessions;
    sessions_.set_limits(limits.max_sessions, limits.max_sessions_per_caller);
    pairs_.set_limits(limits.max_sessions, limits.max_sessions_per_caller);
  }

  std::size_t sessions() const { return sessions_.size() + pairs_.size(); }

 private:
  RequestContext ContextOf(const transports::Exchange& exchange) const {
    RequestContext context;
    Narrow(options_.read_only, options_.toolsets, exchange, context);
    context.bearer_token =
        std::string(BearerToken(exchange.Header("Authorization")));
    if (options_.principal_of) {
      context.principal = options_.principal_of(context.bearer_token);
      // Its token ended this very moment.
      if (context.principal == nullptr) context.principal = Nobody();
    }
    context.traceparent = std::string(exchange.Header("traceparent"));
    return context;
  }

  bool RefuseIfTooOften(transports::Exchange& exchange,
                        const RequestContext& context) {
    if (!rate_.enabled()) return false;
    const absl::string_view principal = context.principal_key();
    const absl::Duration wait =
        principal.empty()
            ? rate_.Take(support::NetworkOf(exchange.RemoteAddress()),
                         options_.now())
            : rate_.Take(principal, options_.now());
    if (wait <= absl::ZeroDuration()) return false;
    RefuseTooOften(exchange, wait);
    return true;
  }

  // Finds session and revision of a message, and what to answer it on; null if
  // it has been refused.
  transports::Exchange* Place(const jsonrpc::Parsed& parsed,
                              transports::Exchange& exchange,
                              Arrival& arrival) {
    const absl::string_view target = exchange.Target();
    if (IsPath(target, "/")) {
      arrival.allow_batches = true;
      return &exchange;
    }
    if (IsPath(target, kSseMessagesPath)) return PlaceInPair(exchange, arrival);
    arrival.host = this;
    arrival.has_headers = true;
    const absl::string_view stated = exchange.Header(kVersionHeader);
    const std::optional<ProtocolVersion> version = ParseVersion(stated);
    const jsonrpc::Message& first = parsed.messages.front();
    if ((version && IsModern(*version)) || modern::Describes(first)) {
      arrival.context.version = kModernVersion;
      return &exchange;
    }
    if (!stated.empty() && !version) {
      Refuse(exchange, kHttpBadRequest,
             absl::StrCat("The header ", kVersionHeader, " names \"",
                          stated.substr(0, 64),
                          "\", which is not served; use 2025-11-25."));
      return nullptr;
    }
    arrival.context.version = version.value_or(kUnstatedVersion);
    // A client that begins anew belongs to no session yet.
    const bool in_session = !exchange.Header(kSessionHeader).empty() &&
                            first.method != "initialize";
    transports::Exchange* answer = &exchange;
    if (in_session) {
      HttpSession* session = FindOrRefuse(exchange, arrival.context);
      if (session == nullptr) return nullptr;
      arrival.session = &session->session;
      arrival.context.version = session->session.version();
      if (exchange.Streams()) {
        answer = &session->streams.Wrap(exchange, arrival.context.version);
      }
    }
    arrival.allow_batches = HasBatches(arrival.context.version);
    return answer;
  }

  transports::Exchange* PlaceInPair(transports::Exchange& exchange,
                                    Arrival& arrival) {
    SsePair* pair =
        pairs_.Find(exchange.Target(), arrival.context.principal_key());
    if (pair == nullptr) {
      Refuse(exchange, kHttpNotFound,
             absl::StrCat("This session is not known or has ended; GET ",
                          kSsePath, " to begin another."));
      return nullptr;
    }
    arrival.host = pair;
    arrival.session = &pair->session();
    arrival.context.version = pair->session().version();
    arrival.allow_batches = HasBatches(arrival.context.version);
    exchange.Finish({kHttpAccepted, {}});
    return pair;
  }

  void OpenPair(transports::Exchange& exchange, const RequestContext& context) {
    if (pairs_.Open(exchange, context.principal_key())) return;
    Refuse(exchange, kHttpUnavailable,
           "Too many sessions are open; try again later.");
  }

  HttpSession* FindOrRefuse(transports::Exchange& exchange,
                            const RequestContext& context) {
    const absl::string_view id = exchange.Header(kSessionHeader);
    if (id.empty()) {
      exchange.SetHeader("Allow", "POST");
      Refuse(exchange, kHttpMethodNotAllowed,
             "Without a session id this address takes POST only; POST an "
             "initialize request to get one.");
      return nullptr;
    }
    HttpSession* session = sessions_.Find(id, context.principal_key());
    if (session == nullptr) {
      Refuse(exchange, kHttpNotFound,
             "This session is not known or has ended; POST an initialize "
             "request to begin another.");
    }
    return session;
  }

  Server& server_;
  DoorOptions options_;
  support::RateLimiter rate_;
  HttpSessions sessions_;
  SsePairs pairs_;
  // All requests that name no session.
  Session stateless_{/*remembers_ids=*/false};
};

HttpDoor::HttpDoor(Server& server, DoorOptions options)
    : impl_(std::make_unique<Impl>(server, std::move(options))) {}
HttpDoor::~HttpDoor() = default;

void HttpDoor::OnMessage(absl::string_view bytes,
                         transports::Exchange& exchange) {
  impl_->OnMessage(bytes, exchange);
}

void HttpDoor::OnListen(transports::Exchange& exchange) {
  impl_->OnListen(exchange);
}

void HttpDoor::OnEnd(transports::Exchange& exchange) { impl_->OnEnd(exchange); }

void HttpDoor::OnGone(transports::Exchange& exchange) {
  impl_->OnGone(exchange);
}

std::string HttpDoor::Refusal(int status, absl::string_view sentence) {
  return ErrorBody(sentence);
}

void HttpDoor::EndListening() { impl_->EndListening(); }

void HttpDoor::Reconfigure(const DoorOptions& options) {
  impl_->Reconfigure(options);
}

std::size_t HttpDoor::sessions() const { return impl_->sessions(); }

}  // namespace howdah::mcp
