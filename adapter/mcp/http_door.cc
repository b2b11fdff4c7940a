#include <sys/random.h>

#include <cstdint>
#include <list>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/modern_codec.h"

namespace howdah::mcp {
namespace {

constexpr char kSessionHeader[] = "Mcp-Session-Id";
constexpr char kVersionHeader[] = "MCP-Protocol-Version";

struct HttpSession : ClientLink {
  HttpSession() { session.set_link(this); }

  bool Send(std::string message, transports::Exchange* related) override {
    transports::Exchange* carrier =
        related != nullptr && related->Streams() ? related : listener;
    if (carrier == nullptr) return false;
    carrier->Send(std::move(message));
    return true;
  }

  std::string id;
  Session session{/*remembers_ids=*/true};
  absl::Time last_used;
  // The client's GET, if one is open.
  transports::Exchange* listener = nullptr;
};

// 128 random bits; the id is a capability, so it must not be guessable.
std::string NewSessionId() {
  std::uint64_t bits[2];
  while (getrandom(bits, sizeof(bits), 0) != sizeof(bits)) {
  }
  return absl::StrCat(absl::Hex(bits[0], absl::kZeroPad16),
                      absl::Hex(bits[1], absl::kZeroPad16));
}

std::string BearerToken(absl::string_view authorization) {
  return absl::StartsWithIgnoreCase(authorization, "Bearer ")
             ? std::string(authorization.substr(7))
             : std::string();
}

bool AsksReadOnly(absl::string_view target) {
  const std::size_t query = target.find('?');
  if (query == absl::string_view::npos) return false;
  for (absl::string_view pair : absl::StrSplit(target.substr(query + 1), '&')) {
    // Anything but an explicit no narrows: a typing error must not widen.
    if (absl::StartsWith(pair, "read_only")) {
      return pair != "read_only=false" && pair != "read_only=0";
    }
  }
  return false;
}

std::string ErrorBody(absl::string_view sentence) {
  return jsonrpc::ErrorMessage({},
                               jsonrpc::InvalidRequest(std::string(sentence)));
}

}  // namespace

class HttpDoor::Impl : public SessionHost {
 public:
  Impl(Server& server, DoorOptions options)
      : server_(server), options_(std::move(options)) {}
  ~Impl() override {
    server_.End(stateless_);
    for (HttpSession& session : sessions_) server_.End(session.session);
  }

  Session& OnInitialized(ProtocolVersion version,
                         transports::Exchange& exchange) override {
    while (sessions_.size() >= options_.max_sessions && !sessions_.empty()) {
      End(std::prev(sessions_.end()));
    }
    HttpSession& added = sessions_.emplace_front();
    added.id = NewSessionId();
    added.session.set_version(version);
    added.last_used = options_.now();
    by_id_[added.id] = sessions_.begin();
    exchange.SetHeader(kSessionHeader, added.id);
    return added.session;
  }

  void OnMessage(absl::string_view bytes, transports::Exchange& exchange) {
    const jsonrpc::Parsed parsed = server_.Parse(bytes);
    const bool plain =
        exchange.Target() == "/" || absl::StartsWith(exchange.Target(), "/?");
    Arrival arrival;
    arrival.session = &stateless_;
    arrival.host = plain ? nullptr : this;
    if (plain) {
      arrival.allow_batches = true;
    } else if (!Place(parsed, exchange, arrival)) {
      return;
    }
    arrival.context.read_only =
        options_.read_only || AsksReadOnly(exchange.Target());
    arrival.context.bearer_token =
        BearerToken(exchange.Header("Authorization"));
    arrival.context.traceparent = std::string(exchange.Header("traceparent"));
    server_.Dispatch(parsed, arrival, exchange);
  }

  void OnListen(transports::Exchange& exchange) {
    HttpSession* session = FindOrRefuse(exchange);
    if (session == nullptr) return;
    if (!exchange.Streams()) {
      return Refuse(exchange, 406,
                    "GET opens an event stream; send Accept: "
                    "text/event-stream.");
    }
    if (session->listener != nullptr) {
      return Refuse(exchange, 409,
                    "This session has an event stream already; one is "
                    "enough.");
    }
    session->listener = &exchange;
    exchange.Open();
  }

  void OnEnd(transports::Exchange& exchange) {
    HttpSession* session = FindOrRefuse(exchange);
    if (session == nullptr) return;
    End(by_id_.find(session->id)->second);
    exchange.Finish({204, {}});
  }

  void OnGone(transports::Exchange& exchange) {
    for (HttpSession& session : sessions_) {
      if (session.listener == &exchange) session.listener = nullptr;
    }
    // In the legacy era a lost connection is no cancellation.
    server_.Abandon(exchange, /*cancel=*/false);
  }

  std::size_t sessions() const { return sessions_.size(); }

 private:
  using Position = std::list<HttpSession>::iterator;

  static void Refuse(transports::Exchange& exchange, int status,
                     absl::string_view sentence) {
    exchange.Finish({status, ErrorBody(sentence)});
  }

  // Finds session and revision of a message; false if it has been refused.
  bool Place(const jsonrpc::Parsed& parsed, transports::Exchange& exchange,
             Arrival& arrival) {
    arrival.has_headers = true;
    const absl::string_view stated = exchange.Header(kVersionHeader);
    const std::optional<ProtocolVersion> version = ParseVersion(stated);
    const bool is_modern = (version && IsModern(*version)) ||
                           modern::Describes(parsed.messages.front());
    if (is_modern) {
      arrival.context.version = kModernVersion;
      return true;
    }
    if (!stated.empty() && !version) {
      Refuse(exchange, kHttpBadRequest,
             absl::StrCat("The header ", kVersionHeader, " names \"",
                          stated.substr(0, 64),
                          "\", which is not served; use 2025-11-25."));
      return false;
    }
    arrival.context.version = version.value_or(kUnstatedVersion);
    if (!exchange.Header(kSessionHeader).empty()) {
      HttpSession* session = FindOrRefuse(exchange);
      if (session == nullptr) return false;
      arrival.session = &session->session;
      arrival.context.version = session->session.version();
    }
    arrival.allow_batches = HasBatches(arrival.context.version);
    return true;
  }

  HttpSession* FindOrRefuse(transports::Exchange& exchange) {
    Expire();
    const absl::string_view id = exchange.Header(kSessionHeader);
    if (id.empty()) {
      exchange.SetHeader("Allow", "POST");
      Refuse(exchange, 405,
             "Without a session id this address takes POST only; POST an "
             "initialize request to get one.");
      return nullptr;
    }
    auto found = by_id_.find(id);
    if (found == by_id_.end()) {
      Refuse(exchange, kHttpNotFound,
             "This session is not known or has ended; POST an initialize "
             "request to begin another.");
      return nullptr;
    }
    sessions_.splice(sessions_.begin(), sessions_, found->second);
    sessions_.front().last_used = options_.now();
    return &sessions_.front();
  }

  // Ends what nobody has used for long. The list is in order of use.
  void Expire() {
    const absl::Time limit = options_.now() - options_.session_idle_timeout;
    while (!sessions_.empty() && sessions_.back().last_used < limit) {
      const Position oldest = std::prev(sessions_.end());
      if (oldest->listener == nullptr) {
        End(oldest);
      } else {
        // Its client is there, only silent.
        oldest->last_used = options_.now();
        sessions_.splice(sessions_.begin(), sessions_, oldest);
      }
    }
  }

  void End(Position position) {
    server_.End(position->session);
    if (position->listener != nullptr) position->listener->Finish({200, {}});
    by_id_.erase(position->id);
    sessions_.erase(position);
  }

  Server& server_;
  const DoorOptions options_;
  // Most recently used first.
  std::list<HttpSession> sessions_;
  absl::flat_hash_map<std::string, Position> by_id_;
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

std::size_t HttpDoor::sessions() const { return impl_->sessions(); }

}  // namespace howdah::mcp
