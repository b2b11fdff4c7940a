#include "adapter/mcp/session_streams.h"

#include <optional>
#include <utility>

namespace howdah::mcp {
namespace {

// Older clients take an empty event for a message that is not JSON.
bool KnowsPriming(ProtocolVersion version) {
  return version >= ProtocolVersion::k20251125;
}

void EndCarrier(transports::Exchange*& carrier) {
  if (carrier != nullptr) std::exchange(carrier, nullptr)->Finish({200, {}});
}

}  // namespace

// A POST's exchange as the server sees it.
class SessionStreams::RequestStream : public transports::Exchange {
 public:
  void Begin(SessionStreams& owner, transports::Exchange& carrier, bool primes,
             std::list<RequestStream>::iterator self) {
    owner_ = &owner;
    self_ = self;
    stream_ = {};
    stream_.number = ++owner.last_stream_;
    stream_.carrier = &carrier;
    stream_.primes = primes;
  }

  absl::string_view Header(absl::string_view name) const override {
    return stream_.carrier == nullptr ? absl::string_view()
                                      : stream_.carrier->Header(name);
  }
  absl::string_view Target() const override {
    return stream_.carrier == nullptr ? absl::string_view()
                                      : stream_.carrier->Target();
  }
  bool Streams() const override {
    return stream_.carrier == nullptr ? stream_.opened
                                      : stream_.carrier->Streams();
  }
  void SetHeader(absl::string_view name, absl::string_view value) override {
    if (stream_.carrier != nullptr) stream_.carrier->SetHeader(name, value);
  }
  void Open() override {
    if (Streams()) owner_->Open(stream_);
  }
  void Send(std::string message) override {
    if (!Streams()) return;
    owner_->Open(stream_);
    owner_->Append(stream_, message);
  }
  void Pause() override {
    if (stream_.opened) EndCarrier(stream_.carrier);
  }
  void Finish(transports::Reply reply) override {
    if (stream_.opened) {
      if (!reply.body.empty()) owner_->Append(stream_, reply.body);
      EndCarrier(stream_.carrier);
    } else if (stream_.carrier != nullptr) {
      std::exchange(stream_.carrier, nullptr)->Finish(std::move(reply));
    }
    owner_->Retire(*this);
  }

  Stream& stream() { return stream_; }

 private:
  friend class SessionStreams;

  SessionStreams* owner_ = nullptr;
  std::list<RequestStream>::iterator self_;
  Stream stream_;
};

SessionStreams::SessionStreams(EventBudget& budget, StreamOptions options)
    : options_(options), log_(budget, options.max_kept_bytes) {}

SessionStreams::~SessionStreams() {
  EndCarrier(general_.carrier);
  for (RequestStream& request : active_) EndCarrier(request.stream().carrier);
}

transports::Exchange& SessionStreams::Wrap(transports::Exchange& carrier,
                                           ProtocolVersion version) {
  if (free_.empty()) free_.emplace_back();
  active_.splice(active_.begin(), free_, free_.begin());
  active_.front().Begin(*this, carrier, KnowsPriming(version), active_.begin());
  return active_.front();
}

void SessionStreams::Retire(RequestStream& ended) {
  free_.splice(free_.begin(), active_, ended.self_);
}

bool SessionStreams::Send(std::string message, transports::Exchange* related) {
  if (related != nullptr && related->Streams()) {
    related->Send(std::move(message));
    return true;
  }
  if (!general_.opened) return false;
  Append(general_, message);
  return true;
}

void SessionStreams::Open(Stream& stream) {
  if (std::exchange(stream.opened, true) || stream.carrier == nullptr) return;
  stream.carrier->Open();
  if (!stream.primes) return;
  const std::string id = log_.Next(stream.number).Text();
  stream.carrier->SendEvent({.id = id, .retry = options_.retry});
}

void SessionStreams::Append(Stream& stream, absl::string_view data) {
  const EventId id = log_.Append(stream.number, data);
  if (stream.carrier == nullptr) return;
  stream.sent = id.number;
  const std::string text = id.Text();
  stream.carrier->SendEvent({.data = data, .id = text});
}

void SessionStreams::Replay(Stream& stream, EventId after) {
  log_.ForEachAfter(after, [&](EventId id, absl::string_view data) {
    stream.sent = id.number;
    const std::string text = id.Text();
    stream.carrier->SendEvent({.data = data, .id = text});
  });
}

SessionStreams::Listening SessionStreams::Listen(
    transports::Exchange& carrier, absl::string_view last_event_id,
    ProtocolVersion version) {
  EventId after = {general_.number, general_.sent};
  if (!last_event_id.empty()) {
    const std::optional<EventId> id = EventId::Parse(last_event_id);
    if (!id) return Listening::kUnknownEvent;
    if (id->stream != general_.number) return Resume(carrier, *id);
    after = *id;
    // Its connection broke, though we have not noticed yet.
    EndCarrier(general_.carrier);
  }
  if (general_.carrier != nullptr) return Listening::kTaken;
  general_.carrier = &carrier;
  general_.primes = KnowsPriming(version);
  general_.opened = false;
  Open(general_);
  Replay(general_, after);
  return Listening::kOpened;
}

SessionStreams::Listening SessionStreams::Resume(transports::Exchange& carrier,
                                                 EventId after) {
  for (RequestStream& request : active_) {
    Stream& stream = request.stream();
    if (stream.number != after.stream || !stream.opened) continue;
    EndCarrier(stream.carrier);
    stream.carrier = &carrier;
    carrier.Open();
    Replay(stream, after);
    return Listening::kOpened;
  }
  // Its answer was given while the client was away.
  Stream ended;
  ended.number = after.stream;
  log_.ForEachAfter(
      after, [&](EventId, absl::string_view) { ended.carrier = &carrier; });
  if (ended.carrier == nullptr) return Listening::kUnknownEvent;
  carrier.Open();
  Replay(ended, after);
  EndCarrier(ended.carrier);
  return Listening::kOpened;
}

void SessionStreams::EndListening() { EndCarrier(general_.carrier); }

std::vector<transports::Exchange*> SessionStreams::Unanswered() {
  std::vector<transports::Exchange*> unanswered;
  for (RequestStream& request : active_) unanswered.push_back(&request);
  return unanswered;
}

bool SessionStreams::OnGone(transports::Exchange& carrier) {
  if (general_.carrier == &carrier) {
    general_.carrier = nullptr;
    return true;
  }
  for (RequestStream& request : active_) {
    if (request.stream().carrier != &carrier) continue;
    request.stream().carrier = nullptr;
    return true;
  }
  return false;
}

}  // namespace howdah::mcp
