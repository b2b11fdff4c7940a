#include "backend/local/postgres/server_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::local::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ServerSettings Settings() {
  ServerSettings settings;
  settings.cluster_name = "demo-1";
  settings.endpoint = {"/run/x", 20001};
  settings.local_users = {"postgres", "root"};
  return settings;
}

TEST(ServerConfig, UsersMayChangeDefaultsButNotWhatThePlaneNeeds) {
  ServerSettings settings = Settings();
  settings.parameters = {{"shared_buffers", "1GB"},
                         {"port", "1"},
                         {"wal_level", "minimal"},
                         {"search_path", "it's\\"}};
  const std::string text = RenderCustomConf(settings);
  EXPECT_THAT(text, HasSubstr("shared_buffers = '1GB'\n"));
  EXPECT_THAT(text, HasSubstr("port = '20001'\n"));
  EXPECT_THAT(text, HasSubstr("wal_level = 'logical'\n"));
  EXPECT_THAT(text, HasSubstr("listen_addresses = '127.0.0.1'\n"));
  EXPECT_THAT(text, HasSubstr("search_path = 'it''s\\\\'\n"));
}

TEST(ServerConfig, OnlyTheNamedUsersArePostgresOnTheSocket) {
  const std::string ident = RenderIdent(Settings());
  EXPECT_THAT(ident, HasSubstr("local root postgres\n"));
  EXPECT_THAT(ident, HasSubstr("local postgres streaming_replica\n"));
  const std::string hba = RenderHba(Settings());
  EXPECT_THAT(hba, HasSubstr("local all all peer map=local\n"));
  EXPECT_THAT(hba, HasSubstr("host all all 127.0.0.1/32 scram-sha-256\n"));
  EXPECT_THAT(hba, Not(HasSubstr("trust")));
}

TEST(ServerConfig, AReplicaNamesItsPrimaryAndItsSlot) {
  const std::string text =
      RenderOverrideConf("demo-2", {"demo-1", {"/run/x", 20001}});
  EXPECT_THAT(text, HasSubstr("# Follows demo-1.\n"));
  EXPECT_THAT(text, HasSubstr("port=20001 user=streaming_replica"));
  EXPECT_THAT(text, HasSubstr("primary_slot_name = '_cnpg_demo_2'"));
  EXPECT_EQ(SlotName("a-B--2.x"), "_cnpg_a_b_2_x");
}

}  // namespace
}  // namespace howdah::local::postgres
