#include <utility>

#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/doors.h"

namespace howdah::mcp {

class StdioDoor::Impl : public SessionHost, public ClientLink {
 public:
  Impl(Server& server, DoorOptions options)
      : server_(server), options_(std::move(options)) {
    session_.set_link(this);
  }
  ~Impl() override { server_.End(session_); }

  Session& OnInitialized(ProtocolVersion version, const RequestContext&,
                         transports::Exchange&) override {
    session_.set_version(version);
    return session_;
  }

  bool Send(std::string message, transports::Exchange*) override {
    if (exchange_ == nullptr) return false;
    exchange_->Send(std::move(message));
    return true;
  }

  void OnMessage(absl::string_view bytes, transports::Exchange& exchange) {
    exchange_ = &exchange;
    Arrival arrival;
    arrival.session = &session_;
    arrival.host = this;
    arrival.context.version = session_.version();
    arrival.allow_batches = HasBatches(session_.version());
    arrival.context.read_only = options_.read_only;
    arrival.context.toolsets = options_.toolsets;
    server_.Dispatch(server_.Parse(bytes), arrival, exchange);
  }

  void OnGone(transports::Exchange& exchange) {
    exchange_ = nullptr;
    server_.Abandon(exchange, /*cancel=*/true);
    // There is no other client for it.
    server_.End(session_);
  }

 private:
  Server& server_;
  const DoorOptions options_;
  Session session_{/*remembers_ids=*/true};
  // The same for all messages, from the first on.
  transports::Exchange* exchange_ = nullptr;
};

StdioDoor::StdioDoor(Server& server, DoorOptions options)
    : impl_(std::make_unique<Impl>(server, std::move(options))) {}
StdioDoor::~StdioDoor() = default;

void StdioDoor::OnMessage(absl::string_view bytes,
                          transports::Exchange& exchange) {
  impl_->OnMessage(bytes, exchange);
}

void StdioDoor::OnGone(transports::Exchange& exchange) {
  impl_->OnGone(exchange);
}

std::string StdioDoor::Refusal(int status, absl::string_view sentence) {
  return jsonrpc::ErrorMessage({},
                               jsonrpc::InvalidRequest(std::string(sentence)));
}

}  // namespace howdah::mcp
