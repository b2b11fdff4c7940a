// Names, suggestions, tables: the small pieces that need no contract.
#include <string>
#include <vector>

#include "clients/ctl/naming.h"
#include "clients/ctl/progress.h"
#include "clients/ctl/table.h"
#include "gmock/gmock.h"
#include "proto/support/nearest_name.h"
#include "proto/support/text_layout.h"

namespace howdah::ctl {
namespace {

TEST(NamingTest, ResourcesAreThePluralOfTheirService) {
  EXPECT_EQ(ResourceWord("ClusterService"), "clusters");
  EXPECT_EQ(ResourceWord("OperationsService"), "operations");
  EXPECT_EQ(ResourceWord("AivenInstanceService"), "aiven-instances");
}

TEST(NamingTest, VerbsAreTheMethodWithoutTheNoun) {
  EXPECT_EQ(VerbWord("ListClusters", "ClusterService"), "list");
  EXPECT_EQ(VerbWord("GetCluster", "ClusterService"), "get");
  EXPECT_EQ(VerbWord("WaitOperation", "OperationsService"), "wait");
  EXPECT_EQ(VerbWord("RotateRolePassword", "RoleService"), "rotate-password");
  EXPECT_EQ(VerbWord("ExecuteRead", "CommandService"), "execute-read");
}

TEST(NamingTest, FlagsAreTheFieldsWithDashes) {
  EXPECT_EQ(FlagWord("storage_size"), "--storage-size");
  EXPECT_EQ(PlaceholderWord("cluster_name"), "CLUSTER_NAME");
}

TEST(NearestNameTest, FindsWordsWithFewTypos) {
  const std::vector<std::string> words = {"clusters", "roles", "databases"};
  EXPECT_EQ(support::NearestName("clsuters", words), "clusters");
  EXPECT_EQ(support::NearestName("role", words), "roles");
  EXPECT_EQ(support::NearestName("data", words), "databases");
  EXPECT_EQ(support::NearestName("pods", words), "");
  EXPECT_EQ(support::NearestName("", words), "");
}

TEST(TableTest, AlignsByWhatIsSeenNotByBytes) {
  Table table({"NAME", "OWNER"});
  table.Add({"Äpfel", "anna"});
  table.Add({"x", "日本"});
  EXPECT_EQ(table.ToText({}),
            "NAME   OWNER\n"
            "Äpfel  anna\n"
            "x      日本\n");
}

TEST(TableTest, LeavesOutColumnsWithoutValues) {
  Table table({"NAME", "MESSAGE", "STATE"});
  table.Add({"a", "", "applied"});
  EXPECT_EQ(table.ToText({}), "NAME  STATE\na     applied\n");
}

TEST(TableTest, WrapsTheLastColumnIntoTheTerminal) {
  Table table({"REASON", "ADVICE"});
  table.Add({"Slow", "Look at the replica first and then at the disk"});
  EXPECT_EQ(table.ToText({}, 34),
            "REASON  ADVICE\n"
            "Slow    Look at the replica first\n"
            "        and then at the disk\n");
}

TEST(TableTest, ValuesCannotSteerTheTerminal) {
  Table table({"NAME"});
  table.Add({"a\033[2Jb\nc"});
  EXPECT_EQ(table.ToText({}), "NAME\na\\x1b[2Jb c\n");
}

TEST(TableTest, StatesHaveColoursOnlyOnATerminal) {
  Table table({"HEALTH"});
  table.Add({"healthy"});
  EXPECT_EQ(table.ToText(Style::For(true)),
            "\033[1mHEALTH\033[0m\n\033[32mhealthy\033[0m\n");
}

TEST(ProgressBarTest, ShowsTheShareAndNeverBreaksTheLine) {
  EXPECT_EQ(ProgressBar(50, "starting", 0),
            "████████████░░░░░░░░░░░░  50 %  starting");
  const std::string cut = ProgressBar(150, std::string(200, 'x'), 60);
  EXPECT_EQ(support::DisplayWidth(cut), 59u);
  EXPECT_THAT(cut, ::testing::HasSubstr("100 %"));
}

}  // namespace
}  // namespace howdah::ctl
