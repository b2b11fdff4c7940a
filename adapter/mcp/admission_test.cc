#include "adapter/mcp/admission.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/mcp/authorization_documents.h"
#include "adapter/mcp/bearer_token.h"
#include "adapter/mcp/challenge.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace howdah::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps questions until the test answers them.
class FakeVerifier : public TokenVerifier {
 public:
  void Verify(const std::string& token, const std::string&,
              std::function<void(Verdict)> done) override {
    tokens.push_back(token);
    verdicts.push_back(std::move(done));
  }
  void Describe(
      std::function<void(std::unique_ptr<AuthorizationServer>)> done) override {
    ++described;
    done(server == nullptr ? nullptr
                           : std::make_unique<AuthorizationServer>(*server));
  }

  std::vector<std::string> tokens;
  std::vector<std::function<void(Verdict)>> verdicts;
  std::unique_ptr<AuthorizationServer> server =
      std::make_unique<AuthorizationServer>();
  int described = 0;
};

class FakeExchange : public transports::Exchange {
 public:
  absl::string_view Header(absl::string_view name) const override {
    const auto found = request_headers.find(std::string(name));
    return found == request_headers.end() ? absl::string_view()
                                          : absl::string_view(found->second);
  }
  absl::string_view Target() const override { return target; }
  absl::string_view RemoteAddress() const override { return address; }
  bool Streams() const override { return false; }
  void SetHeader(absl::string_view name, absl::string_view value) override {
    headers[std::string(name)] = std::string(value);
  }
  void Send(std::string) override {}
  void Finish(transports::Reply reply) override {
    status = reply.status;
    body = std::move(reply.body);
  }

  std::map<std::string, std::string> request_headers = {
      {"Host", "howdah.example:3000"}};
  std::string target = "/mcp";
  std::string address = "10.0.0.1";
  std::map<std::string, std::string> headers;
  int status = 0;
  std::string body;
};

// Whoever gets here was admitted.
class FakeDoor : public transports::MessageSink {
 public:
  void OnMessage(absl::string_view bytes,
                 transports::Exchange& exchange) override {
    messages.emplace_back(bytes);
    exchange.Finish({200, "in"});
  }
  void OnListen(transports::Exchange& exchange) override {
    exchange.Finish({200, "listening"});
  }
  void OnEnd(transports::Exchange& exchange) override {
    exchange.Finish({204, {}});
  }
  void OnGone(transports::Exchange&) override { ++gone; }
  std::string Refusal(int, absl::string_view sentence) override {
    return std::string(sentence);
  }

  std::vector<std::string> messages;
  int gone = 0;
};

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionTest() {
    verifier_.server->issuer = "https://id.example";
    verifier_.server->metadata_json =
        R"({"issuer":"https://id.example","registration_endpoint":"x",)"
        R"("token_endpoint":"https://id.example/token"})";
    admission_.Guard(door_);
  }

  AdmissionOptions Options() {
    AdmissionOptions options;
    options.public_url = "https://howdah.example/mcp";
    options.now = [this] { return now_; };
    return options;
  }
  static FakeExchange With(const std::string& token) {
    FakeExchange exchange;
    exchange.request_headers["Authorization"] = "Bearer " + token;
    return exchange;
  }
  Verdict Good() const {
    Verdict verdict;
    verdict.kind = Verdict::Kind::kGood;
    auto principal = std::make_shared<Principal>();
    principal->key = "ada";
    verdict.principal = principal;
    verdict.expires = now_ + absl::Minutes(5);
    return verdict;
  }
  static Verdict Bad(Verdict::Kind kind) {
    Verdict verdict;
    verdict.kind = kind;
    verdict.sentence = "The token \"has\" expired.";
    verdict.scopes = "openid howdah:read";
    return verdict;
  }
  FakeExchange Fetch(const std::string& target) {
    FakeExchange exchange;
    exchange.target = target;
    admission_.OnFetch(exchange);
    return exchange;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  FakeVerifier verifier_;
  FakeDoor door_;
  AdmissionDoor admission_{verifier_, Options()};
};

TEST_F(AdmissionTest, WithoutATokenTheWayToOneIsTold) {
  verifier_.server->required_scopes = {"openid"};
  verifier_.server->scope_names = {{"howdah:read", "db.read"}};
  FakeExchange exchange;
  admission_.OnMessage("{}", exchange);
  EXPECT_EQ(exchange.status, 401);
  EXPECT_EQ(exchange.headers["WWW-Authenticate"],
            "Bearer resource_metadata=\"https://howdah.example/.well-known/"
            "oauth-protected-resource/mcp\", scope=\"openid db.read\"");
  EXPECT_THAT(door_.messages, IsEmpty());
}

TEST_F(AdmissionTest, EveryRequestNeedsAToken) {
  FakeExchange listening, ending;
  admission_.OnListen(listening);
  admission_.OnEnd(ending);
  EXPECT_EQ(listening.status, 401);
  EXPECT_EQ(ending.status, 401);
}

TEST_F(AdmissionTest, ATokenInTheAddressIsNone) {
  FakeExchange exchange;
  exchange.target = "/mcp?access_token=abc";
  admission_.OnMessage("{}", exchange);
  EXPECT_EQ(exchange.status, 401);
  EXPECT_THAT(verifier_.tokens, IsEmpty());
}

TEST_F(AdmissionTest, AGoodTokenGetsInAndIsNotAskedAboutAgain) {
  FakeExchange first = With("abc");
  admission_.OnMessage("{\"id\":1}", first);
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(admission_.PrincipalOf("abc"), nullptr);
  verifier_.verdicts.at(0)(Good());
  EXPECT_EQ(first.body, "in");
  EXPECT_EQ(admission_.PrincipalOf("abc")->key, "ada");
  FakeExchange second = With("abc");
  admission_.OnMessage("{\"id\":2}", second);
  EXPECT_EQ(second.body, "in");
  EXPECT_EQ(verifier_.tokens.size(), 1u);
  EXPECT_THAT(door_.messages,
              ::testing::ElementsAre("{\"id\":1}", "{\"id\":2}"));
}

TEST_F(AdmissionTest, ATokenIsAskedAboutAgainAfterAWhile) {
  FakeExchange first = With("abc");
  admission_.OnMessage("{}", first);
  verifier_.verdicts.at(0)(Good());
  now_ += absl::Seconds(60);
  EXPECT_EQ(admission_.PrincipalOf("abc"), nullptr);
  FakeExchange second = With("abc");
  admission_.OnMessage("{}", second);
  EXPECT_EQ(second.status, 0);
  EXPECT_EQ(verifier_.tokens.size(), 2u);
}

TEST_F(AdmissionTest, NoPrincipalOutlivesItsToken) {
  FakeExchange exchange = With("abc");
  admission_.OnMessage("{}", exchange);
  Verdict verdict = Good();
  verdict.expires = now_ + absl::Seconds(2);
  verifier_.verdicts.at(0)(verdict);
  now_ += absl::Seconds(2);
  EXPECT_EQ(admission_.PrincipalOf("abc"), nullptr);
}

TEST_F(AdmissionTest, ABadTokenIsToldWhy) {
  FakeExchange exchange = With("abc");
  admission_.OnMessage("{}", exchange);
  verifier_.verdicts.at(0)(Bad(Verdict::Kind::kRefused));
  EXPECT_EQ(exchange.status, 401);
  EXPECT_THAT(exchange.headers["WWW-Authenticate"],
              HasSubstr("error=\"invalid_token\", error_description=\"The "
                        "token 'has' expired.\""));
  EXPECT_THAT(door_.messages, IsEmpty());
}

TEST_F(AdmissionTest, MissingScopesAreAllNamed) {
  FakeExchange exchange = With("abc");
  admission_.OnMessage("{}", exchange);
  verifier_.verdicts.at(0)(Bad(Verdict::Kind::kScopesMissing));
  EXPECT_EQ(exchange.status, 403);
  EXPECT_THAT(exchange.headers["WWW-Authenticate"],
              HasSubstr("error=\"insufficient_scope\""));
  EXPECT_THAT(exchange.headers["WWW-Authenticate"],
              HasSubstr("scope=\"openid howdah:read\""));
}

TEST_F(AdmissionTest, WhereNobodyCanTellNobodyGetsIn) {
  FakeExchange exchange = With("abc");
  admission_.OnMessage("{}", exchange);
  verifier_.verdicts.at(0)(Bad(Verdict::Kind::kUnknown));
  EXPECT_EQ(exchange.status, 503);
  EXPECT_EQ(exchange.headers["Retry-After"], "5");
  EXPECT_THAT(door_.messages, IsEmpty());
}

TEST_F(AdmissionTest, AVerdictForAClientThatHasGoneIsNoMore) {
  FakeExchange exchange = With("abc");
  admission_.OnMessage("{}", exchange);
  admission_.OnGone(exchange);
  EXPECT_EQ(door_.gone, 0);
  // Another request in the same place.
  admission_.OnMessage("{}", exchange);
  verifier_.verdicts.at(0)(Good());
  EXPECT_EQ(exchange.status, 0);
  verifier_.verdicts.at(1)(Good());
  EXPECT_EQ(exchange.body, "in");
  admission_.OnGone(exchange);
  EXPECT_EQ(door_.gone, 1);
}

class FailureLimitTest : public AdmissionTest {
 protected:
  FailureLimitTest() { admission_.set_failures({.per_second = 1, .burst = 3}); }

  // The status that a request with this token gets; 0 while it is looked at.
  int Ask(const std::string& token) {
    exchanges_.push_back(std::make_unique<FakeExchange>(With(token)));
    admission_.OnMessage("{}", *exchanges_.back());
    return exchanges_.back()->status;
  }
  // The same, with what the verifier says if it is asked.
  int Ask(const std::string& token, const Verdict& verdict) {
    const std::size_t before = verifier_.verdicts.size();
    const int status = Ask(token);
    if (verifier_.verdicts.size() == before) return status;
    verifier_.verdicts.back()(verdict);
    return exchanges_.back()->status;
  }
  void FailOften() {
    const Verdict bad = Bad(Verdict::Kind::kRefused);
    for (const char* token : {"bad1", "bad2", "bad3"}) {
      EXPECT_EQ(Ask(token, bad), 401);
    }
  }

  std::vector<std::unique_ptr<FakeExchange>> exchanges_;
};

TEST_F(FailureLimitTest, ManyBadTokensOfOneAddressAreLookedAtOneAtATime) {
  FailOften();
  EXPECT_EQ(Ask("bad4"), 0);
  EXPECT_EQ(Ask("bad5"), 429);
  EXPECT_EQ(exchanges_.back()->headers["Retry-After"], "1");
  EXPECT_EQ(verifier_.tokens.size(), 4u);
  // Another address is not concerned.
  exchanges_.push_back(std::make_unique<FakeExchange>(With("bad6")));
  exchanges_.back()->address = "10.0.0.2";
  admission_.OnMessage("{}", *exchanges_.back());
  EXPECT_EQ(exchanges_.back()->status, 0);
  // It is not even told what is wrong with its tokens any more.
  verifier_.verdicts.at(3)(Bad(Verdict::Kind::kRefused));
  EXPECT_EQ(exchanges_.at(3)->status, 429);
  EXPECT_EQ(Ask("bad4"), 401);
  // Later it may fail again.
  now_ += absl::Seconds(2);
  EXPECT_EQ(Ask("bad7"), 0);
  EXPECT_EQ(Ask("bad8"), 0);
}

TEST_F(FailureLimitTest, AnAttackerDoesNotLockOutGoodTokensOfItsAddress) {
  EXPECT_EQ(Ask("known", Good()), 200);
  FailOften();
  EXPECT_EQ(Ask("bad4"), 0);
  EXPECT_EQ(Ask("new"), 429);
  EXPECT_EQ(Ask("known"), 200);
  // To be asked about again, it need not wait either.
  now_ += absl::Seconds(60);
  FailOften();
  EXPECT_EQ(Ask("known"), 0);
  EXPECT_EQ(verifier_.tokens.back(), "known");
  verifier_.verdicts.back()(Good());
  EXPECT_EQ(exchanges_.back()->status, 200);
  // A new one has its turn among the bad ones.
  verifier_.verdicts.at(4)(Bad(Verdict::Kind::kRefused));
  EXPECT_EQ(Ask("new", Good()), 200);
}

TEST_F(FailureLimitTest, GoodTokensAreNoFailures) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ask(absl::StrCat("good", i), Good()), 200);
    EXPECT_EQ(Ask(absl::StrCat("who knows", i), Bad(Verdict::Kind::kUnknown)),
              503);
  }
}

TEST_F(FailureLimitTest, ABadTokenThatComesAgainCostsOnlyItself) {
  const Verdict bad = Bad(Verdict::Kind::kRefused);
  EXPECT_EQ(Ask("bad", bad), 401);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask("bad"), 401);
    EXPECT_THAT(exchanges_.back()->headers["WWW-Authenticate"],
                HasSubstr("invalid_token"));
  }
  EXPECT_EQ(Ask("bad"), 429);
  EXPECT_EQ(verifier_.tokens.size(), 1u);
  EXPECT_EQ(Ask("other", bad), 401);
  // Its key may have become known.
  now_ += absl::Seconds(5);
  EXPECT_EQ(Ask("bad", Good()), 200);
}

TEST_F(FailureLimitTest, AWithdrawnTokenIsNotTrustedAnyMore) {
  EXPECT_EQ(Ask("abc", Good()), 200);
  now_ += absl::Seconds(60);
  EXPECT_EQ(Ask("abc", Bad(Verdict::Kind::kRefused)), 401);
  now_ += absl::Seconds(60);
  FailOften();
  EXPECT_EQ(Ask("bad4"), 0);
  EXPECT_EQ(Ask("abc"), 429);
}

TEST_F(FailureLimitTest, AskingWithoutATokenIsLimitedByItself) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(""), 401);
  EXPECT_EQ(Ask(""), 429);
  EXPECT_EQ(Ask("abc", Good()), 200);
}

TEST_F(AdmissionTest, TheResourceIsDescribed) {
  verifier_.server->scope_names = {{"howdah:read", "howdah:read"}};
  const FakeExchange exchange =
      Fetch("/.well-known/oauth-protected-resource/mcp");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, R"({"resource":"https://howdah.example/mcp",)"
                           R"("resource_name":"Howdah",)"
                           R"("authorization_servers":["https://id.example"],)"
                           R"("bearer_methods_supported":["header"],)"
                           R"("scopes_supported":["howdah:read"]})");
}

TEST_F(AdmissionTest, TheIssuersMetadataIsPassedOn) {
  EXPECT_EQ(Fetch("/.well-known/oauth-authorization-server").body,
            verifier_.server->metadata_json);
}

TEST_F(AdmissionTest, ClientsAreToldToRegisterElsewhere) {
  verifier_.server->registration_endpoint = "https://dcr.example/register";
  EXPECT_EQ(Fetch("/.well-known/oauth-authorization-server").body,
            R"({"issuer":"https://howdah.example",)"
            R"("registration_endpoint":"https://dcr.example/register",)"
            R"("token_endpoint":"https://id.example/token"})");
  EXPECT_THAT(
      Fetch("/.well-known/oauth-protected-resource").body,
      HasSubstr(R"("authorization_servers":["https://howdah.example"])"));
}

TEST_F(AdmissionTest, AnIssuerThatNamesItselfComesFirst) {
  verifier_.server->registration_endpoint = "https://dcr.example/register";
  verifier_.server->metadata_json =
      R"({"issuer":"https://id.example",)"
      R"("authorization_response_iss_parameter_supported":true})";
  EXPECT_THAT(Fetch("/.well-known/oauth-protected-resource").body,
              HasSubstr(R"("authorization_servers":["https://id.example",)"
                        R"("https://howdah.example"])"));
  // Whoever looks here can register, and is not promised the issuer's name.
  EXPECT_EQ(Fetch("/.well-known/oauth-authorization-server").body,
            R"({"issuer":"https://howdah.example",)"
            R"("registration_endpoint":"https://dcr.example/register"})");
}

TEST_F(AdmissionTest, ThereAreNoOtherDocuments) {
  for (const char* target :
       {"/.well-known/", "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resourceful",
        "/.well-known/oauth-authorization-server/mcp"}) {
    EXPECT_EQ(Fetch(target).status, 404) << target;
  }
}

TEST_F(AdmissionTest, WhatIsNotKnownIsNotDescribed) {
  verifier_.server = nullptr;
  EXPECT_EQ(Fetch("/.well-known/oauth-protected-resource").status, 503);
  // Not asked again at once.
  EXPECT_EQ(Fetch("/.well-known/oauth-protected-resource").status, 503);
  EXPECT_EQ(verifier_.described, 1);
  now_ += absl::Seconds(5);
  Fetch("/.well-known/oauth-protected-resource");
  EXPECT_EQ(verifier_.described, 2);
}

TEST(ChallengeTest, AStepUpNamesAllThatTheCallNeeds) {
  AuthorizationServer server;
  server.required_scopes = {"openid"};
  server.scope_names = {{"howdah:read", "db.read"}, {"howdah:admin", "db.adm"}};
  const Challenge challenge("https://h/m", server);
  EXPECT_EQ(challenge.NeedsScopes({"howdah:admin"}),
            "Bearer error=\"insufficient_scope\", error_description=\"The "
            "token lacks scopes.\", resource_metadata=\"https://h/m\", "
            "scope=\"openid db.adm\"");
}

TEST(ChallengeTest, NothingEndsTheHeaderEarly) {
  const Challenge challenge("https://h/m", {});
  EXPECT_THAT(challenge.InvalidToken("a\r\nX: y\"b\\"),
              HasSubstr("error_description=\"a  X: y'b'\""));
}

TEST(BearerTokenTest, OnlyThatSchemeCounts) {
  EXPECT_EQ(BearerToken("Bearer abc"), "abc");
  EXPECT_EQ(BearerToken("bearer  abc "), "abc");
  EXPECT_EQ(BearerToken("Basic abc"), "");
  EXPECT_EQ(BearerToken("Bearer"), "");
}

}  // namespace
}  // namespace howdah::mcp
