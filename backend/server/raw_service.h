// All methods of the registry as one gRPC service without generated code: they
// are registered by name, and messages pass as bytes.
//
// gRPC reads the request of a registered method before it announces the call,
// so that a unary call needs just two events of the completion queue.
#ifndef HOWDAH_BACKEND_SERVER_RAW_SERVICE_H_
#define HOWDAH_BACKEND_SERVER_RAW_SERVICE_H_

#include "backend/server/method_registry.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"

namespace howdah::server {

// Threads: safe. Owns: nothing; the registry must outlive it.
// Limits: methods are named by their index in the registry.
class RawService : public grpc::Service {
 public:
  explicit RawService(const MethodRegistry& registry) {
    int index = 0;
    for (const auto& method : registry.methods()) {
      const auto type = method->stream
                            ? grpc::internal::RpcMethod::SERVER_STREAMING
                            : grpc::internal::RpcMethod::NORMAL_RPC;
      AddMethod(new grpc::internal::RpcServiceMethod(method->path.c_str(), type,
                                                     nullptr));
      MarkMethodRaw(index++);
    }
  }

  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_RAW_SERVICE_H_
