// What stands before the door for HTTP and answers its probes.
//
//   HealthDoor health(readiness, door);
//   options.probes_reach_sink = true;
//   HttpTransport http(io, options, health);
//
//   GET /health/live    200: this process answers
//   GET /health/ready   200 if a call would find what it needs, else 503, as
//                       when this process is about to stop
//   GET /health         as /health/ready, for those who know one address only
#ifndef HOWDAH_ADAPTER_SERVER_HEALTH_DOOR_H_
#define HOWDAH_ADAPTER_SERVER_HEALTH_DOOR_H_

#include <functional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/server/backend_readiness.h"
#include "adapter/transports/message_sink.h"

namespace howdah::adapter {

// Threads: one. Owns: nothing; what it is given must outlive it.
class HealthDoor : public transports::MessageSink {
 public:
  using Exchange = transports::Exchange;

  HealthDoor(BackendReadiness& readiness, transports::MessageSink& door)
      : readiness_(readiness), door_(door) {}

  // From now on this process is not ready; calls are served on.
  void Leave() { leaving_ = true; }

  // The answer to a probe: status and JSON. `done` is called once, now or
  // later.
  void Probe(absl::string_view target,
             std::function<void(transports::Reply)> done);

  void OnMessage(absl::string_view bytes, Exchange& exchange) override {
    door_.OnMessage(bytes, exchange);
  }
  void OnListen(Exchange& exchange) override { door_.OnListen(exchange); }
  void OnEnd(Exchange& exchange) override { door_.OnEnd(exchange); }
  void OnFetch(Exchange& exchange) override;
  void OnGone(Exchange& exchange) override;
  std::string Refusal(int status, absl::string_view sentence) override {
    return door_.Refusal(status, sentence);
  }

 private:
  BackendReadiness& readiness_;
  transports::MessageSink& door_;
  bool leaving_ = false;
  // Probes that wait for the backend.
  std::set<Exchange*> waiting_;
};

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_HEALTH_DOOR_H_
