// A certificate that nobody has signed, for tests of TLS.
#ifndef HOWDAH_TESTS_SUPPORT_SELF_SIGNED_H_
#define HOWDAH_TESTS_SUPPORT_SELF_SIGNED_H_

#include <string>

namespace howdah::testing {

struct SelfSigned {
  std::string certificate;
  std::string key;
};

// `names`: a subjectAltName value such as "IP:127.0.0.1,DNS:kube.example".
SelfSigned MakeSelfSigned(const std::string& names);

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_SELF_SIGNED_H_
