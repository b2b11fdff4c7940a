// The reflection protocol of gRPC, v1 and v1alpha, over the embedded contract.
//
//   Reflection reflection({"howdah.postgres.v1.ClusterService"});
//   reflection.Methods()
//
// Unlike gRPC's own implementation it shows the contract with its comments, so
// that `grpcurl describe` is documentation, and it needs no thread: a second
// thread that polls the same connections costs every call a hand-off.
#ifndef HOWDAH_BACKEND_SERVER_REFLECTION_H_
#define HOWDAH_BACKEND_SERVER_REFLECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/server/side_method.h"
#include "google/protobuf/descriptor_database.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace howdah::server {

// Threads: its methods are called by one thread. Owns: the descriptors, which
// it reads at the first request.
class Reflection {
 public:
  explicit Reflection(std::vector<std::string> services);

  // The methods refer to this object.
  std::vector<SideMethod> Methods();

 private:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  absl::StatusOr<std::string> Answer(absl::string_view bytes);
  void AnswerFiles(bool found,
                   const google::protobuf::FileDescriptorProto& file,
                   Response& response);
  void AnswerExtensionNumbers(const std::string& type, Response& response);
  void ReadDescriptors();

  const std::vector<std::string> services_;
  std::unique_ptr<google::protobuf::SimpleDescriptorDatabase> files_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_REFLECTION_H_
