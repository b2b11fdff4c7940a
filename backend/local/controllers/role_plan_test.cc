#include "backend/local/controllers/role_plan.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::local::controllers {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Doubles quotes, as the standard says.
class Quoting : public postgres::SqlQuoting {
 public:
  std::string Identifier(absl::string_view name) const override {
    return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}),
                        "\"");
  }
  std::string Literal(absl::string_view text) const override {
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }
};

RoleSpec Parsed(const char* text) { return *ParseRole(Json::parse(text)); }

std::string OnlyStatement(const std::vector<RoleChange>& changes) {
  if (changes.size() != 1 || changes[0].statements.size() != 1) {
    return absl::StrCat(changes.size(), " changes");
  }
  return changes[0].statements[0];
}

TEST(RolePlan, ANewRoleGetsTheOperatorsDefaults) {
  EXPECT_EQ(OnlyStatement(PlanRole(Parsed(R"({"name": "a\"b"})"), std::nullopt,
                                   std::nullopt, Quoting())),
            "CREATE ROLE \"a\"\"b\" NOLOGIN NOSUPERUSER INHERIT NOCREATEDB "
            "NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1");
}

TEST(RolePlan, ARoleThatIsAsWantedIsLeftAlone) {
  RoleSpec spec = Parsed(R"({"name": "a", "login": true, "comment": "c",
                             "validUntil": "2030-01-01T01:00:00+01:00"})");
  RoleState state;
  state.attributes.login = true;
  state.attributes.valid_until = "2030-01-01T00:00:00Z";
  state.comment = "c";
  EXPECT_THAT(PlanRole(spec, state, std::nullopt, Quoting()), IsEmpty());
}

TEST(RolePlan, DroppedLimitsAndCommentsAreCleared) {
  RoleState state;
  state.attributes.valid_until = "2030-01-01T00:00:00Z";
  state.comment = "old";
  state.has_password = true;
  auto changes = PlanRole(Parsed(R"({"name": "a", "disablePassword": true})"),
                          state, std::nullopt, Quoting());
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_THAT(changes[0].statements[0],
              HasSubstr("VALID UNTIL 'infinity' PASSWORD NULL"));
  EXPECT_THAT(changes[1].statements,
              ElementsAre("COMMENT ON ROLE \"a\" IS NULL"));
}

TEST(RolePlan, APasswordAloneIsAnUpdate) {
  RoleState state;
  EXPECT_EQ(OnlyStatement(PlanRole(Parsed(R"({"name": "a"})"), state,
                                   "SCRAM-SHA-256$x", Quoting())),
            "ALTER ROLE \"a\" PASSWORD 'SCRAM-SHA-256$x'");
}

TEST(RolePlan, AnAbsentRoleIsDroppedOnlyWhileItExists) {
  RoleSpec spec = Parsed(R"({"name": "a", "ensure": "absent"})");
  EXPECT_EQ(OnlyStatement(PlanRole(spec, RoleState(), std::nullopt, Quoting())),
            "DROP ROLE \"a\"");
  EXPECT_THAT(PlanRole(spec, std::nullopt, std::nullopt, Quoting()), IsEmpty());
}

TEST(RolePlan, MembershipsAreGrantedAndRevoked) {
  RoleSpec spec = Parsed(R"({"name": "a", "inRoles": ["new", "kept"]})");
  EXPECT_THAT(
      PlanMemberships(spec, {"kept", "old"}, Quoting())->statements,
      ElementsAre("GRANT \"new\" TO \"a\"", "REVOKE \"old\" FROM \"a\""));
  EXPECT_FALSE(PlanMemberships(spec, {"kept", "new"}, Quoting()).has_value());
}

TEST(RolePlan, AWrongTimeIsRefused) {
  EXPECT_THAT(ParseRole(Json::parse(R"({"name": "a", "validUntil": "soon"})")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("validUntil of role a")));
}

TEST(RolePlan, VerifiersAreRecognised) {
  EXPECT_TRUE(IsEncrypted("SCRAM-SHA-256$4096:a$b:c"));
  EXPECT_TRUE(IsEncrypted("md50123456789abcdef0123456789ABCDEF"));
  EXPECT_FALSE(IsEncrypted("md5 is a hash"));
  EXPECT_FALSE(IsEncrypted("secret"));
}

}  // namespace
}  // namespace howdah::local::controllers
