// Reads a PostgreSQL log as a kubelet reads that of a container.
//
//   LogReader reader(path, {.tail = 10, .timestamps = true});
//   std::string text = reader.Read();  // and again for what was appended
//
// A line without a time of its own has that of the line before it.
#ifndef HOWDAH_BACKEND_LOCAL_API_LOG_READER_H_
#define HOWDAH_BACKEND_LOCAL_API_LOG_READER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::local {

struct LogOptions {
  bool follow = false;  // a line that is not complete yet waits
  bool timestamps = false;
  std::optional<int64_t> tail;  // only the last lines, at first
  std::optional<absl::Time> since = {};
  std::optional<int64_t> limit = {};  // bytes of the answer
};

// Threads: not safe. Limits: begins at most 10 MiB before the end of the file.
class LogReader {
 public:
  LogReader(std::string path, const LogOptions& options, absl::Time begun);

  // What is new. A file that was replaced is read from its beginning.
  std::string Read();
  // Whether the limit is reached.
  bool finished() const { return options_.limit && *options_.limit == 0; }

 private:
  std::string ReadFile();
  void Add(absl::string_view line, std::string& out);

  const std::string path_;
  LogOptions options_;
  bool begun_reading_ = false;
  uint64_t file_ = 0;  // its inode
  int64_t offset_ = 0;
  std::string partial_;  // a line without its end
  absl::Time last_;      // time of the line before
};

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_API_LOG_READER_H_
