#include "adapter/catalogue/catalogue.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace howdah::catalogue {
namespace {

using ::howdah::testing::StatusIs;

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Json = nlohmann::ordered_json;

class CatalogueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto built = Catalogue::Build();
    ASSERT_OK(built);
    catalogue_ = *std::move(built);
  }

  const mcp::ToolDefinition& Definition(absl::string_view name) {
    for (const auto& definition : catalogue_->definitions()) {
      if (definition.name == name) return definition;
    }
    ADD_FAILURE() << "no tool " << name;
    return catalogue_->definitions().front();
  }
  Json Input(absl::string_view name) {
    return Json::parse(Definition(name).input_schema_json);
  }

  std::unique_ptr<Catalogue> catalogue_;
};

Json Whole(const mcp::ToolDefinition& tool) {
  return {{"name", tool.name},
          {"title", tool.title},
          {"description", tool.description},
          {"toolset", tool.toolset},
          {"hints",
           {{"read_only", tool.read_only},
            {"destructive", tool.destructive},
            {"idempotent", tool.idempotent},
            {"open_world", tool.open_world}}},
          {"input_schema", Json::parse(tool.input_schema_json)},
          {"output_schema", Json::parse(tool.output_schema_json)}};
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_F(CatalogueTest, OffersTheToolsOfTheContract) {
  std::set<std::string> names;
  for (const Tool& tool : catalogue_->tools()) names.insert(tool.name);
  EXPECT_THAT(names,
              ::testing::IsSupersetOf(
                  {"list_postgres_clusters", "get_cluster_status",
                   "create_postgres_cluster", "scale_postgres_cluster",
                   "delete_postgres_cluster", "list_postgres_roles",
                   "create_postgres_role", "update_postgres_role",
                   "delete_postgres_role", "list_postgres_databases",
                   "create_postgres_database", "delete_postgres_database"}));
  EXPECT_EQ(catalogue_->Find("wait_operation"), nullptr);
  EXPECT_EQ(catalogue_->Find("get_cluster_status")->path,
            "/howdah.postgres.v1.ClusterService/GetCluster");
}

TEST_F(CatalogueTest, ToolsLookAsRecorded) {
  const char* update = std::getenv("UPDATE_TOOLSNAPS");
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  const std::filesystem::path root =
      update != nullptr && workspace != nullptr ? workspace : ".";
  const auto all = Catalogue::Build({"all"}).value();
  for (const auto& tool : all->definitions()) {
    const std::filesystem::path path =
        root / "tests/toolsnaps" / absl::StrCat(tool.name, ".json");
    const std::string seen = Whole(tool).dump(2) + "\n";
    if (update != nullptr) {
      std::ofstream(path) << seen;
    } else {
      EXPECT_EQ(Read(path), seen)
          << "If this is meant: UPDATE_TOOLSNAPS=1 bazel run "
             "//adapter/catalogue:catalogue_test";
    }
  }
}

TEST_F(CatalogueTest, SomeToolsAreOnlyThereWhenAskedFor) {
  EXPECT_EQ(catalogue_->Find("list_aws_profiles"), nullptr);
  EXPECT_THAT(catalogue_->toolsets_off(), ElementsAre("aiven", "aws"));
  const auto set_up = Catalogue::Build({}, [](const char* name) {
                        return std::string(name) == "AIVEN_TOKEN" ? "x" : "";
                      }).value();
  EXPECT_NE(set_up->Find("list_projects"), nullptr);
  EXPECT_THAT(set_up->toolsets_off(), ElementsAre("aws"));
  for (const char* asked : {"aws", "all"}) {
    const auto more = Catalogue::Build({asked}).value();
    EXPECT_NE(more->Find("list_aws_profiles"), nullptr) << asked;
    EXPECT_NE(more->Find("list_postgres_clusters"), nullptr) << asked;
    EXPECT_THAT(more->toolsets_off(), Not(Contains("aws")));
    EXPECT_EQ(more->toolsets(), catalogue_->toolsets());
  }
}

// Characters of tools/list, by toolset.
std::map<std::string, size_t> SizesOf(
    const std::vector<mcp::ToolDefinition>& tools) {
  std::map<std::string, size_t> sizes;
  for (const auto& tool : tools) {
    sizes[tool.toolset] +=
        tool.name.size() + tool.title.size() + tool.description.size() +
        tool.input_schema_json.size() + tool.output_schema_json.size() +
        tool.icons_json.size() + 200;
  }
  return sizes;
}

TEST_F(CatalogueTest, ToolsFitIntoAModelsContext) {
  // 8000 tokens with all that is around them.
  constexpr size_t kMost = 4 * 7500;
  const auto on_by_default = SizesOf(catalogue_->definitions());
  EXPECT_EQ(on_by_default.size(), 1u) << "postgres alone";
  for (const auto& [toolset, size] :
       SizesOf(Catalogue::Build({"all"}).value()->definitions())) {
    RecordProperty(toolset, static_cast<int>(size));
    EXPECT_LT(size, kMost) << toolset;
  }
}

TEST_F(CatalogueTest, InputSchemaCarriesFactsOfTheContract) {
  const Json schema = Input("create_postgres_cluster");
  const Json& instances = schema["properties"]["instances"];
  EXPECT_EQ(instances["type"], "integer");
  EXPECT_EQ(instances["default"], 3);
  EXPECT_EQ(instances["minimum"], 1);
  EXPECT_EQ(instances["maximum"], 10);
  EXPECT_THAT(instances["description"].get<std::string>(),
              HasSubstr("one primary, the rest replicas"));
  EXPECT_EQ(schema["required"], Json::array({"name"}));
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST_F(CatalogueTest, HiddenFieldsAreNotOffered) {
  EXPECT_FALSE(
      Input("create_postgres_cluster")["properties"].contains("request_id"));
  EXPECT_FALSE(Input("delete_postgres_cluster")["properties"].contains("etag"));
}

TEST_F(CatalogueTest, ThePostgresVersionHasNoDefaultToCopy) {
  EXPECT_FALSE(
      Input("create_postgres_cluster")["properties"]["postgres_version"]
          .contains("default"));
}

TEST_F(CatalogueTest, EnumsAreOfferedInLowerCaseWithoutUnspecified) {
  const Json level =
      Input("list_postgres_clusters")["properties"]["detail_level"];
  EXPECT_EQ(level["enum"], Json::array({"concise", "detailed"}));
  EXPECT_EQ(level["default"], "concise");
}

TEST_F(CatalogueTest, FormatIsAnArgumentOfReadsOnly) {
  EXPECT_EQ(Input("list_postgres_roles")["properties"]["format"]["enum"],
            Json::array({"text", "json"}));
  EXPECT_FALSE(Input("create_postgres_role")["properties"].contains("format"));
}

TEST_F(CatalogueTest, HintsFollowTheDeclaredEffect) {
  EXPECT_TRUE(Definition("get_cluster_status").read_only);
  EXPECT_FALSE(Definition("get_cluster_status").destructive);
  EXPECT_FALSE(Definition("create_postgres_cluster").read_only);
  EXPECT_FALSE(Definition("create_postgres_cluster").destructive);
  EXPECT_TRUE(Definition("scale_postgres_cluster").idempotent);
  EXPECT_TRUE(Definition("delete_postgres_cluster").destructive);
}

TEST_F(CatalogueTest, OutputSchemaAllowsARefusalsContent) {
  for (const auto& tool : catalogue_->definitions()) {
    const Json schema = Json::parse(tool.output_schema_json);
    EXPECT_EQ(schema["type"], "object") << tool.name;
    EXPECT_FALSE(schema.contains("required")) << tool.name;
    EXPECT_FALSE(schema.contains("additionalProperties")) << tool.name;
  }
}

// A contract with one method, as a developer might have written it.
class CheckExposedTest : public ::testing::Test {
 protected:
  CheckExposedTest() {
    google::protobuf::FileDescriptorProto annotations;
    howdah::mcp::v1::Method::descriptor()->file()->CopyTo(&annotations);
    google::protobuf::FileDescriptorProto options;
    google::protobuf::MethodOptions::descriptor()->file()->CopyTo(&options);
    pool_.BuildFile(options);
    pool_.BuildFile(annotations);
  }

  const google::protobuf::MethodDescriptor& Method(
      const howdah::mcp::v1::Method& facts) {
    google::protobuf::FileDescriptorProto file;
    file.set_name("careless.proto");
    file.add_dependency("howdah/mcp/v1/annotations.proto");
    auto* request = file.add_message_type();
    request->set_name("Request");
    auto* field = request->add_field();
    field->set_name("confirm");
    field->set_number(1);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_BOOL);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    auto* service = file.add_service();
    service->set_name("Service");
    auto* method = service->add_method();
    method->set_name("Do");
    method->set_input_type("Request");
    method->set_output_type("Request");
    *method->mutable_options()->MutableExtension(howdah::mcp::v1::method) =
        facts;
    return *pool_.BuildFile(file)->service(0)->method(0);
  }

  howdah::mcp::v1::Method Good() {
    howdah::mcp::v1::Method facts;
    facts.set_effect(howdah::mcp::v1::EFFECT_DELETE);
    facts.set_destructive(true);
    facts.set_confirmation_field("confirm");
    facts.mutable_tool()->set_name("do_it");
    return facts;
  }

  google::protobuf::DescriptorPool pool_;
};

TEST_F(CheckExposedTest, AcceptsACarefulMethod) {
  EXPECT_OK(CheckExposed(Method(Good()), "Does it."));
}

TEST_F(CheckExposedTest, RefusesAMethodWithoutAnEffect) {
  auto facts = Good();
  facts.clear_effect();
  EXPECT_THAT(CheckExposed(Method(facts), "Does it."),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("declares no effect")));
}

TEST_F(CheckExposedTest, RefusesAMethodWithoutAComment) {
  EXPECT_THAT(CheckExposed(Method(Good()), ""),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has no comment")));
}

TEST_F(CheckExposedTest, RefusesADestructiveMethodThatNobodyCanConfirm) {
  auto facts = Good();
  facts.set_confirmation_field("sure");
  EXPECT_THAT(CheckExposed(Method(facts), "Does it."),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("confirmation field")));
}

TEST_F(CheckExposedTest, RefusesAWaitableMethodWithoutAnOperation) {
  auto facts = Good();
  facts.set_waitable(true);
  EXPECT_THAT(CheckExposed(Method(facts), "Does it."),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("without an operation")));
}

TEST_F(CheckExposedTest, RefusesAToolNameThatClientsCannotUse) {
  auto facts = Good();
  facts.mutable_tool()->set_name("Do-It");
  EXPECT_THAT(
      CheckExposed(Method(facts), "Does it."),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("[a-z0-9_]+")));
}

}  // namespace
}  // namespace howdah::catalogue
