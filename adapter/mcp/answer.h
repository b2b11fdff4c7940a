// Where the answer to one message goes: straight to its exchange, or into the
// array that answers the batch it came in.
#ifndef HOWDAH_ADAPTER_MCP_ANSWER_H_
#define HOWDAH_ADAPTER_MCP_ANSWER_H_

#include <cstddef>
#include <string>

#include "adapter/transports/message_sink.h"

namespace howdah::mcp {

// HTTP statuses of answers.
inline constexpr int kHttpOk = 200;
inline constexpr int kHttpAccepted = 202;
inline constexpr int kHttpNoContent = 204;
inline constexpr int kHttpBadRequest = 400;
inline constexpr int kHttpUnauthorized = 401;
inline constexpr int kHttpForbidden = 403;
inline constexpr int kHttpNotFound = 404;
inline constexpr int kHttpNotAcceptable = 406;
inline constexpr int kHttpTooManyRequests = 429;
inline constexpr int kHttpUnavailable = 503;

// Answers of one batch; deletes itself with the last.
struct Batch {
  transports::Exchange* exchange;
  std::size_t outstanding;
  std::string answers;
};

struct AnswerSlot {
  // Null once the client is gone.
  transports::Exchange* exchange = nullptr;
  Batch* batch = nullptr;

  // Gives the one answer; an empty body stands for none.
  void Deliver(int status, std::string body);

  // The client is gone.
  void Drop();
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_ANSWER_H_
