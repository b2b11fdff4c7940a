#include "backend/kubernetes/watch.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace howdah::kubernetes {
namespace {

using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Feeds the pieces and writes down what comes out.
struct Reader {
  std::vector<std::string> events;
  WatchParser parser{
      {"watch", kClusters, {"default", ""}}, [this](const WatchEvent& event) {
        events.push_back(
            absl::StrCat(static_cast<int>(event.type), " ", event.object));
      }};
};

const char kStream[] =
    R"({"type":"ADDED","object":{"kind":"Cluster","metadata":{"name":"a\"}\n"}}})"
    "\n"
    R"({"object":{"x":[1,{"y":"é"}]},"type":"MODIFIED"})"
    "\r\n\n"
    R"({"type":"DELETED","object":{"metadata":{"name":"b"}}})"
    "\n"
    R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}})"
    "\n";

TEST(WatchParserTest, EveryCutOfTheStreamGivesTheSameEvents) {
  const std::string text = kStream;
  Reader whole;
  ASSERT_OK(whole.parser.Feed(text));
  ASSERT_THAT(
      whole.events,
      ElementsAre(R"(0 {"kind":"Cluster","metadata":{"name":"a\"}\n"}})",
                  R"(1 {"x":[1,{"y":"é"}]})", R"(2 {"metadata":{"name":"b"}})",
                  R"(3 {"metadata":{"resourceVersion":"9"}})"));
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      Reader cut;
      ASSERT_OK(cut.parser.Feed(text.substr(0, first)));
      ASSERT_OK(cut.parser.Feed(text.substr(first, second - first)));
      ASSERT_OK(cut.parser.Feed(text.substr(second)));
      ASSERT_EQ(cut.events, whole.events) << first << " " << second;
    }
  }
  Reader bytes;
  for (const char byte : text) {
    ASSERT_OK(bytes.parser.Feed(absl::string_view(&byte, 1)));
  }
  EXPECT_EQ(bytes.events, whole.events);
}

TEST(WatchParserTest, AnUnfinishedLineIsNoEvent) {
  Reader reader;
  ASSERT_OK(reader.parser.Feed(R"({"type":"ADDED","object":{"a":1}})"));
  EXPECT_THAT(reader.events, ElementsAre());
}

TEST(WatchParserTest, AnErrorEventOf410IsOutOfRange) {
  Reader reader;
  const absl::Status status = reader.parser.Feed(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":)"
      R"("Expired","message":"too old resource version: 5"}})"
      "\n");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kOutOfRange,
                               HasSubstr("too old resource version")));
  EXPECT_THAT(status, HasReason("VERSION_TOO_OLD"));
}

TEST(WatchParserTest, AnErrorEventOf500IsInternal) {
  Reader reader;
  EXPECT_THAT(reader.parser.Feed(
                  R"({"type":"ERROR","object":{"kind":"Status","code":500,)"
                  R"("reason":"InternalError","message":"etcd"}})"
                  "\n"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("etcd")));
}

TEST(WatchParserTest, NonsenseIsAProtocolError) {
  for (const char* line :
       {"not json\n", "{\"type\":\"ADDED\"}\n", "[]\n",
        "{\"type\":\"NEW\",\"object\":{}}\n", "{\"type\":\"ADDED\",\"obj\n",
        "{\"type\":1,\"object\":{}}\n",
        "{\"type\":\"ADDED\",\"object\":3}\n"}) {
    Reader reader;
    EXPECT_THAT(reader.parser.Feed(line), HasReason("UPSTREAM_PROTOCOL"))
        << line;
    EXPECT_THAT(reader.events, ElementsAre()) << line;
  }
}

}  // namespace
}  // namespace howdah::kubernetes
