// Metrics in Prometheus' text format, version 0.0.4.
//
//   MetricsText text;
//   text.Family("howdah_backend_calls_total", "counter", "Calls that ended.");
//   text.Sample({{"method", "ListClusters"}, {"code", "OK"}}, 3);
//   => # HELP howdah_backend_calls_total Calls that ended.
//      # TYPE howdah_backend_calls_total counter
//      howdah_backend_calls_total{method="ListClusters",code="OK"} 3
//
// Labels come from lists that the program has, never from what a caller sends:
// each value is a time series that is kept for ever.
#ifndef HOWDAH_PROTO_SUPPORT_METRICS_TEXT_H_
#define HOWDAH_PROTO_SUPPORT_METRICS_TEXT_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace howdah::support {

// Threads: not safe.
class MetricsText {
 public:
  using Labels =
      std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

  void Family(absl::string_view name, absl::string_view type,
              absl::string_view help);
  // Of the last family; `suffix` is "_sum" or "_count" of a summary.
  void Sample(Labels labels, double value, absl::string_view suffix = "");
  // Memory and start of this process, under their usual names.
  void Process();

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string family_;
};

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_METRICS_TEXT_H_
