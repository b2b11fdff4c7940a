#include "proto/support/metrics_text.h"

#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace howdah::support {
namespace {

// When this program was loaded.
const double kStarted = static_cast<double>(std::time(nullptr));

uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0;
  uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

void MetricsText::Family(absl::string_view name, absl::string_view type,
                         absl::string_view help) {
  family_ = std::string(name);
  absl::StrAppend(&text_, "# HELP ", name, " ", help, "\n# TYPE ", name, " ",
                  type, "\n");
}

void MetricsText::Sample(Labels labels, double value,
                         absl::string_view suffix) {
  absl::StrAppend(&text_, family_, suffix);
  char before = '{';
  for (const auto& [name, label] : labels) {
    absl::StrAppend(&text_, std::string(1, before), name, "=\"",
                    absl::StrReplaceAll(
                        label, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
                    "\"");
    before = ',';
  }
  if (before == ',') text_ += '}';
  absl::StrAppendFormat(&text_, " %.17g\n", value);
}

void MetricsText::Process() {
  Family("process_resident_memory_bytes", "gauge", "Resident memory.");
  Sample({}, static_cast<double>(ResidentBytes()));
  Family("process_start_time_seconds", "gauge", "Start, in Unix time.");
  Sample({}, kStarted);
}

}  // namespace howdah::support
