// A real gRPC server for tests of the adapter: the services of the contract
// with canned handlers that a test replaces.
//
//   TestBackend backend("unix:/tmp/x/backend.sock");
//   backend.clusters.get = [](const GetClusterRequest& request, Cluster* out,
//                             grpc::ServerContext&) { ... };
#ifndef HOWDAH_ADAPTER_TESTING_TEST_BACKEND_H_
#define HOWDAH_ADAPTER_TESTING_TEST_BACKEND_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "grpcpp/server.h"
#include "grpcpp/server_context.h"
#include "howdah/operations/v1/operations_service.grpc.pb.h"
#include "howdah/postgres/v1/cluster_service.grpc.pb.h"

namespace howdah::testing {

// Threads: handlers run on gRPC's threads. Set them before the first call.
// Owns: the server. Stops it, cancelling what runs, when destroyed.
class TestBackend {
 public:
  using Operation = howdah::operations::v1::Operation;
  template <typename Request, typename Response>
  using Handler = std::function<grpc::Status(const Request&, Response&,
                                             grpc::ServerContext&)>;

  using ChannelArguments = std::map<std::string, int>;

  explicit TestBackend(const std::string& address,
                       const ChannelArguments& arguments = {});
  ~TestBackend();

  // Says that it goes away, and waits so long for calls to end.
  void Shutdown(std::chrono::milliseconds grace);

  // The port, for an address that ended in ":0".
  int port() const { return port_; }
  // Metadata of the last call.
  std::string LastMetadata(const std::string& key);
  int calls() const { return calls_; }
  bool saw_cancellation() const { return saw_cancellation_; }

  Handler<postgres::v1::GetClusterRequest, postgres::v1::Cluster> get_cluster;
  Handler<postgres::v1::ListClustersRequest, postgres::v1::ListClustersResponse>
      list_clusters;
  Handler<postgres::v1::CreateClusterRequest,
          postgres::v1::CreateClusterResponse>
      create_cluster;
  std::function<grpc::Status(const operations::v1::WaitOperationRequest&,
                             grpc::ServerWriter<Operation>&,
                             grpc::ServerContext&)>
      wait_operation;

  // Blocks until the client has cancelled, then remembers that it has.
  void AwaitCancellation(grpc::ServerContext& context);

 private:
  class Clusters;
  class Operations;
  void Note(const grpc::ServerContext& context);

  std::mutex mutex_;
  std::map<std::string, std::string> metadata_;
  std::atomic<int> calls_ = 0;
  std::atomic<bool> saw_cancellation_ = false;
  std::unique_ptr<Clusters> cluster_service_;
  std::unique_ptr<Operations> operations_service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace howdah::testing

#endif  // HOWDAH_ADAPTER_TESTING_TEST_BACKEND_H_
