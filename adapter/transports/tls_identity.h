// Who the server is towards TLS clients: a certificate chain and its key, read
// from files and read again when they change.
//
//   ASSIGN_OR_RETURN(auto identity, TlsIdentity::Load({"tls.crt", "tls.key"}));
//   boost::asio::ssl::stream<Socket&> stream(socket, identity->context());
//   absl::StatusOr<bool> changed = identity->Refresh();   // now and then
#ifndef HOWDAH_ADAPTER_TRANSPORTS_TLS_IDENTITY_H_
#define HOWDAH_ADAPTER_TRANSPORTS_TLS_IDENTITY_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "adapter/transports/tls_files.h"

namespace howdah::transports {

// Threads: one.
// Owns: the context; streams made from it keep what they need of an older one.
// Limits: TLS 1.2 and 1.3; clients need no certificate.
class TlsIdentity {
 public:
  // Fails unless the key is that of the certificate.
  static absl::StatusOr<std::unique_ptr<TlsIdentity>> Load(TlsFiles files);

  boost::asio::ssl::context& context() { return *context_; }
  const TlsFiles& files() const { return files_; }

  // Reads the files again if they have changed since they were last read. True
  // if what clients see has changed. On failure the last good identity stays;
  // the same broken files are told once.
  absl::StatusOr<bool> Refresh();

 private:
  explicit TlsIdentity(TlsFiles files) : files_(std::move(files)) {}
  absl::Status Read();

  const TlsFiles files_;
  // What the files looked like when they were last read.
  std::string seen_;
  std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_TLS_IDENTITY_H_
