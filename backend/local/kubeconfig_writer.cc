#include "backend/local/kubeconfig_writer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backend/local/private_files.h"

namespace howdah::local {

absl::Status WriteKubeconfig(const std::string& path,
                             const KubeconfigContent& content) {
  return WritePrivateFile(path,
                          absl::StrCat(R"(apiVersion: v1
kind: Config
clusters:
- name: howdah-local
  cluster:
    server: )",
                                       content.server, R"(
    certificate-authority-data: )",
                                       absl::Base64Escape(content.ca_pem), R"(
users:
- name: howdah-local
  user:
    token: )",
                                       content.token, R"(
contexts:
- name: howdah-local
  context:
    cluster: howdah-local
    user: howdah-local
    namespace: default
current-context: howdah-local
)"));
}

}  // namespace howdah::local
