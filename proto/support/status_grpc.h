// The only conversion between absl::Status and grpc::Status, details included.
//
// Details travel as a google.rpc.Status in the `grpc-status-details-bin`
// trailer, which every gRPC client library decodes.
#ifndef HOWDAH_PROTO_SUPPORT_STATUS_GRPC_H_
#define HOWDAH_PROTO_SUPPORT_STATUS_GRPC_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace howdah::support {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace howdah::support

#endif  // HOWDAH_PROTO_SUPPORT_STATUS_GRPC_H_
