// Where a server's TLS identity is: paths of PEM files.
#ifndef HOWDAH_ADAPTER_TRANSPORTS_TLS_FILES_H_
#define HOWDAH_ADAPTER_TRANSPORTS_TLS_FILES_H_

#include <string>

namespace howdah::transports {

struct TlsFiles {
  std::string certificate_chain;
  std::string key;

  bool empty() const { return certificate_chain.empty(); }
  bool operator==(const TlsFiles& other) const {
    return certificate_chain == other.certificate_chain && key == other.key;
  }
};

}  // namespace howdah::transports

#endif  // HOWDAH_ADAPTER_TRANSPORTS_TLS_FILES_H_
