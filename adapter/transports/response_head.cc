#include "adapter/transports/response_head.h"

#include "absl/strings/str_cat.h"

namespace howdah::transports {
namespace {

absl::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

}  // namespace

void AppendHead(std::string& out, const ResponseHead& head) {
  absl::StrAppend(&out, "HTTP/1.1 ", head.status, " ", Reason(head.status),
                  "\r\nDate: ", head.date, "\r\n");
  if (head.stream) {
    out +=
        "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n";
  } else if (head.length > 0) {
    absl::StrAppend(&out,
                    "Content-Type: application/json\r\n"
                    "Content-Length: ",
                    head.length, "\r\n");
  } else if (head.status != 204) {
    out += "Content-Length: 0\r\n";
  }
  if (!head.keep_alive) out += "Connection: close\r\n";
  absl::StrAppend(&out, head.more_headers, "\r\n");
}

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time,
                          absl::UTCTimeZone());
}

void AppendEvent(std::string& out, const StreamEvent& event) {
  // Room for the chunk's length, which is known last.
  constexpr absl::string_view kLength = "00000000\r\n";
  const std::size_t begin = out.size();
  out.append(kLength.data(), kLength.size());
  // An empty event only tells its id and is no message.
  if (!event.data.empty()) {
    absl::StrAppend(&out, "event: ", event.name, "\n");
  }
  if (!event.id.empty()) absl::StrAppend(&out, "id: ", event.id, "\n");
  if (event.retry > absl::ZeroDuration()) {
    absl::StrAppend(&out, "retry: ", absl::ToInt64Milliseconds(event.retry),
                    "\n");
  }
  out += "data: ";
  const std::size_t data = out.size();
  out.append(event.data.data(), event.data.size());
  // Newlines in JSON text are blanks between tokens, but here they end it.
  for (std::size_t i = data; i < out.size(); ++i) {
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
  }
  out += "\n\n";
  const std::string length = absl::StrCat(
      absl::Hex(out.size() - begin - kLength.size(), absl::kZeroPad8));
  out.replace(begin, length.size(), length);
  out += "\r\n";
}

}  // namespace howdah::transports
