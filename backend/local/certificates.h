// The plane's own certificate authority and its server certificate for
// 127.0.0.1, ::1 and localhost, kept in a directory.
//
//   ASSIGN_OR_RETURN(Certificates tls, LoadOrMakeCertificates(dir, now));
//   // tls.ca_pem for clients, tls.server_pem and tls.server_key_pem to serve
#ifndef HOWDAH_BACKEND_LOCAL_CERTIFICATES_H_
#define HOWDAH_BACKEND_LOCAL_CERTIFICATES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace howdah::local {

struct Certificates {
  std::string ca_pem;
  std::string server_pem;
  std::string server_key_pem;
};

// Loads what is there and makes anew what is missing, damaged, or near its end:
// the authority lives ten years, the server certificate one; both are renewed
// 30 days before. Keys are EC P-256; files have mode 0600.
absl::StatusOr<Certificates> LoadOrMakeCertificates(
    const std::string& directory, absl::Time now);

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_CERTIFICATES_H_
