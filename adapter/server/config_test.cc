#include "adapter/server/config.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::adapter {
namespace {

using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Config> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "howdah-mcp");
  return ParseConfig(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ParseConfig, DefaultsToStdioAndTheUsualBackend) {
  const auto config = Parse({});
  ASSERT_OK(config);
  EXPECT_FALSE(config->http);
  EXPECT_EQ(config->backend, "127.0.0.1:50051");
}

TEST(ParseConfig, ReadsEveryFlag) {
  const auto config = Parse({"--transport", "http", "--port=0", "--host", "::1",
                             "--spawn-backend", "--local-data-dir", "/d",
                             "--local-port", "0", "--announce", "--read-only",
                             "--exit-with-parent", "--", "--context", "x"});
  ASSERT_OK(config);
  EXPECT_TRUE(config->http);
  EXPECT_EQ(config->port, 0);
  EXPECT_EQ(config->host, "::1");
  EXPECT_TRUE(config->spawn_backend);
  EXPECT_EQ(config->local_data_dir, "/d");
  EXPECT_EQ(config->local_port, 0);
  EXPECT_TRUE(config->announce && config->read_only &&
              config->exit_with_parent);
  EXPECT_THAT(config->backend_arguments, ElementsAre("--context", "x"));
}

TEST(ParseConfig, RefusesWhatCannotBeMeant) {
  const auto refused = [](std::vector<const char*> arguments,
                          const char* says) {
    EXPECT_THAT(Parse(std::move(arguments)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(says)));
  };
  refused({"--transport", "carrier-pigeon"}, "give stdio or http");
  refused({"--backend", "a:1", "--spawn-backend"}, "exclude each other");
  refused({"--local-data-dir", "/d"}, "need --spawn-backend");
  refused({"--", "--context", "x"}, "need --spawn-backend");
  refused({"--prot", "1"}, "--prot");
  refused({"--port", "many"}, "many");
  refused({"stray"}, "--help");
}

TEST(ParseConfig, HelpNamesTheFlags) {
  const auto config = Parse({"--help"});
  ASSERT_OK(config);
  EXPECT_THAT(config->print, HasSubstr("--spawn-backend"));
}

}  // namespace
}  // namespace howdah::adapter
