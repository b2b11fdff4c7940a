// Stands in for howdah-backend and howdah-local in tests of what starts them.
//
//   as howdah-backend: --listen unix:/path --announce ...
//     answers get_cluster_status; a cluster named "crash" ends the process.
//   as howdah-local: lease --data-dir D
//     prints a line with D/kubeconfig and waits for the end of stdin.
//
// Beside the program a file "fail" makes it end with what the file says.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "adapter/testing/test_backend.h"

namespace {

std::string After(const std::vector<std::string>& arguments,
                  const std::string& flag) {
  for (size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == flag) return arguments[i + 1];
  }
  return "";
}

void Note(const std::filesystem::path& directory, const std::string& line) {
  std::ofstream(directory / "log", std::ios::app) << line << "\n";
}

void WaitForEndOfInput() {
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

int Lease(const std::string& data_dir) {
  std::printf("{\"kubeconfig\":\"%s/kubeconfig\"}\n", data_dir.c_str());
  std::fflush(stdout);
  WaitForEndOfInput();
  return 0;
}

int Serve(const std::filesystem::path& directory, const std::string& address,
          const std::string& kubeconfig) {
  using ::howdah::postgres::v1::Cluster;
  using ::howdah::postgres::v1::GetClusterRequest;
  howdah::testing::TestBackend backend(address);
  backend.get_cluster = [&](const GetClusterRequest& request, Cluster& out,
                            grpc::ServerContext&) {
    if (request.name() == "crash") {
      Note(directory, "crash");
      _exit(3);
    }
    out.set_summary("Cluster " + request.name() + " of " + kubeconfig + ".");
    return grpc::Status::OK;
  };
  std::printf("{\"listening\":[\"%s\"]}\n", address.c_str());
  std::fflush(stdout);
  WaitForEndOfInput();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto directory = std::filesystem::path(arguments[0]).parent_path();
  Note(directory, std::filesystem::path(arguments[0]).filename().string());
  if (std::ifstream words(directory / "fail"); words) {
    const std::string text{std::istreambuf_iterator<char>(words), {}};
    std::fputs(text.c_str(), stderr);
    return 1;
  }
  return arguments[1] == "lease"
             ? Lease(After(arguments, "--data-dir"))
             : Serve(directory, After(arguments, "--listen"),
                     After(arguments, "--kubeconfig"));
}
