// TLS for the gRPC port, from files that may be replaced while it serves: each
// new connection gets what the files say now.
//
//   ASSIGN_OR_RETURN(auto credentials, MakeTlsCredentials(files));
//   builder.AddListeningPort("0.0.0.0:50051", credentials);
#ifndef HOWDAH_BACKEND_SERVER_TLS_CREDENTIALS_H_
#define HOWDAH_BACKEND_SERVER_TLS_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace howdah::server {

// PEM files; none are used if `certificate_file` is empty.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
  // Clients must show a certificate that this authority signed.
  std::string client_authority_file;
};

// FAILED_PRECONDITION if the files cannot be used. Later on such files are told
// in the log, once, and the last good ones stay in force. Must outlive the
// server: gRPC asks it, but does not keep it.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(
    const TlsFiles& files);

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_TLS_CREDENTIALS_H_
