// Writes the head of HTTP answers.
//
//   AppendHead(out, {.status = 200, .date = date, .length = 2})
//     -> "HTTP/1.1 200 OK\r\nDate: ...\r\nContent-Type: application/json..."
#ifndef HOWDAH_ADAPTER_TRANSPORTS_RESPONSE_HEAD_H_
#define HOWDAH_ADAPTER_TRANSPORTS_RESPONSE_HEAD_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/transports/message_sink.h"

namespace howdah::transports {

struct ResponseHead {
  int status = 200;
  // As HttpDate gives it.
  absl::string_view date;
  // Bytes of JSON that follow.
  std::size_t length = 0;
  // An event stream in chunks follows instead.
  bool stream = false;
  bool keep_alive = true;
  // Whole lines, each with its CRLF.
  absl::string_view more_headers = {};
};

void AppendHead(std::string& out, const ResponseHead& head);

// "Sat, 21 Nov 2026 12:00:00 GMT"
std::string HttpDate(absl::Time time);

// One event of a stream, as a chunk.
void AppendEvent(std::string& out, const StreamEvent& event);

// A comment, which clients ignore, as a chunk.
inline constexpr char kCommentChunk[] = "3\r\n:\n\n\r\n";
inline constexpr char kLastChunk[] = "0\r\n\r\n";

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_RESPONSE_HEAD_H_
