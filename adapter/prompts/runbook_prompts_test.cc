#include "adapter/prompts/runbook_prompts.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapter/catalogue/resource_catalogue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::prompts {
namespace {

using howdah::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using Json = nlohmann::json;

class RunbookPromptsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto prompts = RunbookPrompts::Build(RunbookTexts());
    ASSERT_OK(prompts);
    prompts_ = *std::move(prompts);
    auto catalogue = catalogue::Catalogue::Build();
    ASSERT_OK(catalogue);
    catalogue_ = *std::move(catalogue);
  }

  absl::StatusOr<std::string> Get(
      const std::string& name,
      std::vector<std::pair<std::string, std::string>> arguments,
      const mcp::RequestContext& context = {}) {
    std::optional<absl::StatusOr<mcp::PromptAnswer>> answer;
    mcp::PromptCall call;
    call.name = name;
    call.arguments = std::move(arguments);
    call.context = context;
    call.done = [&](auto given) { answer = std::move(given); };
    prompts_->Get(std::move(call));
    if (!answer->ok()) return answer->status();
    const Json content =
        Json::parse(answer->value().messages.at(0).content_json);
    return content["text"].get<std::string>();
  }

  std::unique_ptr<RunbookPrompts> prompts_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
};

TEST_F(RunbookPromptsTest, OffersTheRunbooksPeopleUse) {
  std::vector<std::string> names;
  for (const auto& prompt : prompts_->prompts()) {
    names.push_back(prompt.name);
    EXPECT_FALSE(prompt.title.empty());
    for (const auto& argument : prompt.arguments) {
      EXPECT_FALSE(argument.description.empty()) << prompt.name;
    }
  }
  EXPECT_THAT(names,
              IsSupersetOf({"create_production_cluster", "investigate_cluster",
                            "onboard_application", "review_fleet"}));
}

// Words with underscores in a runbook are tools, arguments or fields.
TEST_F(RunbookPromptsTest, RunbooksNameNothingThatDoesNotExist) {
  std::string known;
  for (const auto& tool : catalogue_->definitions()) {
    absl::StrAppend(&known, " \"", tool.name, "\" ", tool.input_schema_json,
                    tool.output_schema_json);
  }
  for (const auto& prompt : prompts_->prompts()) {
    const std::string text = prompts_->Find(prompt.name)->text + " ";
    std::string word;
    bool placeholder = false;
    for (const char c : text) {
      if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
        word += c;
        continue;
      }
      if (c == '{') placeholder = true;
      if (word.find('_') != word.npos && !placeholder) {
        EXPECT_THAT(known, HasSubstr(absl::StrCat("\"", word, "\"")))
            << prompt.name;
      }
      if (c == '}') placeholder = false;
      word.clear();
    }
  }
}

TEST_F(RunbookPromptsTest, ArgumentsAreCompletedFromWhatTheContractLists) {
  const catalogue::ResourceCatalogue resources(*catalogue_);
  for (const auto& prompt : prompts_->prompts()) {
    for (const auto& argument : prompts_->Find(prompt.name)->arguments) {
      if (argument.names.empty()) continue;
      EXPECT_NE(resources.SourceOf(argument.names), nullptr)
          << prompt.name << " " << argument.name;
    }
  }
}

TEST_F(RunbookPromptsTest, ValuesArePutInAndMissingOnesLeaveTheirLinesOut) {
  const auto text =
      Get("investigate_cluster",
          {{"cluster_name", "orders"}, {"symptom", "no writes\nsince 10:00"}});
  ASSERT_OK(text);
  EXPECT_THAT(*text, HasSubstr("cluster \"orders\""));
  EXPECT_THAT(*text, HasSubstr("What was noticed: no writes since 10:00\n"));
  EXPECT_THAT(*text, Not(HasSubstr("It is in namespace")));
  EXPECT_THAT(*text, Not(HasSubstr("{{")));
}

TEST_F(RunbookPromptsTest, WrongValuesAreToldAllAtOnce) {
  const auto text = Get("investigate_cluster",
                        {{"cluster_name", "Orders!"}, {"namespace", "a b"}});
  EXPECT_THAT(text, StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("cluster_name: expected")));
  EXPECT_THAT(text.status().message(), HasSubstr("namespace: expected"));
  EXPECT_THAT(Get("investigate_cluster", {{"cluster_name", "orders"},
                                          {"symptom", std::string(600, 'x')}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Get("review_fleet", {{"planet", "mars"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Get("nothing", {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RunbookPromptsTest, WhereNothingMayChangeOnlyReadingRunbooksAreShown) {
  mcp::RequestContext context;
  context.read_only = true;
  for (const auto& prompt : prompts_->prompts()) {
    EXPECT_EQ(prompts_->Shows(prompt, context),
              !prompts_->Find(prompt.name)->changes)
        << prompt.name;
  }
  EXPECT_OK(Get("review_fleet", {}, context));
  EXPECT_THAT(
      Get("onboard_application",
          {{"application", "shop"}, {"cluster_name", "orders"}}, context),
      StatusIs(absl::StatusCode::kInvalidArgument));
  context.read_only = false;
  context.toolsets = {"aws"};
  EXPECT_FALSE(prompts_->Shows(prompts_->prompts().front(), context));
}

TEST(ParseRunbookTest, SaysWhatIsWrong) {
  const std::string head = "name: a\ntitle: A\ndescription: B\n";
  EXPECT_OK(ParseRunbook(head + "---\nText.\n"));
  EXPECT_THAT(ParseRunbook(head + "Text.\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("---")));
  EXPECT_THAT(
      ParseRunbook(head + "colour: red\n---\nText.\n"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("colour")));
  EXPECT_THAT(ParseRunbook(head + "---\nText {{b}}.\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("{{b}} is no argument")));
  EXPECT_THAT(ParseRunbook(head + "  required: true\n---\nText.\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("before any argument")));
}

}  // namespace
}  // namespace howdah::prompts
