#include "adapter/transports/http_server.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/transports/http_test_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::transports {
namespace {

using ::testing::HasSubstr;

// Answers at once, unless the body says "later".
class EchoSink : public MessageSink {
 public:
  void OnMessage(absl::string_view bytes, Exchange& exchange) override {
    ++messages;
    if (bytes == "later") {
      waiting = &exchange;
    } else if (bytes == "notify") {
      exchange.Finish({202, {}});
    } else {
      exchange.SetHeader("X-Seen", exchange.Header("x-sent"));
      exchange.Finish({200, absl::StrCat("<", bytes, ">")});
    }
  }
  void OnListen(Exchange& exchange) override {
    waiting = &exchange;
    exchange.Open();
  }
  void OnGone(Exchange& exchange) override {
    ++gone;
    waiting = nullptr;
  }
  std::string Refusal(int status, absl::string_view sentence) override {
    return absl::StrCat("{\"refused\":\"", sentence, "\"}");
  }

  Exchange* waiting = nullptr;
  int messages = 0;
  int gone = 0;
};

constexpr char kStream[] = "Accept: application/json, text/event-stream\r\n";

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options_.port = 0;
    options_.tick = absl::Milliseconds(5);
  }
  std::string Start() {
    transport_ = std::make_unique<HttpTransport>(io_, options_, sink_);
    absl::StatusOr<std::string> address = transport_->Start();
    EXPECT_TRUE(address.ok()) << address.status();
    return *address;
  }
  std::unique_ptr<HttpTestClient> Client() {
    return std::make_unique<HttpTestClient>(io_, address_);
  }
  // Until the server has read all there is.
  void Settle(HttpTestClient& client) {
    client.RunUntil([&] {
      io_.restart();
      return io_.poll() == 0;
    });
  }
  // One exchange over a connection of its own.
  HttpAnswer Ask(absl::string_view request) {
    if (address_.empty()) address_ = Start();
    auto client = Client();
    client->Write(request);
    return client->Read();
  }

  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  EchoSink sink_;
  HttpOptions options_;
  std::unique_ptr<HttpTransport> transport_;
  std::string address_;
};

TEST_F(HttpServerTest, AConnectionServesManyRequests) {
  address_ = Start();
  auto client = Client();
  for (int i = 0; i < 3; ++i) {
    client->Write(Post("/mcp", absl::StrCat("m", i), "X-Sent: yes\r\n"));
    HttpAnswer answer = client->Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, absl::StrCat("<m", i, ">"));
    EXPECT_EQ(answer.Header("Content-Type"), "application/json");
    EXPECT_EQ(answer.Header("X-Seen"), "yes");
    EXPECT_THAT(answer.Header("Date"), HasSubstr(" GMT"));
  }
}

TEST_F(HttpServerTest, EveryPartitionOfARequestIsTheSame) {
  address_ = Start();
  const std::string request = Post("/mcp", "ab\xC3\x84", "Accept: a/b\r\n");
  auto client = Client();
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client->Write(request.substr(0, cut));
    io_.restart();
    io_.poll();
    client->Write(request.substr(cut));
    EXPECT_EQ(client->Read().body, "<ab\xC3\x84>") << cut;
  }
}

TEST_F(HttpServerTest, ByteByByteAndChunkedBodiesArrive) {
  address_ = Start();
  auto client = Client();
  for (char c :
       absl::StrCat("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    "application/json; charset=utf-8\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\n\r\n")) {
    client->Write(std::string(1, c));
    io_.restart();
    io_.poll();
  }
  EXPECT_EQ(client->Read().body, "<abcde>");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  address_ = Start();
  auto client = Client();
  client->Write(absl::StrCat(Post("/mcp", "later"), Post("/mcp", "b"),
                             Post("/mcp", "c")));
  client->RunUntil([&] { return sink_.waiting != nullptr; });
  EXPECT_EQ(sink_.messages, 1);
  sink_.waiting->Finish({200, "a"});
  EXPECT_EQ(client->Read().body, "a");
  EXPECT_EQ(client->Read().body, "<b>");
  EXPECT_EQ(client->Read().body, "<c>");
}

TEST_F(HttpServerTest, ANotificationIsAcceptedWithoutABody) {
  HttpAnswer answer = Ask(Post("/mcp", "notify"));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.Header("Content-Length"), "0");
}

TEST_F(HttpServerTest, SayingSomethingFirstBeginsAStream) {
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "later", kStream));
  client->RunUntil([&] { return sink_.waiting != nullptr; });
  sink_.waiting->Send("{\n\"p\":1}");
  client->ReadUntil("data: { \"p\":1}\n\n");
  sink_.waiting->Finish({200, "{\"r\":1}"});
  HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.Header("X-Accel-Buffering"), "no");
  EXPECT_EQ(answer.body,
            ":\n\nevent: message\ndata: { \"p\":1}\n\n"
            "event: message\ndata: {\"r\":1}\n\n");
  // And the connection goes on.
  client->Write(Post("/mcp", "next"));
  EXPECT_EQ(client->Read().body, "<next>");
}

TEST_F(HttpServerTest, WithoutAcceptThereIsJsonOnly) {
  address_ = Start();
  for (const std::string& request :
       {Post("/mcp", "later"), Post("/", "later", kStream)}) {
    auto client = Client();
    client->Write(request);
    client->RunUntil([&] { return sink_.waiting != nullptr; });
    EXPECT_FALSE(sink_.waiting->Streams());
    sink_.waiting->Send("dropped");
    sink_.waiting->Finish({200, "{}"});
    sink_.waiting = nullptr;
    HttpAnswer answer = client->Read();
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  }
}

TEST_F(HttpServerTest, ASilentStreamIsKeptAlive) {
  options_.stream_keep_alive = absl::Milliseconds(10);
  address_ = Start();
  auto client = Client();
  client->Write(
      "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: "
      "text/event-stream\r\n\r\n");
  client->ReadUntil(":\n\n\r\n3\r\n:\n\n\r\n3\r\n:\n\n");
  client->Close();
  client->RunUntil([&] { return sink_.gone == 1; });
}

TEST_F(HttpServerTest, AClientThatLeavesIsNoticedDuringItsRequest) {
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "later"));
  client->RunUntil([&] { return sink_.waiting != nullptr; });
  client->Close();
  client->RunUntil([&] { return sink_.gone == 1; });
}

struct Case {
  std::string request;
  int status;
  std::string says;
};

std::string Get(absl::string_view target, absl::string_view headers = "") {
  return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\n",
                      headers, "\r\n");
}

TEST_F(HttpServerTest, RefusalsHaveTheirStatusAndAReason) {
  options_.max_body_bytes = 100;
  options_.max_header_bytes = 1000;
  const std::vector<Case> cases = {
      {"POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 403, "Host"},
      {"POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
       403, "localhost"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n"
       "Content-Length: 0\r\n\r\n",
       403, "Host"},
      {Post("/mcp", "{}", "Origin: https://evil.example\r\n"), 403, "Origin"},
      {Post("/mcp", "{}", "Origin: null\r\n"), 403, "Origin"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
       415, "application/json"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
       "Content-Length: 2\r\n\r\n{}",
       415, "application/json"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
       "application/jsonx\r\nContent-Length: 2\r\n\r\n{}",
       415, "application/json"},
      {Post("/mcp", std::string(101, 'x')), 413, "100 bytes"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
       "application/json\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
           std::string(101, 'x') + "\r\n0\r\n\r\n",
       413, "100 bytes"},
      {Post("/mcp", "{}", "X: " + std::string(2000, 'y') + "\r\n"), 431,
       "1000 bytes"},
      {"nonsense\r\n\r\n", 400, "HTTP/1.1"},
      {"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
       "Content-Length: 3\r\n\r\n{}",
       400, "HTTP/1.1"},
      {Get("/nothing"), 404, "/mcp"},
      {Get("/"), 405, "POST"},
      {"PUT /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405,
       "POST"},
      {Post("/health", "{}"), 405, "GET"},
      {"DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "POST"},
  };
  for (const Case& c : cases) {
    HttpAnswer answer = Ask(c.request);
    EXPECT_EQ(answer.status, c.status) << c.request;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.request;
  }
  EXPECT_EQ(sink_.messages, 0);
  EXPECT_EQ(Ask(Post("/mcp?x=y", std::string(100, 'x'))).status, 200);
}

TEST_F(HttpServerTest, AHugeBodyIsRefusedBeforeItHasArrived) {
  options_.max_body_bytes = 1000;
  HttpAnswer answer = Ask(Post("/mcp", std::string(8 * 1024 * 1024, 'x')));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.Header("Connection"), "close");
}

TEST_F(HttpServerTest, ALongBodyIsAskedFor) {
  address_ = Start();
  auto client = Client();
  const std::string request = Post("/mcp", std::string(2 * 1024 * 1024, 'x'),
                                   "Expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  client->Write(request.substr(0, head));
  EXPECT_EQ(client->Read().status, 100);
  client->Write(request.substr(head));
  EXPECT_EQ(client->Read().body.size(), 2u * 1024 * 1024 + 2);
}

TEST_F(HttpServerTest, HealthIsAnswered) {
  HttpAnswer answer = Ask(Get("/health"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
}

TEST_F(HttpServerTest, AClientMayAskToClose) {
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "a", "Connection: close\r\n"));
  HttpAnswer answer = client->Read();
  EXPECT_EQ(answer.Header("Connection"), "close");
  client->ReadUntilClosed();
}

TEST_F(HttpServerTest, OldClientsAreServedOnce) {
  address_ = Start();
  auto client = Client();
  client->Write(
      "POST /mcp HTTP/1.0\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nContent-Length: 1\r\n\r\na");
  EXPECT_EQ(client->Read().body, "<a>");
  client->ReadUntilClosed();
}

TEST_F(HttpServerTest, IdleAndSlowConnectionsAreClosed) {
  options_.idle_timeout = absl::Milliseconds(20);
  options_.transfer_timeout = absl::Milliseconds(20);
  address_ = Start();
  auto idle = Client();
  auto slow = Client();
  slow->Write("POST /mcp HT");
  idle->ReadUntilClosed();
  EXPECT_EQ(slow->Read().status, 408);
  // A request under way is not timed: its answer may take long.
  auto waiting = Client();
  waiting->Write(Post("/mcp", "later"));
  waiting->RunUntil([&] { return sink_.waiting != nullptr; });
  idle = Client();
  idle->ReadUntilClosed();
  sink_.waiting->Finish({200, "{}"});
  EXPECT_EQ(waiting->Read().status, 200);
}

TEST_F(HttpServerTest, AStreamThatNobodyReadsIsClosed) {
  options_.transfer_timeout = absl::Milliseconds(50);
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "later", kStream));
  client->RunUntil([&] { return sink_.waiting != nullptr; });
  // More than the buffers of both sockets hold.
  const std::string large(1024 * 1024, 'x');
  client->RunUntil([&] {
    if (sink_.waiting != nullptr) sink_.waiting->Send(large);
    return sink_.gone == 1;
  });
}

constexpr char kAppOrigin[] = "Origin: https://app.example\r\n";

TEST_F(HttpServerTest, PagesOfANamedOriginMayCallAndRead) {
  options_.allowed_origins = {"https://app.example"};
  HttpAnswer answer = Ask(
      absl::StrCat("OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n", kAppOrigin,
                   "Access-Control-Request-Method: POST\r\n"
                   "Access-Control-Request-Headers: content-type,mcp-method"
                   "\r\n\r\n"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"),
            "https://app.example");
  EXPECT_EQ(answer.Header("Access-Control-Allow-Methods"), "POST, GET, DELETE");
  EXPECT_EQ(answer.Header("Access-Control-Allow-Headers"),
            "content-type,mcp-method");
  for (const char* target : {"/mcp", "/", "/nothing"}) {
    answer = Ask(Post(target, "a", kAppOrigin));
    EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"),
              "https://app.example");
    EXPECT_THAT(answer.Header("Access-Control-Expose-Headers"),
                HasSubstr("Mcp-Session-Id"));
    EXPECT_EQ(answer.Header("Vary"), "Origin");
  }
  EXPECT_EQ(sink_.messages, 2);
}

TEST_F(HttpServerTest, OthersMayNot) {
  options_.allowed_origins = {"https://app.example"};
  const std::string local = "Origin: http://localhost:6274\r\n";
  EXPECT_EQ(Ask(Post("/mcp", "a", local)).status, 200);
  EXPECT_EQ(Ask(Post("/mcp", "a", local)).Header("Access-Control-Allow-Origin"),
            "");
  const std::string preflight = "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_EQ(Ask(absl::StrCat(preflight, local, "\r\n")).status, 405);
  for (const std::string& origin :
       {std::string("Origin: null\r\n"),
        std::string("Origin: https://evil.example\r\n"),
        absl::StrCat(kAppOrigin, kAppOrigin)}) {
    for (const char* start : {"OPTIONS /mcp", "POST /", "GET /health",
                              "GET /nothing", "GET /sse-transport/sse"}) {
      EXPECT_EQ(Ask(absl::StrCat(start, " HTTP/1.1\r\nHost: localhost\r\n",
                                 origin, "\r\n"))
                    .status,
                403)
          << start << " " << origin;
    }
  }
}

TEST_F(HttpServerTest, BodiesThatArriveTogetherAreLimited) {
  options_.max_arriving_bytes = 1024 * 1024;
  options_.tick = absl::Hours(1);
  address_ = Start();
  const std::string body(900 * 1024, 'x');
  const std::string request = Post("/mcp", body);
  auto first = Client();
  first->Write(request.substr(0, request.size() - 1));
  Settle(*first);
  auto second = Client();
  second->Write(request.substr(0, request.size() - 1));
  HttpAnswer refused = second->Read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  second->Close();
  first->Write("x");
  EXPECT_EQ(first->Read().body.size(), body.size() + 2);
  // What has arrived leaves room for others, as does what never will.
  {
    auto third = Client();
    third->Write(request.substr(0, request.size() - 1));
    EXPECT_EQ(Ask(Post("/mcp", "a")).status, 200);
    third->Close();
    Settle(*third);
  }
  EXPECT_EQ(Ask(request).status, 200);
}

TEST_F(HttpServerTest, ListenersLeaveRoomForRequests) {
  options_.max_listeners = 1;
  address_ = Start();
  const std::string listen =
      absl::StrCat("GET /mcp HTTP/1.1\r\nHost: localhost\r\n", kStream, "\r\n");
  for (int i = 0; i < 2; ++i) {
    auto first = Client();
    first->Write(listen);
    first->ReadUntil(":\n\n");
    EXPECT_EQ(Ask(listen).status, 503);
    EXPECT_EQ(Ask(Post("/mcp", "a")).status, 200);
    const int gone = sink_.gone;
    first->Close();
    first->RunUntil([&] { return sink_.gone > gone; });
  }
}

TEST_F(HttpServerTest, AStreamReadTooSlowlyIsClosedNotThinnedOut) {
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "later", kStream));
  client->RunUntil([&] { return sink_.waiting != nullptr; });
  // Far more than is kept, in one go: nothing is written in between.
  for (int i = 0; i < 100 && sink_.waiting != nullptr; ++i) {
    sink_.waiting->Send(std::string(1024 * 1024, 'x'));
  }
  EXPECT_EQ(sink_.gone, 0);
  client->RunUntil([&] { return sink_.gone == 1; });
  client->ReadUntilClosed();
  EXPECT_LT(client->received().size(), 8u * 1024 * 1024);
}

TEST_F(HttpServerTest, OptionsMayChangeWhileItServes) {
  address_ = Start();
  auto client = Client();
  client->Write(Post("/mcp", "a"));
  EXPECT_EQ(client->Read().status, 200);
  HttpOptions fresh = options_;
  fresh.max_body_bytes = 10;
  fresh.allowed_hosts = {"db.example"};
  EXPECT_TRUE(transport_->Reconfigure(fresh).ok());
  client->Write(
      "POST /mcp HTTP/1.1\r\nHost: db.example\r\nContent-Type: "
      "application/json\r\nContent-Length: 1\r\n\r\na");
  EXPECT_EQ(client->Read().status, 200);
  EXPECT_EQ(Ask(Post("/mcp", std::string(11, 'x'))).status, 413);
  // A change that cannot be made changes nothing.
  fresh.tls = {"/nowhere/tls.crt", "/nowhere/tls.key"};
  fresh.max_body_bytes = 20;
  EXPECT_FALSE(transport_->Reconfigure(fresh).ok());
  EXPECT_EQ(Ask(Post("/mcp", std::string(11, 'x'))).status, 413);
}

TEST_F(HttpServerTest, TooManyConnectionsAreTurnedAway) {
  options_.max_connections = 2;
  address_ = Start();
  std::vector<std::unique_ptr<HttpTestClient>> busy;
  for (int i = 1; i <= 2; ++i) {
    busy.push_back(Client());
    busy.back()->Write(Post("/mcp", "later"));
    busy.back()->RunUntil([&] { return sink_.messages == i; });
  }
  EXPECT_EQ(Client()->Read().status, 503);
  sink_.waiting->Finish({200, "{}"});
  EXPECT_EQ(busy[1]->Read().status, 200);
  // One that only waits for its next request gives way.
  EXPECT_EQ(Ask(Post("/mcp", "a")).status, 200);
  busy[1]->ReadUntilClosed();
  EXPECT_FALSE(busy[0]->closed());
}

TEST_F(HttpServerTest, WhoLeavesServesOnAndEndsEachConnectionWithItsAnswer) {
  address_ = Start();
  auto kept = Client();
  kept->Write(Post("/mcp", "a"));
  EXPECT_NE(kept->Read().Header("Connection"), "close");
  transport_->Leave();
  kept->Write(Post("/mcp", "a"));
  HttpAnswer answer = kept->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Connection"), "close");
  kept->ReadUntilClosed();
  EXPECT_EQ(Ask(Post("/mcp", "a")).status, 200);
}

TEST_F(HttpServerTest, ARequestThatIsArrivingAtTheStopIsAnswered) {
  address_ = Start();
  auto client = Client();
  const std::string request = Post("/mcp", "a");
  const int before = sink_.messages;
  client->Write(request.substr(0, request.size() - 1));
  Ask(Post("/mcp", "a"));  // By now the part has been read.
  int ends = 0;
  transport_->Stop([&] { ++ends; });
  client->Write(request.substr(request.size() - 1));
  EXPECT_EQ(client->Read().status, 200);
  EXPECT_EQ(sink_.messages, before + 2);
  client->Close();
  client->RunUntil([&] { return ends == 1; });
}

TEST_F(HttpServerTest, StopLetsAnAnswerOutAndClosesTheRest) {
  address_ = Start();
  auto idle = Client();
  idle->Write(Post("/mcp", "a"));
  EXPECT_EQ(idle->Read().status, 200);
  auto busy = Client();
  busy->Write(Post("/mcp", "later"));
  busy->RunUntil([&] { return sink_.waiting != nullptr; });
  int ends = 0;
  transport_->Stop([&] { ++ends; });
  idle->ReadUntilClosed();
  EXPECT_EQ(ends, 0);
  sink_.waiting->Finish({200, "{}"});
  HttpAnswer answer = busy->Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Connection"), "close");
  busy->Close();
  idle->RunUntil([&] { return ends == 1; });
}

TEST_F(HttpServerTest, ATakenPortIsAClearError) {
  address_ = Start();
  HttpOptions second = options_;
  second.port = std::stoi(address_.substr(address_.find(':') + 1));
  absl::StatusOr<std::string> taken = HttpTransport(io_, second, sink_).Start();
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(taken.status().message(), "--port 0"));
  second.host = "not-an-address";
  EXPECT_EQ(HttpTransport(io_, second, sink_).Start().status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace howdah::transports
