#include "proto/support/status_grpc.h"

#include "proto/support/status_details.h"

namespace howdah::support {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()),
                      ToProto(status).SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  return FromWire(static_cast<int>(status.error_code()), status.error_message(),
                  status.error_details());
}

}  // namespace howdah::support
