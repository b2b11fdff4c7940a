// A method of the contract with what a call of it needs, looked up once.
//
//   const Rpc rpc = DescribeRpc(method, tables);
//   rpc.path;      // "/howdah.postgres.v1.ClusterService/GetCluster"
//   rpc.deadline;  // 10 s
#ifndef HOWDAH_ADAPTER_CATALOGUE_RPC_H_
#define HOWDAH_ADAPTER_CATALOGUE_RPC_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::catalogue {

// Threads: immutable; safe.
struct Rpc {
  std::string path;
  const google::protobuf::MethodDescriptor* method = nullptr;
  const howdah::mcp::v1::Method* facts = nullptr;
  const google::protobuf::Message* request = nullptr;  // prototypes
  const google::protobuf::Message* response = nullptr;
  const transcoding::MessageTable* answer = nullptr;
  absl::Duration deadline;
  size_t result_budget = 0;

  bool read_only() const {
    return facts->effect() == howdah::mcp::v1::EFFECT_READ;
  }
  // Empty if it cannot be switched off.
  const std::string& toolset() const {
    return method->service()
        ->options()
        .GetExtension(howdah::mcp::v1::service)
        .toolset();
  }
};

// `method` is of the generated pool.
Rpc DescribeRpc(const google::protobuf::MethodDescriptor& method,
                transcoding::MessageTables& tables);

}  // namespace howdah::catalogue

#endif  // HOWDAH_ADAPTER_CATALOGUE_RPC_H_
