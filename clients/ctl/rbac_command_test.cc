#include "clients/ctl/rbac_command.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "clients/ctl/fake_terminal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::ctl {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FakeKubectl : public Kubectl {
 public:
  std::vector<std::string> lines;  // what it was called with
  std::vector<std::string> inputs;
  std::string denied = "none";  // what it may not
  int exit_code = 0;
  absl::Status broken;

  absl::StatusOr<Result> Run(const std::vector<std::string>& arguments,
                             const std::string& input) override {
    if (!broken.ok()) return broken;
    lines.push_back(absl::StrJoin(arguments, " "));
    inputs.push_back(input);
    const std::string& line = lines.back();
    if (line.find("can-i") == std::string::npos) {
      return Result{exit_code, "applied\n"};
    }
    const bool no = line.find(denied) != std::string::npos;
    return Result{no ? 1 : 0, no ? "no\n" : "yes\n"};
  }
};

class RbacCommandTest : public ::testing::Test {
 protected:
  int Run(const std::vector<std::string>& words) {
    return RbacCommand(terminal_, kubectl_).Run(words);
  }

  FakeTerminal terminal_;
  FakeKubectl kubectl_;
};

TEST_F(RbacCommandTest, PrintsManifestsWithTheNamesAskedFor) {
  EXPECT_EQ(Run({"--print", "--namespace", "mcp", "--service-account=bot"}), 0);
  EXPECT_THAT(terminal_.out, AllOf(StartsWith("---\n"),
                                   HasSubstr("name: bot\n  namespace: mcp\n"),
                                   HasSubstr("name: bot-edit\n"),
                                   HasSubstr("cnpg-cloudnative-pg-edit"),
                                   Not(HasSubstr("howdah\n    namespace"))));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("cnpg-mcp-server")));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("namespace: howdah")));
  EXPECT_TRUE(kubectl_.lines.empty());
}

TEST_F(RbacCommandTest, ViewHasNothingThatWrites) {
  EXPECT_EQ(Run({"--print", "--role=view"}), 0);
  EXPECT_THAT(terminal_.out, Not(HasSubstr("secrets")));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("-edit")));
  EXPECT_THAT(terminal_.out, HasSubstr("ClusterRoleBinding"));
}

TEST_F(RbacCommandTest, OneNamespaceHasNoClusterRoleOfItsOwn) {
  EXPECT_EQ(Run({"--print", "--only-namespace", "shop"}), 0);
  EXPECT_THAT(terminal_.out, HasSubstr("namespace: shop\n"));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("kind: ClusterRoleBinding")));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("namespace: default")));
}

TEST_F(RbacCommandTest, AppliesThenAsksForEachRight) {
  EXPECT_EQ(Run({"--kubeconfig", "/k", "--context=c"}), 0);
  EXPECT_EQ(kubectl_.lines.at(0),
            "--kubeconfig=/k --context=c apply --filename=-");
  EXPECT_THAT(kubectl_.inputs.at(0), HasSubstr("kind: ServiceAccount"));
  EXPECT_EQ(kubectl_.lines.at(1),
            "--kubeconfig=/k --context=c auth can-i get "
            "clusters.postgresql.cnpg.io "
            "--as=system:serviceaccount:howdah:cnpg-mcp-server "
            "--all-namespaces");
  EXPECT_EQ(kubectl_.lines.size(), 1u + 22u);
  EXPECT_THAT(terminal_.out, HasSubstr("VERB"));
  EXPECT_THAT(terminal_.out, HasSubstr("yes"));
}

TEST_F(RbacCommandTest, ADryRunChangesAndAsksNothing) {
  EXPECT_EQ(Run({"--dry-run"}), 0);
  ASSERT_EQ(kubectl_.lines.size(), 1u);
  EXPECT_THAT(kubectl_.lines[0], HasSubstr("--dry-run=server"));
}

TEST_F(RbacCommandTest, AMissingRightIsShownAndFails) {
  kubectl_.denied = "watch databases";
  EXPECT_EQ(Run({"--verify", "--role", "view", "--only-namespace", "shop"}), 1);
  EXPECT_THAT(terminal_.err, HasSubstr("lacks 1 of these"));
  EXPECT_THAT(terminal_.out, HasSubstr("no"));
  EXPECT_THAT(kubectl_.lines, Each(HasSubstr("--namespace=shop")));
  EXPECT_THAT(kubectl_.lines, Each(Not(HasSubstr("secrets"))));
}

TEST_F(RbacCommandTest, WhatKubectlRefusesFails) {
  kubectl_.exit_code = 1;
  EXPECT_EQ(Run({}), 1);
  EXPECT_EQ(kubectl_.lines.size(), 1u);
  EXPECT_THAT(terminal_.err, HasSubstr("kubectl ended with 1"));
  kubectl_.broken = absl::FailedPreconditionError("There is no kubectl");
  EXPECT_EQ(Run({"--verify"}), 1);
  EXPECT_THAT(terminal_.err, HasSubstr("There is no kubectl"));
}

TEST_F(RbacCommandTest, WrongWordsAreRefused) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--roel", "view"}, "Did you mean --role"},
      {{"--role", "admin"}, "edit or view"},
      {{"--role"}, "needs a value"},
      {{"--namespace", "Shop"}, "--namespace"},
      {{"--service-account", "a\nkind: x"}, "--service-account"},
      {{"--print", "--verify"}, "one of"},
      {{"apply"}, "There is no"}};
  for (const auto& [words, says] : wrong) {
    terminal_.err.clear();
    EXPECT_EQ(Run(words), 2) << words.front();
    EXPECT_THAT(terminal_.err, HasSubstr(says));
  }
  EXPECT_TRUE(kubectl_.lines.empty());
}

TEST(ProcessKubectlTest, SaysWhereThereIsNone) {
  ::setenv("PATH", "/nowhere", 1);
  ProcessKubectl kubectl;
  const auto done = kubectl.Run({"version"}, "");
  EXPECT_EQ(done.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(done.status().message()), HasSubstr("--print"));
}

}  // namespace
}  // namespace howdah::ctl
