#include "backend/kubernetes/kubeconfig.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class KubeconfigTest : public ::testing::Test {
 protected:
  KubeconfigTest()
      : dir_(std::filesystem::path(::testing::TempDir()) /
             ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(dir_);
    environment_.home = (dir_ / "home").string();
    environment_.service_account_dir = (dir_ / "account").string();
  }
  ~KubeconfigTest() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = dir_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  absl::StatusOr<Connection> Read(const std::string& text,
                                  absl::string_view context = "") {
    const auto config = Kubeconfig::Load({Write("config", text)}, environment_);
    if (!config.ok()) return config.status();
    return config->Resolve(context);
  }

  const std::filesystem::path dir_;
  Environment environment_;
};

constexpr char kFull[] = R"(
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: east
  cluster:
    server: https://kube.example:6443/
    certificate-authority-data: Q0E=
    tls-server-name: kube.internal
    proxy-url: http://proxy:3128
- name: west
  cluster:
    server: https://10.0.0.2
    certificate-authority: pki/ca.crt
    insecure-skip-tls-verify: true
users:
- name: cert
  user:
    client-certificate-data: Q0VSVA==
    client-key: pki/key.pem
    as: someone
    as-groups: [one, two]
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/login
      args: [get, token]
      env: [{name: A, value: "1"}]
      provideClusterInfo: true
      interactiveMode: Never
      installHint: install it
- name: token-file
  user: {tokenFile: token, token: ignored}
contexts:
- name: dev
  context: {cluster: east, user: cert, namespace: team}
- name: west
  context: {cluster: west, user: plugin}
- name: file
  context: {cluster: west, user: token-file}
)";

TEST_F(KubeconfigTest, TheCurrentContextIsReadWhole) {
  const auto connection = Read(kFull);
  ASSERT_OK(connection);
  EXPECT_EQ(connection->context, "dev");
  EXPECT_EQ(connection->server, "https://kube.example:6443");
  EXPECT_EQ(connection->tls.ca_pem, "CA");
  EXPECT_EQ(connection->tls.server_name, "kube.internal");
  EXPECT_FALSE(connection->tls.insecure_skip_verify);
  EXPECT_EQ(connection->proxy_url, "http://proxy:3128");
  EXPECT_EQ(connection->default_namespace, "team");
  EXPECT_EQ(connection->tls.client.certificate_pem, "CERT");
  EXPECT_EQ(connection->tls.client.key_file, (dir_ / "pki/key.pem").string());
  EXPECT_EQ(connection->impersonate_user, "someone");
  EXPECT_THAT(connection->impersonate_groups, ElementsAre("one", "two"));
}

TEST_F(KubeconfigTest, AnotherContextCanBeNamed) {
  const auto west = Read(kFull, "west");
  ASSERT_OK(west);
  EXPECT_EQ(west->tls.ca_file, (dir_ / "pki/ca.crt").string());
  EXPECT_TRUE(west->tls.insecure_skip_verify);
  EXPECT_EQ(west->default_namespace, "default");
  ASSERT_TRUE(west->exec.has_value());
  EXPECT_EQ(west->exec->command, (dir_ / "bin/login").string());
  EXPECT_THAT(west->exec->arguments, ElementsAre("get", "token"));
  EXPECT_THAT(west->exec->environment, ElementsAre(Pair("A", "1")));
  EXPECT_TRUE(west->exec->provide_cluster_info);
  EXPECT_FALSE(west->exec->needs_terminal);
  const auto file = Read(kFull, "file");
  ASSERT_OK(file);
  EXPECT_EQ(file->token_file, (dir_ / "token").string());
}

TEST_F(KubeconfigTest, AnUnknownContextNamesThoseThereAre) {
  EXPECT_THAT(Read(kFull, "prod"), AllOf(StatusIs(absl::StatusCode::kNotFound,
                                                  HasSubstr("dev, file, west")),
                                         HasReason("CONTEXT_NOT_FOUND")));
}

TEST_F(KubeconfigTest, OfSeveralFilesTheFirstToNameSomethingWins) {
  const std::string one = Write("one", R"(
current-context: a
clusters: [{name: c, cluster: {server: "https://one"}}]
contexts: [{name: a, context: {cluster: c}}]
)");
  const std::string two = Write("sub/two", R"(
current-context: b
clusters: [{name: c, cluster: {server: "https://two"}},
           {name: d, cluster: {server: "https://d", certificate-authority: ca}}]
contexts: [{name: b, context: {cluster: d}}]
)");
  environment_.kubeconfig = absl::StrCat("/missing:", one, "::", two);
  const auto config = Kubeconfig::Load({}, environment_);
  ASSERT_OK(config);
  EXPECT_EQ(config->current_context(), "a");
  EXPECT_THAT(config->context_names(), ElementsAre("a", "b"));
  EXPECT_EQ(config->Resolve("a")->server, "https://one");
  // Relative to its own file, not to the first one.
  EXPECT_EQ(config->Resolve("b")->tls.ca_file, (dir_ / "sub/ca").string());
}

TEST_F(KubeconfigTest, AMissingFileIsNamedWithWhatToDo) {
  EXPECT_THAT(Kubeconfig::Load({"/nowhere/config"}, environment_),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr("/nowhere/config"),
                                   HasSubstr("--kubeconfig"))),
                    HasReason("KUBECONFIG_MISSING")));
  EXPECT_THAT(Kubeconfig::Load({}, environment_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("home/.kube/config")));
  environment_.kubeconfig = "/nowhere/a:/nowhere/b";
  EXPECT_THAT(Kubeconfig::Load({}, environment_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("/nowhere/a:/nowhere/b")));
}

TEST_F(KubeconfigTest, ABrokenFileIsNamedWithTheProblem) {
  const std::pair<const char*, const char*> cases[] = {
      {"a: [", "not valid YAML (line"},
      {"- list", "not a YAML mapping"},
      {"clusters: 3", "clusters is not a list"},
      {"clusters: [{cluster: {}}]", "an entry of clusters has no name"},
      {"clusters: [{name: c, cluster: {server: [1]}}]", "not valid YAML"},
      {"clusters: [{name: c, cluster: {certificate-authority-data: '#'}}]",
       "certificate-authority-data of cluster c is not base64"},
      {"users: [{name: u, user: {exec: {args: []}}}]", "has no command"},
      {"current-context: x\ncontexts: [{name: x, context: {cluster: c}}]",
       "names cluster \"c\", which has no server"},
      {"current-context: x\nclusters: [{name: c, cluster: {server: s}}]\n"
       "contexts: [{name: x, context: {cluster: c, user: u}}]",
       "names user \"u\", which is not there"},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(Read(text),
                AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr((dir_ / "config").string()),
                                     HasSubstr(problem))),
                      HasReason("KUBECONFIG_INVALID")))
        << text;
  }
  EXPECT_THAT(Read(""), HasReason("CONTEXT_NOT_FOUND"));
}

TEST_F(KubeconfigTest, ErrorsRepeatNoSecrets) {
  const auto broken = Read("users: [{name: u, user: {token: [sesame]}}]");
  EXPECT_THAT(broken, HasReason("KUBECONFIG_INVALID"));
  EXPECT_THAT(std::string(broken.status().message()),
              ::testing::Not(HasSubstr("sesame")));
}

TEST_F(KubeconfigTest, InAPodTheServiceAccountIsUsed) {
  Write("account/token", "t");
  Write("account/namespace", "apps\n");
  environment_.service_host = "fd00::1";
  environment_.service_port = "6443";
  const auto config = Kubeconfig::Load({}, environment_);
  ASSERT_OK(config);
  const auto connection = config->Resolve("");
  ASSERT_OK(connection);
  EXPECT_EQ(connection->context, "in-cluster");
  EXPECT_EQ(connection->server, "https://[fd00::1]:6443");
  EXPECT_EQ(connection->default_namespace, "apps");
  EXPECT_EQ(connection->token_file,
            environment_.service_account_dir + "/token");
  EXPECT_EQ(connection->tls.ca_file,
            environment_.service_account_dir + "/ca.crt");
}

TEST_F(KubeconfigTest, TheHomeDirectoryComesLast) {
  Write("home/.kube/config", kFull);
  const auto config = Kubeconfig::Load({}, environment_);
  ASSERT_OK(config);
  EXPECT_EQ(config->current_context(), "dev");
}

}  // namespace
}  // namespace howdah::kubernetes
