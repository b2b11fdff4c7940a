// How long a call may take whose client set no deadline.
//
//   ContractDeadline(facts_of_get_cluster, request)             // 10 s
//   ContractDeadline(facts_of_create_cluster, waiting_request)  // 60 s + 600 s
#ifndef HOWDAH_BACKEND_SERVER_CONTRACT_DEADLINE_H_
#define HOWDAH_BACKEND_SERVER_CONTRACT_DEADLINE_H_

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::server {

// The contract's deadline_seconds, 60 s without one. A waitable call that asks
// to wait gets the longest wait on top: its own `timeout` ends it sooner.
absl::Duration ContractDeadline(const mcp::v1::Method& facts,
                                const google::protobuf::Message& request);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_CONTRACT_DEADLINE_H_
