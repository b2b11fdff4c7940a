// Methods that the server speaks beside the contract: health, reflection.
//
// They are few and simple: each request is answered by one message, at once and
// from memory. They need no generated service and pass no call chain; they tell
// nothing that a caller could not find out by trying.
#ifndef HOWDAH_BACKEND_SERVER_SIDE_METHOD_H_
#define HOWDAH_BACKEND_SERVER_SIDE_METHOD_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::server {

// Threads: `answer` is called by one thread.
struct SideMethod {
  // What follows the answer to a request.
  enum class Then {
    // The call ends: a unary method.
    kEnd,
    // The next request is read: a bidirectional stream.
    kReadNext,
    // The call stays open until the server drains, and then gets
    // `last_message`.
    kStayOpen,
  };

  // As gRPC names it: "/grpc.health.v1.Health/Check".
  std::string path;
  Then then = Then::kEnd;
  // Serialized request to serialized response.
  std::function<absl::StatusOr<std::string>(absl::string_view request)> answer;
  std::string last_message;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_SIDE_METHOD_H_
