#include "backend/net/http_client.h"

#include <dirent.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/support/http_imposter.h"
#include "tests/support/self_signed.h"
#include "tests/support/status_matchers.h"

namespace howdah::net {
namespace {

using ::howdah::testing::Exchange;
using ::howdah::testing::Gate;
using ::howdah::testing::HasReason;
using ::howdah::testing::HttpImposter;
using ::howdah::testing::MakeSelfSigned;
using ::howdah::testing::SelfSigned;
using ::howdah::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Pair;

int ThreadCount() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

TEST(HttpClientTest, NoThreadIsBegunBeforeTheFirstRequest) {
  const int before = ThreadCount();
  HttpClient client({});
  EXPECT_EQ(ThreadCount(), before);
}

TEST(HttpClientTest, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
  HttpImposter imposter;
  imposter.Answer(
      {201,
       "created",
       {{"Warning", "299 - \"one\""}, {"WARNING", "299 - \"two\""}}});
  HttpClient client({});
  const auto response = client.Send({.method = "POST",
                                     .url = imposter.url() + "/a?b=c",
                                     .headers = {{"X-Test", "yes"}},
                                     .body = "hello"});
  ASSERT_OK(response);
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "created");
  EXPECT_THAT(response->headers,
              ::testing::IsSupersetOf({Pair("warning", "299 - \"one\""),
                                       Pair("warning", "299 - \"two\"")}));
  const auto request = imposter.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.Header("x-test"), "yes");
}

TEST(HttpClientTest, OtherMethodsCarryTheirBody) {
  HttpImposter imposter;
  HttpClient client({});
  for (const char* method : {"PATCH", "DELETE", "PUT"}) {
    imposter.Answer({});
    ASSERT_OK(
        client.Send({.method = method, .url = imposter.url(), .body = "body"}));
    EXPECT_EQ(imposter.requests().back().method, method);
    EXPECT_EQ(imposter.requests().back().body, "body");
  }
}

TEST(HttpClientTest, AConnectionIsUsedAgain) {
  HttpImposter imposter;
  HttpClient client({});
  for (int i = 0; i < 3; ++i) {
    imposter.Answer({});
    ASSERT_OK(client.Send({.url = imposter.url()}));
  }
  for (const auto& request : imposter.requests()) {
    EXPECT_EQ(request.connection, 1);
  }
}

TEST(HttpClientTest, AWriteIsNotSentTwiceOnAKeptConnectionThatBreaks) {
  for (const char* method : {"POST", "PATCH", "DELETE"}) {
    HttpImposter imposter;
    imposter.Answer({});
    imposter.Then([](Exchange& exchange) { exchange.Tear(); });
    imposter.Otherwise([](Exchange& exchange) { exchange.Reply({}); });
    HttpClient client({});
    ASSERT_OK(client.Send({.url = imposter.url()}));
    const auto response =
        client.Send({.method = method, .url = imposter.url(), .body = "do it"});
    EXPECT_THAT(response, HasReason(kConnectionLost));
    EXPECT_FALSE(SurelyNotSent(response.status()));
    EXPECT_EQ(imposter.requests().size(), 2u);
  }
}

TEST(HttpClientTest, ARefusedConnectionIsSurelyNotSent) {
  int port = 0;
  { port = HttpImposter().port(); }
  HttpClient client({});
  const auto response =
      client.Send({.url = absl::StrCat("http://127.0.0.1:", port)});
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(response, HasReason(kConnectFailed));
  EXPECT_TRUE(SurelyNotSent(response.status()));
}

TEST(HttpClientTest, ABodyTornInTheMiddleIsAnError) {
  HttpImposter imposter;
  imposter.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write("half");
    exchange.Tear();
  });
  HttpClient client({});
  EXPECT_THAT(client.Send({.url = imposter.url()}), HasReason(kConnectionLost));
}

TEST(HttpClientTest, ASlowAnswerEndsAtTheDeadline) {
  HttpImposter imposter;
  imposter.Then([](Exchange& exchange) { exchange.WaitUntilClientLeaves(); });
  HttpClient client({});
  EXPECT_THAT(client.Send({.url = imposter.url(),
                           .deadline = absl::Now() + absl::Milliseconds(50)}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(client.Send({.url = imposter.url(), .deadline = absl::Now()}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  // Nothing is sent again; a slow machine may not have come to sending at all.
  EXPECT_LE(imposter.requests().size(), 1u);
}

TEST(HttpClientTest, CancellingEndsARequestUnderWay) {
  HttpImposter imposter;
  imposter.Then([](Exchange& exchange) { exchange.WaitUntilClientLeaves(); });
  HttpClient client({});
  std::stop_source stop;
  std::jthread canceller([&] {
    imposter.WaitForRequests(1);
    stop.request_stop();
  });
  EXPECT_THAT(
      client.Send({.url = imposter.url(), .cancelled = stop.get_token()}),
      StatusIs(absl::StatusCode::kCancelled));
}

TEST(HttpClientTest, ATooLargeBodyIsRefused) {
  HttpImposter imposter;
  imposter.Answer({200, std::string(1000, 'x'), {}});
  HttpClient client({});
  EXPECT_THAT(client.Send({.url = imposter.url(), .max_response_bytes = 999}),
              HasReason(kResponseTooLarge));
}

TEST(HttpClientTest, AHeaderCannotSmuggleAnother) {
  HttpImposter imposter;
  HttpClient client({});
  EXPECT_THAT(
      client.Send({.url = imposter.url(),
                   .headers = {{"Impersonate-User", "a\r\nX-Admin: yes"}}}),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(imposter.requests().empty());
}

TEST(HttpClientTest, AStreamArrivesPieceByPiece) {
  Gate gate;
  HttpImposter imposter;
  imposter.Then([&](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write("one");
    gate.Wait();
    exchange.Write("two");
    exchange.End();
  });
  HttpClient client({});
  std::vector<std::string> pieces;
  const auto response =
      client.Stream({.url = imposter.url()}, [&](absl::string_view bytes) {
        pieces.emplace_back(bytes);
        // The second piece is sent only now: the first did not wait for it.
        gate.Open();
        return absl::OkStatus();
      });
  ASSERT_OK(response);
  EXPECT_THAT(pieces, ElementsAre("one", "two"));
  EXPECT_EQ(response->body, "");
}

TEST(HttpClientTest, AStreamLargerThanTheBufferComesWhole) {
  constexpr size_t kPieces = 400;
  const std::string piece(size_t{64} << 10, 'x');
  HttpImposter imposter;
  imposter.Then([&](Exchange& exchange) {
    exchange.Begin(200, {});
    for (size_t i = 0; i < kPieces; ++i) exchange.Write(piece);
    exchange.End();
  });
  HttpClient client({});
  size_t bytes = 0;
  ASSERT_OK(client.Stream({.url = imposter.url()}, [&](absl::string_view part) {
    bytes += part.size();
    return absl::OkStatus();
  }));
  EXPECT_EQ(bytes, kPieces * piece.size());
}

TEST(HttpClientTest, TheReaderCanEndAStream) {
  HttpImposter imposter;
  imposter.Then([](Exchange& exchange) {
    exchange.Begin(200, {});
    exchange.Write("one");
    exchange.WaitUntilClientLeaves();
  });
  HttpClient client({});
  EXPECT_THAT(client.Stream({.url = imposter.url()},
                            [](absl::string_view) {
                              return absl::DataLossError("enough");
                            }),
              StatusIs(absl::StatusCode::kDataLoss, "enough"));
}

TEST(HttpClientTest, AnErrorAnswerToAStreamHasItsBody) {
  HttpImposter imposter;
  imposter.Answer({410, "gone", {}});
  HttpClient client({});
  const auto response = client.Stream(
      {.url = imposter.url()}, [](absl::string_view) -> absl::Status {
        ADD_FAILURE() << "an error is no part of the stream";
        return absl::OkStatus();
      });
  ASSERT_OK(response);
  EXPECT_EQ(response->status, 410);
  EXPECT_EQ(response->body, "gone");
}

TEST(HttpClientTest, ManyRequestsAtOnceAllGetTheirOwnAnswer) {
  HttpImposter imposter;
  imposter.Otherwise([](Exchange& exchange) {
    exchange.Reply({200, exchange.request().target, {}});
  });
  HttpClient client({});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const std::string target = absl::StrCat("/", i, "/", j);
        const auto response = client.Send({.url = imposter.url() + target});
        ASSERT_OK(response);
        EXPECT_EQ(response->body, target);
      }
    });
  }
}

TEST(HttpClientTest, OnlyTheGivenAuthorityIsTrusted) {
  const SelfSigned own = MakeSelfSigned("IP:127.0.0.1");
  const SelfSigned other = MakeSelfSigned("IP:127.0.0.1");
  HttpImposter imposter({own.certificate, own.key});
  imposter.Otherwise([](Exchange& exchange) { exchange.Reply({}); });
  const HttpRequest request{.url = imposter.url()};

  EXPECT_OK(HttpClient({.tls = {.ca_pem = own.certificate}}).Send(request));
  const auto foreign =
      HttpClient({.tls = {.ca_pem = other.certificate}}).Send(request);
  EXPECT_THAT(foreign, HasReason(kTlsFailed));
  EXPECT_TRUE(SurelyNotSent(foreign.status()));
  EXPECT_THAT(HttpClient({}).Send(request), HasReason(kTlsFailed));
  EXPECT_OK(HttpClient({.tls = {.insecure_skip_verify = true}}).Send(request));
}

TEST(HttpClientTest, TheServerNameReplacesTheHostInTlsOnly) {
  const SelfSigned own = MakeSelfSigned("DNS:kube.example");
  HttpImposter imposter({own.certificate, own.key});
  imposter.Otherwise([](Exchange& exchange) { exchange.Reply({}); });
  const HttpRequest request{.url = imposter.url() + "/x"};

  EXPECT_THAT(HttpClient({.tls = {.ca_pem = own.certificate}}).Send(request),
              HasReason(kTlsFailed));
  ASSERT_OK(HttpClient({.tls = {.ca_pem = own.certificate,
                                .server_name = "kube.example"}})
                .Send(request));
  EXPECT_EQ(imposter.requests().back().Header("host"),
            absl::StrCat("127.0.0.1:", imposter.port()));
}

TEST(HttpClientTest, AProxyIsUsedWhenNamed) {
  HttpImposter proxy;
  proxy.Answer({200, "by proxy", {}});
  HttpClient client({.proxy_url = proxy.url()});
  const auto response = client.Send({.url = "http://kube.invalid/api"});
  ASSERT_OK(response);
  EXPECT_EQ(response->body, "by proxy");
  EXPECT_EQ(proxy.requests().at(0).target, "http://kube.invalid/api");
}

}  // namespace
}  // namespace howdah::net
