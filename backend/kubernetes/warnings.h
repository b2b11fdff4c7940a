// The `Warning` headers with which Kubernetes says what it accepts but does not
// like.
#ifndef HOWDAH_BACKEND_KUBERNETES_WARNINGS_H_
#define HOWDAH_BACKEND_KUBERNETES_WARNINGS_H_

#include <string>
#include <vector>

#include "backend/net/http_client.h"

namespace howdah::kubernetes {

// Texts of all warnings of code 299, in order, each once.
std::vector<std::string> ReadWarnings(const net::HttpResponse& response);

}  // namespace howdah::kubernetes

#endif  // HOWDAH_BACKEND_KUBERNETES_WARNINGS_H_
