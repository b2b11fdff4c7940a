// MCP over real HTTP: sessions, revisions, streams, cancellation.
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapter/mcp/doors.h"
#include "adapter/mcp/fake_tool_provider.h"
#include "adapter/mcp/server.h"
#include "adapter/transports/http_server.h"
#include "adapter/transports/http_test_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using transports::HttpAnswer;
using transports::HttpTestClient;
using transports::Post;

constexpr char kAccept[] = "Accept: application/json, text/event-stream\r\n";
constexpr char kPing[] = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
constexpr char kSlow[] =
    R"({"jsonrpc":"2.0","id":9,"method":"tools/call","params":{)"
    R"("name":"slow_thing","_meta":{"progressToken":"t"}}})";

std::string InitializeText(absl::string_view version) {
  return absl::StrCat(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":)"
      R"({"protocolVersion":")",
      version, R"(","capabilities":{},"clientInfo":{}}})");
}

std::string Modern(absl::string_view method, absl::string_view params,
                   absl::string_view version = "2026-07-28") {
  return absl::StrCat(
      R"({"jsonrpc":"2.0","id":1,"method":")", method, R"(","params":{)",
      params, params.empty() ? "" : ",",
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":")", version,
      R"(","io.modelcontextprotocol/clientCapabilities":{}}}})");
}

std::string Bodiless(absl::string_view method, absl::string_view headers) {
  return absl::StrCat(method, " /mcp HTTP/1.1\r\nHost: localhost\r\n", headers,
                      "\r\n");
}

class HttpDoorTest : public testing::Test {
 protected:
  HttpDoorTest() {
    absl::StatusOr<std::string> address = http_.Start();
    EXPECT_TRUE(address.ok());
    address_ = *address;
  }

  static transports::HttpOptions Options() {
    transports::HttpOptions options;
    options.port = 0;
    return options;
  }
  static DoorOptions Limits(absl::Time* now) {
    DoorOptions options;
    options.sessions.max_sessions = 3;
    options.now = [now] { return *now; };
    return options;
  }

  HttpAnswer Ask(absl::string_view request) {
    HttpTestClient client(io_, address_);
    client.Write(request);
    return client.Read();
  }
  std::string Session(absl::string_view version = "2025-11-25") {
    const std::string id =
        Ask(Post("/mcp", InitializeText(version))).Header("Mcp-Session-Id");
    return absl::StrCat("Mcp-Session-Id: ", id, "\r\n");
  }

  absl::Time now_ = absl::UnixEpoch();
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  FakeToolProvider tools_;
  ListChanges changes_;
  Server server_{{.tools = tools_, .changes = &changes_}, {}};
  HttpDoor door_{server_, Limits(&now_)};
  transports::HttpTransport http_{io_, Options(), door_};
  std::string address_;
};

TEST_F(HttpDoorTest, InitializeMakesASession) {
  HttpAnswer answer = Ask(Post("/mcp", InitializeText("2025-06-18")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("protocolVersion":"2025-06-18")"));
  const std::string id = answer.Header("Mcp-Session-Id");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(door_.sessions(), 1u);
  EXPECT_NE(Session(), absl::StrCat("Mcp-Session-Id: ", id, "\r\n"));

  const std::string header = absl::StrCat("mcp-session-id: ", id, "\r\n");
  answer = Ask(Post("/mcp",
                    R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                    header));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "");
  answer = Ask(Post("/mcp", kPing, header));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_F(HttpDoorTest, AFailedInitializeMakesNone) {
  HttpAnswer answer =
      Ask(Post("/mcp", R"({"jsonrpc":"2.0","id":0,"method":"initialize"})"));
  EXPECT_EQ(answer.Header("Mcp-Session-Id"), "");
  EXPECT_EQ(door_.sessions(), 0u);
}

TEST_F(HttpDoorTest, DeleteEndsASessionAndItsCalls) {
  const std::string header = Session();
  HttpTestClient slow(io_, address_);
  slow.Write(Post("/mcp", kSlow, header));
  slow.RunUntil([&] { return tools_.pending() == 1; });
  EXPECT_EQ(Ask(Bodiless("DELETE", header)).status, 204);
  EXPECT_EQ(tools_.cancelled(), 1);
  EXPECT_EQ(slow.Read().body, "");
  EXPECT_EQ(Ask(Post("/mcp", kPing, header)).status, 404);
  EXPECT_EQ(Ask(Bodiless("DELETE", header)).status, 404);
  EXPECT_EQ(Ask(Bodiless("GET", header)).status, 404);
}

TEST_F(HttpDoorTest, WithoutASessionRequestsAreServedAllTheSame) {
  EXPECT_EQ(Ask(Post("/mcp", kPing)).status, 200);
  EXPECT_EQ(Ask(Bodiless("GET", kAccept)).status, 405);
  EXPECT_EQ(Ask(Bodiless("DELETE", "")).status, 405);
  EXPECT_EQ(Ask(Post("/mcp", kPing, "Mcp-Session-Id: unknown\r\n")).status,
            404);
}

TEST_F(HttpDoorTest, TheVersionHeaderDecidesWhatIsSaid) {
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{)"
      R"("name":"list_things"}})";
  EXPECT_THAT(
      Ask(Post("/mcp", call, "MCP-Protocol-Version: 2025-06-18\r\n")).body,
      HasSubstr("structuredContent"));
  EXPECT_THAT(
      Ask(Post("/mcp", call, "MCP-Protocol-Version: 2024-11-05\r\n")).body,
      Not(HasSubstr("structuredContent")));
  // None stated is 2025-03-26, by the standard; a session knows better.
  EXPECT_THAT(Ask(Post("/mcp", call)).body,
              Not(HasSubstr("structuredContent")));
  EXPECT_THAT(Ask(Post("/mcp", call, Session())).body,
              HasSubstr("structuredContent"));
  HttpAnswer answer =
      Ask(Post("/mcp", call, "MCP-Protocol-Version: 1999-01-01\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("2025-11-25"));
}

TEST_F(HttpDoorTest, ThePlainDoorTakesAnyJsonRpc) {
  HttpAnswer answer =
      Ask(Post("/", absl::StrCat("[", kPing, ",", kPing, "]"), kAccept));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  EXPECT_THAT(answer.body, StartsWith("[{"));
  answer = Ask(Post("/", InitializeText("2025-11-25")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Mcp-Session-Id"), "");
}

TEST_F(HttpDoorTest, BatchesBelongToOneRevision) {
  const std::string batch = absl::StrCat("[", kPing, "]");
  EXPECT_EQ(Ask(Post("/mcp", batch, Session("2025-03-26"))).status, 200);
  EXPECT_EQ(Ask(Post("/mcp", batch, Session("2025-06-18"))).status, 400);
}

TEST_F(HttpDoorTest, ProgressTurnsTheAnswerIntoAStream) {
  HttpTestClient client(io_, address_);
  client.Write(Post("/mcp", kSlow, absl::StrCat(Session(), kAccept)));
  client.RunUntil([&] { return tools_.pending() == 1; });
  tools_.Progress(25, "quarter");
  client.ReadUntil("quarter");
  tools_.Finish("done");
  HttpAnswer answer = client.Read();
  EXPECT_EQ(answer.Header("Content-Type"), "text/event-stream");
  EXPECT_THAT(answer.body, HasSubstr(R"("progress":25)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("text":"done")"));
}

TEST_F(HttpDoorTest, CancellationComesOverAnotherConnection) {
  const std::string header = Session();
  HttpTestClient slow(io_, address_);
  slow.Write(Post("/mcp", kSlow, header));
  slow.RunUntil([&] { return tools_.pending() == 1; });
  const std::string cancel =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
      R"("params":{"requestId":9}})";
  // Another session cannot reach it.
  Ask(Post("/mcp", cancel, Session()));
  Ask(Post("/mcp", cancel));
  EXPECT_EQ(tools_.cancelled(), 0);
  EXPECT_EQ(Ask(Post("/mcp", cancel, header)).status, 202);
  EXPECT_EQ(tools_.cancelled(), 1);
  EXPECT_EQ(slow.Read().body, "");
}

TEST_F(HttpDoorTest, ALostConnectionCancelsModernCallsOnly) {
  HttpTestClient legacy(io_, address_);
  legacy.Write(Post("/mcp", kSlow));
  legacy.RunUntil([&] { return tools_.pending() == 1; });
  legacy.Close();
  HttpTestClient modern(io_, address_);
  modern.Write(Post("/mcp", Modern("tools/call", R"("name":"slow_thing")"),
                    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: "
                    "tools/call\r\nMcp-Name: slow_thing\r\n"));
  modern.RunUntil([&] { return tools_.pending() == 2; });
  modern.Close();
  modern.RunUntil([&] { return tools_.cancelled() == 1; });
  EXPECT_EQ(tools_.pending(), 1);
  // Nobody is left to hear it.
  tools_.Finish("done");
  EXPECT_EQ(server_.running_calls(), 0u);
}

TEST_F(HttpDoorTest, CallsCarryTheCallersFacts) {
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{)"
      R"("name":"list_things","arguments":{"a":1},)"
      R"("_meta":{"howdah/requestId":"mine-1"}}})";
  Ask(Post("/mcp?read_only=true", call,
           "Authorization: bearer secret\r\ntraceparent: 00-ab-cd-01\r\n"));
  Ask(Post("/mcp?x=1&read_only=false", call));
  ASSERT_EQ(tools_.seen().size(), 2u);
  EXPECT_EQ(tools_.seen()[0].bearer_token, "secret");
  EXPECT_EQ(tools_.seen()[0].traceparent, "00-ab-cd-01");
  EXPECT_EQ(tools_.seen()[0].request_id, "mine-1");
  EXPECT_EQ(tools_.seen()[0].arguments, R"({"a":1})");
  EXPECT_TRUE(tools_.seen()[0].read_only);
  EXPECT_FALSE(tools_.seen()[0].wants_progress);
  EXPECT_FALSE(tools_.seen()[1].read_only);
  EXPECT_EQ(tools_.seen()[1].bearer_token, "");
}

TEST_F(HttpDoorTest, ReadOnlyNarrowsTheList) {
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  EXPECT_THAT(Ask(Post("/mcp", list)).body, HasSubstr("create_thing"));
  EXPECT_THAT(Ask(Post("/mcp?read_only=true", list)).body,
              Not(HasSubstr("create_thing")));
}

TEST_F(HttpDoorTest, AGetOpensTheSessionsStream) {
  const std::string header = absl::StrCat(Session(), kAccept);
  HttpTestClient listener(io_, address_);
  listener.Write(Bodiless("GET", header));
  listener.ReadUntil(":\n\n");
  EXPECT_EQ(Ask(Bodiless("GET", header)).status, 409);
  EXPECT_EQ(Ask(Bodiless("DELETE", header)).status, 204);
  HttpAnswer answer = listener.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "text/event-stream");
  EXPECT_EQ(Ask(Bodiless("GET", Session())).status, 406);
}

TEST_F(HttpDoorTest, StreamsOfLegacyClientsEndWholeWhenTheServerStops) {
  HttpTestClient listener(io_, address_);
  listener.Write(Bodiless("GET", absl::StrCat(Session(), kAccept)));
  listener.ReadUntil("retry: 1000");
  HttpTestClient pair(io_, address_);
  pair.Write(
      absl::StrCat("GET /sse-transport/sse HTTP/1.1\r\nHost: localhost\r\n",
                   kAccept, "\r\n"));
  pair.ReadUntil("event: endpoint");
  door_.EndListening();
  EXPECT_EQ(listener.Read().status, 200);
  EXPECT_EQ(pair.Read().status, 200);
  EXPECT_EQ(door_.sessions(), 1u) << "the session itself stays";
}

TEST_F(HttpDoorTest, ABrokenStreamIsTakenUpAgain) {
  const std::string header = absl::StrCat(Session(), kAccept);
  {
    HttpTestClient client(io_, address_);
    client.Write(Post("/mcp", kSlow, header));
    client.RunUntil([&] { return tools_.pending() == 1; });
    tools_.Progress(25, "quarter");
    client.ReadUntil("id: 1-2\n");
    EXPECT_THAT(client.received(), HasSubstr("id: 1-1\nretry: 1000\n"
                                             "data: \n\n"));
  }
  // Its end is noticed by the next that comes.
  Ask(Post("/mcp", kPing));
  EXPECT_EQ(tools_.cancelled(), 0);
  tools_.Progress(50, "half");
  tools_.Finish("done");
  HttpAnswer answer =
      Ask(Bodiless("GET", absl::StrCat(header, "Last-Event-ID: 1-2\r\n")));
  EXPECT_THAT(answer.body, Not(HasSubstr("quarter")));
  EXPECT_THAT(answer.body, HasSubstr("half"));
  EXPECT_THAT(answer.body, HasSubstr(R"("text":"done")"));
  EXPECT_EQ(Ask(Bodiless("GET", absl::StrCat(header, "Last-Event-ID: 9-9\r\n")))
                .status,
            410);
}

TEST_F(HttpDoorTest, AnInitializeInASessionBeginsAnother) {
  std::string header = Session();
  for (int i = 0; i < 5; ++i) {
    HttpAnswer answer =
        Ask(Post("/mcp", InitializeText("2025-11-25"), header + kAccept));
    EXPECT_EQ(answer.status, 200);
    header = absl::StrCat("Mcp-Session-Id: ", answer.Header("Mcp-Session-Id"),
                          "\r\n");
    EXPECT_EQ(Ask(Post("/mcp", kPing, header)).status, 200);
  }
  EXPECT_EQ(door_.sessions(), 3u);
}

TEST_F(HttpDoorTest, TheOldPairOfAddressesIsServed) {
  HttpTestClient stream(io_, address_);
  stream.Write(
      absl::StrCat("GET /sse-transport/sse?read_only=true HTTP/1.1\r\n"
                   "Host: localhost\r\n",
                   kAccept, "\r\n"));
  stream.ReadUntil("&read_only=true\n\n");
  const std::string& said = stream.received();
  const std::size_t begin = said.find("event: endpoint\ndata: ") + 22;
  const std::string target = said.substr(begin, said.find('\n', begin) - begin);
  EXPECT_THAT(target, StartsWith("/sse-transport/messages?sessionId="));
  const std::size_t header = said.find("Mcp-Session-Id: ") + 16;
  EXPECT_THAT(target, HasSubstr(said.substr(header, 32)))
      << "what a load balancer sees of the stream is what messages name";

  HttpAnswer answer = Ask(Post(target, InitializeText("2024-11-05")));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "");
  stream.ReadUntil(R"("protocolVersion":"2024-11-05")");
  Ask(Post(target, kSlow));
  tools_.Progress(25, "quarter");
  stream.ReadUntil(R"("progress":25)");
  Ask(Post(target, R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})"));
  stream.ReadUntil("list_things");
  EXPECT_THAT(said, Not(HasSubstr("create_thing")));
  Ask(Post(target, "{"));
  stream.ReadUntil("-32700");

  EXPECT_EQ(door_.sessions(), 1u);
  EXPECT_EQ(Ask(Post("/sse-transport/messages?sessionId=x", kPing)).status,
            404);
  // The stream is the session.
  stream.Close();
  stream.RunUntil([&] { return tools_.cancelled() == 1; });
  EXPECT_EQ(door_.sessions(), 0u);
  EXPECT_EQ(Ask(Post(target, kPing)).status, 404);
}

TEST_F(HttpDoorTest, WhoAsksTooOftenIsToldWhenToComeBack) {
  DoorOptions options;
  options.rate = {.per_second = 0.5, .burst = 2};
  door_.Reconfigure(options);
  EXPECT_EQ(Ask(Post("/mcp", kPing)).status, 200);
  EXPECT_EQ(Ask(Post("/", kPing)).status, 200);
  HttpAnswer answer = Ask(Post("/mcp", kPing));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("Retry-After"), "2");
  EXPECT_THAT(answer.body, HasSubstr("2 seconds"));
  EXPECT_EQ(Ask(Bodiless("GET", kAccept)).status, 429);
  now_ += absl::Seconds(2);
  EXPECT_EQ(Ask(Post("/mcp", kPing)).status, 200);
  // Probes are not counted.
  EXPECT_EQ(Ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

TEST_F(HttpDoorTest, CallsUnderWayAreLimited) {
  DoorOptions options;
  options.max_running_calls = 2;
  door_.Reconfigure(options);
  // In the legacy era they go on without their clients.
  for (int i = 1; i <= 2; ++i) {
    HttpTestClient client(io_, address_);
    client.Write(Post("/mcp", kSlow));
    client.RunUntil([&] { return tools_.pending() == i; });
  }
  HttpAnswer answer = Ask(Post("/mcp", kPing));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  tools_.Finish("done");
  EXPECT_EQ(Ask(Post("/mcp", kPing)).status, 200);
}

constexpr char kAskThing[] =
    R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{)"
    R"("name":"ask_thing"}})";

std::string Answer(int id, absl::string_view what) {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id,
                      R"(,"result":{"action":")", what, R"("}})");
}

// Of a client that can be asked.
std::string AskableInitialize(absl::string_view version) {
  return absl::StrReplaceAll(
      InitializeText(version),
      {{R"("capabilities":{})", R"("capabilities":{"elicitation":{}})"}});
}

TEST_F(HttpDoorTest, TheClientIsAskedOnTheStreamOfItsRequest) {
  const std::string header =
      absl::StrCat("Mcp-Session-Id: ",
                   Ask(Post("/mcp", AskableInitialize("2025-11-25")))
                       .Header("Mcp-Session-Id"),
                   "\r\n");
  HttpTestClient client(io_, address_);
  client.Write(Post("/mcp", kAskThing, header + kAccept));
  client.ReadUntil("Whether?");
  EXPECT_THAT(client.received(),
              HasSubstr(R"("id":1,"method":"elicitation/create")"));
  // Nobody else can answer.
  EXPECT_EQ(Ask(Post("/mcp", Answer(1, "decline"), Session())).status, 202);
  EXPECT_EQ(Ask(Post("/mcp", Answer(1, "decline"))).status, 202);
  EXPECT_THAT(client.received(), Not(HasSubstr("Why?")));
  HttpAnswer answer = Ask(Post("/mcp", Answer(1, "accept"), header));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "");
  client.ReadUntil("Why?");
  Ask(Post("/mcp", Answer(2, "cancel"), header));
  EXPECT_THAT(client.Read().body, HasSubstr(" because "));
}

TEST_F(HttpDoorTest, AQuestionOutlivesTheConnection) {
  const std::string header =
      absl::StrCat("Mcp-Session-Id: ",
                   Ask(Post("/mcp", AskableInitialize("2025-11-25")))
                       .Header("Mcp-Session-Id"),
                   "\r\n");
  {
    HttpTestClient client(io_, address_);
    client.Write(Post("/mcp", kAskThing, header + kAccept));
    client.ReadUntil("Whether?");
  }
  Ask(Post("/mcp", Answer(1, "accept"), header));
  HttpTestClient again(io_, address_);
  again.Write(
      Bodiless("GET", absl::StrCat(header, kAccept, "Last-Event-ID: 1-1\r\n")));
  again.ReadUntil("Why?");
  EXPECT_THAT(again.received(), HasSubstr("Whether?"));
  Ask(Post("/mcp", Answer(2, "cancel"), header));
  EXPECT_THAT(again.Read().body, HasSubstr(" because "));
  // The end of a session takes its questions along.
  HttpTestClient third(io_, address_);
  third.Write(Post("/mcp", kAskThing, header + kAccept));
  third.ReadUntil("Whether?");
  EXPECT_EQ(Ask(Bodiless("DELETE", header)).status, 204);
  EXPECT_THAT(third.Read().body, Not(HasSubstr("because")));
  EXPECT_EQ(server_.running_calls(), 0u);
}

TEST_F(HttpDoorTest, AClientOfTheOldPairIsAskedToo) {
  HttpTestClient stream(io_, address_);
  stream.Write(
      absl::StrCat("GET /sse-transport/sse HTTP/1.1\r\nHost: "
                   "localhost\r\n",
                   kAccept, "\r\n"));
  stream.ReadUntil("sessionId=");
  stream.ReadUntil("\n\n\r\n");
  const std::string& said = stream.received();
  const std::size_t begin = said.find("/sse-transport/messages");
  const std::string target = said.substr(begin, said.find('\n', begin) - begin);
  Ask(Post(target, AskableInitialize("2025-06-18")));
  Ask(Post(target, kAskThing));
  stream.ReadUntil("Whether?");
  Ask(Post(target, Answer(1, "accept")));
  stream.ReadUntil("Why?");
  Ask(Post(target, Answer(2, "cancel")));
  stream.ReadUntil(" because ");
}

TEST_F(HttpDoorTest, SessionsAreLimitedAndExpire) {
  const std::string first = Session();
  const std::string second = Session();
  Session();
  EXPECT_EQ(Ask(Post("/mcp", kPing, first)).status, 200);
  Session();
  EXPECT_EQ(door_.sessions(), 3u);
  EXPECT_EQ(Ask(Post("/mcp", kPing, second)).status, 404);
  EXPECT_EQ(Ask(Post("/mcp", kPing, first)).status, 200);
  HttpTestClient listener(io_, address_);
  const std::string listening = Session();
  listener.Write(Bodiless("GET", absl::StrCat(listening, kAccept)));
  listener.ReadUntil(":\n\n");
  now_ += absl::Hours(2);
  EXPECT_EQ(Ask(Post("/mcp", kPing, first)).status, 404);
  // A client that listens is still there.
  EXPECT_EQ(door_.sessions(), 1u);
  EXPECT_EQ(Ask(Post("/mcp", kPing, listening)).status, 200);
  listener.Close();
  listener.RunUntil([&] { return io_.poll() == 0; });
  now_ += absl::Hours(2);
  EXPECT_EQ(Ask(Post("/mcp", kPing, listening)).status, 404);
}

TEST_F(HttpDoorTest, UnreadableMessagesAreBadRequests) {
  for (const char* text :
       {"", "hello", "{", R"({"jsonrpc":"2.0","id":1})", "[]", "7"}) {
    HttpAnswer answer = Ask(Post("/mcp", text));
    EXPECT_EQ(answer.status, 400) << text;
    EXPECT_THAT(answer.body, HasSubstr(R"("error":{"code":-32)")) << text;
  }
  // Where the revision has no null ids, there is none.
  EXPECT_THAT(
      Ask(Post("/mcp", "{", "MCP-Protocol-Version: 2026-07-28\r\n")).body,
      StartsWith(R"({"jsonrpc":"2.0","error":{"code":-32700)"));
}

struct ModernCase {
  std::string body, headers;
  int status;
  std::string says;
};

TEST_F(HttpDoorTest, ModernRequestsAreCheckedInOrder) {
  const std::string version = "MCP-Protocol-Version: 2026-07-28\r\n";
  const std::string list = version + "Mcp-Method: tools/list\r\n";
  const std::string call = version + "Mcp-Method: tools/call\r\n";
  const std::string named = R"("name":"list_things")";
  const std::vector<ModernCase> cases = {
      {Modern("tools/list", ""), list, 200, R"("resultType":"complete")"},
      {Modern("server/discover", ""),
       version + "Mcp-Method: server/discover\r\n", 200, "supportedVersions"},
      {Modern("tools/call", named), call + "Mcp-Name: list_things\r\n", 200,
       "structuredContent"},
      {Modern("tools/call", named),
       call + "Mcp-Name: =?base64?bGlzdF90aGluZ3M=?=\r\n", 200, "content"},
      {Modern("tools/call", named),
       call + "Mcp-Name: =?base64?bGlzdF90aGluZ3M?=\r\n", 400, "-32020"},
      {Modern("tools/call", named), call, 400, "-32020"},
      {Modern("tools/call", named), call + "Mcp-Name: other\r\n", 400,
       "-32020"},
      {Modern("tools/list", ""), "", 400, "-32020"},
      {Modern("tools/list", ""), version, 400, "-32020"},
      {Modern("tools/list", ""),
       "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n", 400,
       "-32020"},
      {kPing, version, 400, "-32602"},
      {Modern("tools/list", "", "2027-01-01"),
       "MCP-Protocol-Version: 2027-01-01\r\nMcp-Method: tools/list\r\n", 400,
       "-32022"},
      {Modern("ping", ""), version + "Mcp-Method: ping\r\n", 404, "-32601"},
      {Modern("tools/call", R"("name":"nope")"), call + "Mcp-Name: nope\r\n",
       200, "-32602"},
      // A session id means nothing here.
      {Modern("tools/list", ""), list + "Mcp-Session-Id: x\r\n", 200, "tools"},
  };
  for (const ModernCase& c : cases) {
    HttpAnswer answer = Ask(Post("/mcp", c.body, c.headers));
    EXPECT_EQ(answer.status, c.status) << c.body << c.headers;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.body << c.headers;
    EXPECT_EQ(answer.Header("Mcp-Session-Id"), "");
  }
  EXPECT_EQ(Ask(Bodiless("GET", version)).status, 405);
}

TEST_F(HttpDoorTest, MarkedArgumentsAreRepeatedInHeaders) {
  const std::string head =
      "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
      "Mcp-Name: show_thing\r\n";
  const auto status = [&](absl::string_view arguments,
                          absl::string_view header) {
    return Ask(Post("/mcp",
                    Modern("tools/call",
                           absl::StrCat(R"("name":"show_thing","arguments":)",
                                        arguments)),
                    absl::StrCat(head, header)))
        .status;
  };
  EXPECT_EQ(status(R"({"size":3})", "Mcp-Param-Size: 3\r\n"), 200);
  EXPECT_EQ(status(R"({"size":3})", "mcp-param-size: 3.0\r\n"), 200);
  EXPECT_EQ(status(R"({"size":"a b"})", "Mcp-Param-Size: =?base64?YSBi?=\r\n"),
            200);
  EXPECT_EQ(status(R"({"size":3})", "Mcp-Param-Size: 4\r\n"), 400);
  EXPECT_EQ(status(R"({"size":3})", "Mcp-Param-Size: three\r\n"), 400);
  EXPECT_EQ(status(R"({"size":3})", ""), 400);
  EXPECT_EQ(status(R"({"size":null})", ""), 200);
  EXPECT_EQ(status("{}", ""), 200);
}

TEST_F(HttpDoorTest, WhatAClientCannotDoIsABadRequest) {
  const std::string head =
      "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n";
  HttpAnswer answer =
      Ask(Post("/mcp", Modern("tools/call", R"("name":"ask_thing")"),
               head + "Mcp-Name: ask_thing\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body,
              HasSubstr(R"("requiredCapabilities":{"elicitation":{}})"));
  answer = Ask(Post("/mcp", Modern("tools/call", R"("name":"long_thing")"),
                    head + "Mcp-Name: long_thing\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("-32021"));
}

TEST_F(HttpDoorTest, OneCallerDoesNotTakeThePairsOfOthers) {
  DoorOptions options = Limits(&now_);
  options.sessions.max_sessions_per_caller = 1;
  options.principal_of = [](absl::string_view token) {
    auto principal = std::make_shared<Principal>();
    principal->key = std::string(token);
    return principal;
  };
  HttpDoor door(server_, options);
  transports::HttpTransport http(io_, Options(), door);
  const std::string address = http.Start().value();
  const auto open = [](absl::string_view token) {
    return absl::StrCat(
        "GET /sse-transport/sse HTTP/1.1\r\nHost: localhost\r\n", kAccept,
        "Authorization: Bearer ", token, "\r\n\r\n");
  };
  HttpTestClient first(io_, address), second(io_, address), other(io_, address);
  first.Write(open("ada"));
  first.ReadUntil("event: endpoint");
  second.Write(open("ada"));
  EXPECT_EQ(second.Read().status, 503);
  other.Write(open("bob"));
  other.ReadUntil("event: endpoint");
}

TEST_F(HttpDoorTest, ListenersOfBothErasShareOneLimit) {
  transports::HttpOptions options = Options();
  options.max_listeners = 1;
  ASSERT_TRUE(http_.Reconfigure(options).ok());
  const std::string listen =
      Post("/mcp",
           Modern("subscriptions/listen",
                  R"("notifications":{"toolsListChanged":true})"),
           absl::StrCat("MCP-Protocol-Version: 2026-07-28\r\n"
                        "Mcp-Method: subscriptions/listen\r\n",
                        kAccept));
  const std::string legacy = Bodiless("GET", absl::StrCat(Session(), kAccept));
  for (const std::string& first : {listen, legacy}) {
    HttpTestClient client(io_, address_);
    client.Write(first);
    client.ReadUntil("\n\n");
    for (const std::string& second : {listen, legacy}) {
      const HttpAnswer refused = Ask(second);
      EXPECT_EQ(refused.status, 503);
      EXPECT_EQ(refused.Header("Retry-After"), "10");
    }
    EXPECT_EQ(Ask(Post("/mcp", kPing)).status, 200);
    client.Close();
    client.RunUntil([&] { return io_.poll() == 0; });
  }
}

TEST_F(HttpDoorTest, WhatIsNarrowedIsNotForSharedCaches) {
  const std::string list =
      Post("/mcp", Modern("tools/list", ""),
           "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n");
  EXPECT_THAT(Ask(list).body, HasSubstr(R"("cacheScope":"public")"));
  const std::string narrowed = absl::StrReplaceAll(
      list, {{"Mcp-Method", "X-MCP-Readonly: true\r\nMcp-Method"}});
  EXPECT_THAT(Ask(narrowed).body, HasSubstr(R"("cacheScope":"private")"));
  EXPECT_THAT(Ask(list).body, HasSubstr(R"("cacheScope":"public")"));
}

TEST_F(HttpDoorTest, ListeningNeedsAStreamAndEndsWithTheServer) {
  const std::string head =
      "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen"
      "\r\n";
  const std::string listen = Modern(
      "subscriptions/listen", R"("notifications":{"toolsListChanged":true})");
  EXPECT_EQ(Ask(Post("/mcp", listen, head)).status, 406);

  HttpTestClient client(io_, address_);
  client.Write(Post("/mcp", listen, head + kAccept));
  client.ReadUntil("notifications/subscriptions/acknowledged");
  changes_.Tell(ListKind::kTools);
  client.ReadUntil("notifications/tools/list_changed");
  server_.WrapUp();
  EXPECT_THAT(client.Read().body, HasSubstr(R"("resultType":"complete")"));
  EXPECT_EQ(server_.running_calls(), 0u);
}

}  // namespace
}  // namespace howdah::mcp
