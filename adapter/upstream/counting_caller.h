// Counts the calls of another caller, by method and status code, for metrics.
//
//   CountingCaller counted(channel);
//   counted.TellMetrics(text);
#ifndef HOWDAH_ADAPTER_UPSTREAM_COUNTING_CALLER_H_
#define HOWDAH_ADAPTER_UPSTREAM_COUNTING_CALLER_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/upstream/unary_caller.h"
#include "proto/support/metrics_text.h"

namespace howdah::upstream {

// Threads: one. Owns: its counts. The other caller must outlive it.
// Limits: paths come from the contract, so there are as many as that has; calls
// that are cancelled are not counted.
class CountingCaller : public UnaryCaller {
 public:
  explicit CountingCaller(UnaryCaller& caller) : caller_(caller) {}

  std::shared_ptr<OutgoingCall> Call(const std::string& path,
                                     const google::protobuf::Message& request,
                                     const CallOptions& options,
                                     Answered answered) override;
  std::shared_ptr<OutgoingCall> Stream(const std::string& path,
                                       const google::protobuf::Message& request,
                                       google::protobuf::Message& response,
                                       const CallOptions& options,
                                       std::function<void()> on_message,
                                       Done done) override;

  void TellMetrics(support::MetricsText& text) const;

 private:
  static constexpr size_t kCodes = 17;
  struct Counts {
    std::array<uint64_t, kCodes> ended = {};
    absl::Duration time;
  };

  void Count(const std::string& path, const absl::Status& status,
             absl::Time begin);

  UnaryCaller& caller_;
  std::map<std::string, Counts> counts_;
};

}  // namespace howdah::upstream

#endif  // HOWDAH_ADAPTER_UPSTREAM_COUNTING_CALLER_H_
