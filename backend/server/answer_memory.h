// Answers given from memory before, as bytes, by the bytes of their requests.
//
// Assistants and dashboards ask for the same object again and again while
// nothing happens. Then neither the request has to be read and validated nor
// the response built: both are known, as long as the object is the same one.
//
//   const RememberedAnswer* known = memory.Find(method_index, request_bytes);
//   if (known != nullptr && known->source == method.source(*known->request)) {
//     ... known->response
//   }
//   memory.Keep({request, source, response});  // of the request just asked for
#ifndef HOWDAH_BACKEND_SERVER_ANSWER_MEMORY_H_
#define HOWDAH_BACKEND_SERVER_ANSWER_MEMORY_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace howdah::server {

struct RememberedAnswer {
  // Valid, its defaults filled in.
  std::shared_ptr<const google::protobuf::Message> request;
  // The immutable object that was shown; kept, so that no other one can come to
  // lie at its address.
  std::shared_ptr<const void> source;
  // The response, serialized.
  std::string response;
};

// Threads: one. Owns: what it remembers.
// Limits: 256 answers of at most 16 KiB; when full it begins anew.
class AnswerMemory {
 public:
  // Null if there is none. Valid until the next Keep.
  const RememberedAnswer* Find(size_t method_index,
                               absl::string_view request_bytes);
  // Keeps the answer to the request that Find was asked for last, unless they
  // are too large.
  void Keep(RememberedAnswer answer);

 private:
  absl::flat_hash_map<std::string, RememberedAnswer> answers_;
  // Of the request asked for last; empty if that is too large.
  std::string key_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_ANSWER_MEMORY_H_
