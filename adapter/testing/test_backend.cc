#include "adapter/testing/test_backend.h"

#include <chrono>
#include <thread>

#include "grpc/grpc.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace howdah::testing {
namespace {

using howdah::operations::v1::WaitOperationRequest;
using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::ClusterService;
using ::howdah::postgres::v1::CreateClusterRequest;
using ::howdah::postgres::v1::CreateClusterResponse;
using ::howdah::postgres::v1::GetClusterRequest;
using ::howdah::postgres::v1::ListClustersRequest;
using ::howdah::postgres::v1::ListClustersResponse;

grpc::Status Unset() {
  return {grpc::StatusCode::UNIMPLEMENTED, "the test has set no handler"};
}

}  // namespace

class TestBackend::Clusters : public ClusterService::Service {
 public:
  explicit Clusters(TestBackend& backend) : backend_(backend) {}

  grpc::Status GetCluster(grpc::ServerContext* context,
                          const GetClusterRequest* request,
                          Cluster* response) override {
    return Run(backend_.get_cluster, *context, *request, *response);
  }
  grpc::Status ListClusters(grpc::ServerContext* context,
                            const ListClustersRequest* request,
                            ListClustersResponse* response) override {
    return Run(backend_.list_clusters, *context, *request, *response);
  }
  grpc::Status CreateCluster(grpc::ServerContext* context,
                             const CreateClusterRequest* request,
                             CreateClusterResponse* response) override {
    return Run(backend_.create_cluster, *context, *request, *response);
  }

 private:
  template <typename Request, typename Response>
  grpc::Status Run(const Handler<Request, Response>& handler,
                   grpc::ServerContext& context, const Request& request,
                   Response& response) {
    backend_.Note(context);
    return handler ? handler(request, response, context) : Unset();
  }

  TestBackend& backend_;
};

class TestBackend::Operations
    : public operations::v1::OperationsService::Service {
 public:
  explicit Operations(TestBackend& backend) : backend_(backend) {}

  grpc::Status WaitOperation(grpc::ServerContext* context,
                             const WaitOperationRequest* request,
                             grpc::ServerWriter<Operation>* writer) override {
    backend_.Note(*context);
    return backend_.wait_operation
               ? backend_.wait_operation(*request, *writer, *context)
               : Unset();
  }

 private:
  TestBackend& backend_;
};

TestBackend::TestBackend(const std::string& address,
                         const ChannelArguments& arguments)
    : cluster_service_(std::make_unique<Clusters>(*this)),
      operations_service_(std::make_unique<Operations>(*this)) {
  // Never given up: when it is, gRPC may wait ten seconds for a poller that
  // looks after an answer which nobody took.
  [[maybe_unused]] static const bool kInitialised = (grpc_init(), true);
  grpc::ServerBuilder builder;
  for (const auto& [name, value] : arguments) {
    builder.AddChannelArgument(name, value);
  }
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(cluster_service_.get());
  builder.RegisterService(operations_service_.get());
  server_ = builder.BuildAndStart();
}

TestBackend::~TestBackend() {
  if (server_ == nullptr) return;
  Shutdown(std::chrono::milliseconds(0));
  server_->Wait();
}

void TestBackend::Shutdown(std::chrono::milliseconds grace) {
  server_->Shutdown(std::chrono::system_clock::now() + grace);
}

void TestBackend::Note(const grpc::ServerContext& context) {
  ++calls_;
  const std::lock_guard<std::mutex> lock(mutex_);
  metadata_.clear();
  for (const auto& [key, value] : context.client_metadata()) {
    metadata_[std::string(key.data(), key.size())] =
        std::string(value.data(), value.size());
  }
}

std::string TestBackend::LastMetadata(const std::string& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return metadata_[key];
}

void TestBackend::AwaitCancellation(grpc::ServerContext& context) {
  // The synchronous API can only be asked. Bounded, so that a cancellation that
  // never comes fails the test instead of hanging it.
  for (int i = 0; i < 5000 && !context.IsCancelled(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (context.IsCancelled()) saw_cancellation_ = true;
}

}  // namespace howdah::testing
