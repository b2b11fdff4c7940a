// Tokens, good and bad: each way to be refused has its test here.
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backend/auth/issuer.h"
#include "backend/auth/test_issuer.h"
#include "backend/auth/token_authenticator.h"
#include "backend/auth/token_cache.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace howdah::auth {
namespace {

using howdah::testing::FakeClock;
using howdah::testing::HasReason;
using howdah::testing::StatusIs;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIssuer[] = "https://id.example.com/realms/a";
constexpr char kAudience[] = "https://howdah.example.com/mcp";
constexpr char kKeysUrl[] = "https://id.example.com/keys";

struct TestCaller : public Caller {
  absl::string_view Metadata(absl::string_view key) const override {
    return key == "authorization" ? absl::string_view(authorization) : "";
  }
  std::string Peer() const override { return peer; }
  std::vector<std::string> CertificateNames() const override { return names; }

  std::string peer = "unix:";
  std::string authorization;
  std::vector<std::string> names;
};

// The issuer's web server. Threads: safe.
class Web {
 public:
  absl::StatusOr<std::string> Get(const std::string& url) {
    std::lock_guard lock(mutex_);
    asked_.push_back(url);
    const auto found = pages_.find(url);
    if (found == pages_.end()) return absl::UnavailableError("it is down.");
    return found->second;
  }
  void Set(const std::string& url, const std::string& body) {
    std::lock_guard lock(mutex_);
    pages_[url] = body;
  }
  void GoDown() {
    std::lock_guard lock(mutex_);
    pages_.clear();
  }
  std::vector<std::string> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> pages_;
  std::vector<std::string> asked_;
};

// Keys are made once; an RSA key takes a while.
const TestKey& RsaKey() {
  static const auto* const kKey = new TestKey(TestKey::Rsa("rsa"));
  return *kKey;
}

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() {
    Publish({&RsaKey(), &ec_, &ed_});
    web_.Set(absl::StrCat(kIssuer, "/.well-known/openid-configuration"),
             json{{"issuer", kIssuer}, {"jwks_uri", kKeysUrl}}.dump());
    Make({});
  }

  void Publish(const std::vector<const TestKey*>& keys) {
    web_.Set(kKeysUrl, KeySetOf(keys));
  }

  // Changes the options, then begins anew.
  void Make(const std::function<void(TokenAuthenticatorOptions&)>& change) {
    tokens_ = nullptr;
    issuer_ = std::make_unique<Issuer>(
        IssuerOptions{.url = kIssuer},
        [this](const std::string& url, std::stop_token) {
          return web_.Get(url);
        },
        clock_);
    TokenAuthenticatorOptions options;
    options.rules.issuer = kIssuer;
    options.rules.audiences = {kAudience, "howdah"};
    if (change) change(options);
    auto made = TokenAuthenticator::Make(options, *issuer_, clock_);
    ASSERT_OK(made);
    tokens_ = *std::move(made);
  }

  json Claims() {
    return {{"iss", kIssuer},
            {"aud", kAudience},
            {"sub", "ada"},
            {"exp", absl::ToUnixSeconds(clock_.Now()) + 300},
            {"scope", "openid howdah:read"}};
  }
  json With(const json& changes) {
    json claims = Claims();
    claims.merge_patch(changes);
    return claims;
  }
  std::string Good() { return RsaKey().Sign("RS256", Claims()); }

  absl::StatusOr<Principal> Ask(const TestCaller& caller) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<absl::StatusOr<Principal>> answer;
    tokens_->Authenticate(caller, [&](const absl::StatusOr<Principal>& who) {
      std::lock_guard lock(mutex);
      answer = who;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answer.has_value(); });
    return *answer;
  }
  absl::StatusOr<Principal> AskWith(const std::string& token) {
    TestCaller caller;
    caller.authorization = "Bearer " + token;
    return Ask(caller);
  }
  absl::StatusOr<Principal> AskWithClaims(const json& changes) {
    return AskWith(RsaKey().Sign("RS256", With(changes)));
  }
  bool IsRemembered(const std::string& token) {
    TestCaller caller;
    caller.authorization = "Bearer " + token;
    return tokens_->FromMemory(caller).has_value();
  }

  FakeClock clock_;
  Web web_;
  const TestKey ec_ = TestKey::Ec("ec", "P-256");
  const TestKey ed_ = TestKey::Ed25519("ed");
  std::unique_ptr<Issuer> issuer_;
  std::unique_ptr<TokenAuthenticator> tokens_;
};

TEST_F(TokenTest, AGoodTokenSaysWhoCalls) {
  const auto who = AskWithClaims(
      {{"groups", {"dba", "ops"}}, {"scp", {"howdah:read", "howdah:write"}}});
  ASSERT_OK(who);
  EXPECT_EQ(who->name, "ada");
  EXPECT_EQ(who->issuer, kIssuer);
  EXPECT_THAT(who->groups, ElementsAre("dba", "ops"));
  EXPECT_THAT(who->scopes,
              ElementsAre("openid", "howdah:read", "howdah:write"));
  EXPECT_FALSE(who->limited_to_scopes);
}

TEST_F(TokenTest, AllAcceptedAlgorithmsVerify) {
  const TestKey p384 = TestKey::Ec("p384", "P-384");
  const TestKey p521 = TestKey::Ec("p521", "P-521");
  Publish({&RsaKey(), &ec_, &ed_, &p384, &p521});
  const std::pair<const TestKey*, const char*> cases[] = {
      {&RsaKey(), "RS256"}, {&RsaKey(), "RS384"}, {&RsaKey(), "RS512"},
      {&RsaKey(), "PS256"}, {&RsaKey(), "PS384"}, {&RsaKey(), "PS512"},
      {&ec_, "ES256"},      {&p384, "ES384"},     {&p521, "ES512"},
      {&ed_, "EdDSA"}};
  for (const auto& [key, algorithm] : cases) {
    EXPECT_OK(AskWith(key->Sign(algorithm, Claims()))) << algorithm;
  }
}

TEST_F(TokenTest, ATokenIsVerifiedOnce) {
  const std::string token = Good();
  EXPECT_FALSE(IsRemembered(token));
  ASSERT_OK(AskWith(token));
  EXPECT_TRUE(IsRemembered(token));
  EXPECT_FALSE(IsRemembered(token + "A"));
}

TEST_F(TokenTest, ARememberedTokenEndsWhenItExpires) {
  const std::string token = Good();
  ASSERT_OK(AskWith(token));
  clock_.Advance(absl::Seconds(300 + 31));
  EXPECT_FALSE(IsRemembered(token));
  EXPECT_THAT(AskWith(token), HasReason("TOKEN_EXPIRED"));
}

TEST_F(TokenTest, WithoutATokenNobodyIsLetIn) {
  EXPECT_THAT(Ask({}), HasReason("TOKEN_REQUIRED"));
  TestCaller caller;
  caller.authorization = "Basic YTpi";
  EXPECT_THAT(Ask(caller), HasReason("TOKEN_REQUIRED"));
  caller.authorization = "Bearer ";
  EXPECT_THAT(Ask(caller), HasReason("TOKEN_REQUIRED"));
}

TEST_F(TokenTest, AClientCertificateStandsForItselfOnlyWhereItIsVerified) {
  TestCaller caller;
  caller.names = {"deployer"};
  EXPECT_THAT(Ask(caller), HasReason("TOKEN_REQUIRED"));
  Make([](auto& options) { options.certificates = true; });
  const auto who = Ask(caller);
  ASSERT_OK(who);
  EXPECT_EQ(who->name, "deployer");
  caller.authorization = "Bearer nonsense";
  EXPECT_THAT(Ask(caller), HasReason("TOKEN_MALFORMED"));
}

TEST_F(TokenTest, WhatIsNoTokenIsRefused) {
  for (const std::string& text :
       {std::string("a"), std::string("a.b"), std::string("a.b.c.d"),
        std::string("..."), std::string(20000, 'a'), Good() + ".x",
        " " + Good().substr(1),
        absl::StrCat(absl::WebSafeBase64Escape("[1]"), ".e30.e30"),
        absl::StrCat(absl::WebSafeBase64Escape("{"), ".e30.e30")}) {
    EXPECT_THAT(AskWith(text), HasReason("TOKEN_MALFORMED")) << text;
  }
}

TEST_F(TokenTest, UnsignedTokensAreRefused) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    EXPECT_THAT(AskWith(Unsigned({{"alg", none}}, Claims())),
                HasReason("TOKEN_ALGORITHM"))
        << none;
  }
  EXPECT_THAT(AskWith(Unsigned(json::object(), Claims())),
              HasReason("TOKEN_ALGORITHM"));
  EXPECT_THAT(AskWith(Unsigned({{"alg", "RS256"}, {"kid", "rsa"}}, Claims())),
              HasReason("TOKEN_MALFORMED"));
}

TEST_F(TokenTest, APublicKeyIsNoSecret) {
  const json header = {{"alg", "HS256"}, {"kid", "rsa"}};
  for (const std::string& secret : {RsaKey().PublicPem(), RsaKey().Jwk().dump(),
                                    RsaKey().Jwk()["n"].get<std::string>()}) {
    EXPECT_THAT(AskWith(SignHmac(secret, header, Claims())),
                HasReason("TOKEN_ALGORITHM"));
    // And not if it hides behind another name either.
    EXPECT_THAT(
        AskWith(SignHmac(secret, {{"alg", "RS256"}, {"kid", "rsa"}}, Claims())),
        HasReason("TOKEN_SIGNATURE"));
  }
}

TEST_F(TokenTest, AKeyIsUsedOnlyForAlgorithmsOfItsType) {
  EXPECT_THAT(AskWith(RsaKey().SignWithHeader(
                  "RS256", {{"alg", "ES256"}, {"kid", "rsa"}}, Claims())),
              HasReason("TOKEN_KEY_UNKNOWN"));
  EXPECT_THAT(AskWith(ec_.SignWithHeader(
                  "ES256", {{"alg", "RS256"}, {"kid", "ec"}}, Claims())),
              HasReason("TOKEN_KEY_UNKNOWN"));
  // The key says that it is for PS256 alone.
  json restricted = RsaKey().Jwk();
  restricted["alg"] = "PS256";
  web_.Set(kKeysUrl, json{{"keys", {restricted}}}.dump());
  Make({});
  EXPECT_THAT(AskWith(Good()), HasReason("TOKEN_KEY_UNKNOWN"));
}

TEST_F(TokenTest, KeysForEncryptingAndShortKeysAreNotUsed) {
  json encrypting = RsaKey().Jwk();
  encrypting["use"] = "enc";
  const TestKey small = TestKey::Rsa("short", 1024);
  web_.Set(kKeysUrl,
           json{{"keys", {encrypting, small.Jwk(), ed_.Jwk()}}}.dump());
  EXPECT_THAT(AskWith(Good()), HasReason("TOKEN_KEY_UNKNOWN"));
  EXPECT_THAT(AskWith(small.Sign("RS256", Claims())),
              HasReason("TOKEN_KEY_UNKNOWN"));
  EXPECT_OK(AskWith(ed_.Sign("EdDSA", Claims())));
}

TEST_F(TokenTest, ForeignAndTornSignaturesAreRefused) {
  const TestKey impostor = TestKey::Rsa("rsa");
  EXPECT_THAT(AskWith(impostor.Sign("RS256", Claims())),
              HasReason("TOKEN_SIGNATURE"));
  std::string torn = Good();
  // Another letter of base64url, whatever it was.
  char& letter = torn[torn.rfind('.') + 5];
  letter = letter == 'A' ? 'B' : 'A';
  EXPECT_THAT(AskWith(torn), HasReason("TOKEN_SIGNATURE"));
  const std::string good = Good();
  const std::string other = RsaKey().Sign("RS256", With({{"sub", "root"}}));
  EXPECT_THAT(AskWith(absl::StrCat(other.substr(0, other.rfind('.')),
                                   good.substr(good.rfind('.')))),
              HasReason("TOKEN_SIGNATURE"));
}

TEST_F(TokenTest, KeysInTheTokenItselfAreNotLookedAt) {
  const TestKey own = TestKey::Ec("own", "P-256");
  json header = {{"alg", "ES256"}, {"kid", "own"}, {"jwk", own.Jwk()}};
  EXPECT_THAT(AskWith(own.SignWithHeader("ES256", header, Claims())),
              HasReason("TOKEN_KEY_UNKNOWN"));
  header["kid"] = "ec";
  EXPECT_THAT(AskWith(own.SignWithHeader("ES256", header, Claims())),
              HasReason("TOKEN_SIGNATURE"));
  header.erase("jwk");
  header["jku"] = "https://evil.example/keys";
  header["x5u"] = "https://evil.example/cert";
  EXPECT_THAT(AskWith(own.SignWithHeader("ES256", header, Claims())),
              HasReason("TOKEN_SIGNATURE"));
  EXPECT_THAT(web_.asked(), Not(::testing::Contains(HasSubstr("evil"))));
}

TEST_F(TokenTest, HeadersThatDemandMoreAreRefused) {
  for (const json& more :
       {json{{"crit", {"exp"}}, {"exp", 1}}, json{{"crit", json::array()}},
        json{{"crit", {"b64"}}, {"b64", false}}, json{{"typ", "dpop+jwt"}},
        json{{"typ", "logout+jwt"}}, json{{"typ", 1}}, json{{"kid", 1}}}) {
    json header = {{"alg", "RS256"}, {"kid", "rsa"}};
    header.update(more);
    EXPECT_THAT(AskWith(RsaKey().SignWithHeader("RS256", header, Claims())),
                HasReason("TOKEN_MALFORMED"))
        << more;
  }
  for (const char* type : {"JWT", "jwt", "at+jwt", "application/at+jwt"}) {
    EXPECT_OK(AskWith(RsaKey().SignWithHeader(
        "RS256", {{"alg", "RS256"}, {"kid", "rsa"}, {"typ", type}}, Claims())));
  }
}

TEST_F(TokenTest, ATokenWithoutKeyIdIsTriedWithAllKeysThatFit) {
  EXPECT_OK(AskWith(ec_.SignWithHeader("ES256", {{"alg", "ES256"}}, Claims())));
  const TestKey other = TestKey::Ec("other", "P-256");
  EXPECT_THAT(
      AskWith(other.SignWithHeader("ES256", {{"alg", "ES256"}}, Claims())),
      HasReason("TOKEN_KEY_UNKNOWN"));
}

TEST_F(TokenTest, AnotherIssuersTokensAreRefused) {
  for (const char* issuer :
       {"https://evil.example.com", "", "https://id.example.com/realms/a/",
        "https://id.example.com/realms/A"}) {
    EXPECT_THAT(AskWithClaims({{"iss", issuer}}), HasReason("TOKEN_ISSUER"));
  }
  EXPECT_THAT(AskWithClaims({{"iss", nullptr}}), HasReason("TOKEN_ISSUER"));
}

TEST_F(TokenTest, ATokenMustBeMeantForThisServer) {
  EXPECT_OK(AskWithClaims({{"aud", "howdah"}}));
  EXPECT_OK(AskWithClaims({{"aud", {"other", kAudience}}}));
  for (const json& audience :
       {json(nullptr), json("other"), json::array(), json({"a", "b"}), json(""),
        json(7), json(std::string(kAudience) + "/")}) {
    EXPECT_THAT(AskWithClaims({{"aud", audience}}), HasReason("TOKEN_AUDIENCE"))
        << audience;
  }
}

TEST_F(TokenTest, TimesAreCheckedWithSomeLeeway) {
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  EXPECT_OK(AskWithClaims({{"exp", now - 20}}));
  EXPECT_THAT(AskWithClaims({{"exp", now - 31}}), HasReason("TOKEN_EXPIRED"));
  EXPECT_OK(AskWithClaims({{"nbf", now + 20}}));
  EXPECT_THAT(AskWithClaims({{"nbf", now + 40}}),
              HasReason("TOKEN_NOT_YET_VALID"));
  EXPECT_THAT(AskWithClaims({{"iat", now + 40}}),
              HasReason("TOKEN_NOT_YET_VALID"));
  for (const json& when :
       {json(nullptr), json("soon"), json(-1), json(1e300), json(true)}) {
    EXPECT_THAT(AskWithClaims({{"exp", when}}), HasReason("TOKEN_MALFORMED"))
        << when;
  }
}

TEST_F(TokenTest, ATokenMustSayWhoseItIs) {
  for (const json& subject : {json(nullptr), json(""), json(1), json("a\nb"),
                              json(std::string(300, 'a'))}) {
    EXPECT_THAT(AskWithClaims({{"sub", subject}}), HasReason("TOKEN_SUBJECT"))
        << subject;
  }
  Make([](auto& options) { options.rules.username_claim = "email"; });
  EXPECT_THAT(AskWithClaims(json::object()), HasReason("TOKEN_SUBJECT"));
  EXPECT_EQ(AskWithClaims({{"email", "ada@example.com"}})->name,
            "ada@example.com");
}

TEST_F(TokenTest, KubernetesIsAskedInTheCallersName) {
  EXPECT_EQ(AskWith(Good())->kubernetes_user, "");
  Make([](auto& options) {
    options.impersonation = {.on = true, .prefix = "oidc:"};
    options.certificates = true;
  });
  const auto who = AskWithClaims({{"groups", {"dba", "system:masters"}}});
  ASSERT_OK(who);
  EXPECT_EQ(who->kubernetes_user, "oidc:ada");
  EXPECT_THAT(who->kubernetes_groups,
              ElementsAre("oidc:dba", "oidc:system:masters"));
  TestCaller caller;
  caller.names = {"deployer"};
  EXPECT_EQ(Ask(caller)->kubernetes_user, "oidc:deployer");
}

TEST_F(TokenTest, NobodyBecomesOneOfKubernetesOwnUsers) {
  Make([](auto& options) { options.impersonation.on = true; });
  EXPECT_THAT(
      AskWithClaims({{"groups", {"dba", "system:masters"}}})->kubernetes_groups,
      ElementsAre("dba"));
  EXPECT_THAT(AskWithClaims({{"sub", "system:admin"}}),
              HasReason("RESERVED_NAME"));
}

TEST_F(TokenTest, BoundTokensAreNoBearerTokens) {
  EXPECT_THAT(AskWithClaims({{"cnf", {{"jkt", "x"}}}}),
              HasReason("TOKEN_BOUND"));
}

TEST_F(TokenTest, WhoseTokensFailTooOftenWaitsButGoodOnesGetIn) {
  Make([](auto& options) {
    options.failures.rate = {.per_second = 0.001, .burst = 3};
  });
  const auto ask = [this](const std::string& token) {
    TestCaller caller;
    caller.peer = "ipv4:192.0.2.1:4000";
    caller.authorization = "Bearer " + token;
    return Ask(caller);
  };
  const auto bad = [this](int i) {
    return RsaKey().Sign("RS256",
                         With({{"aud", "other"}, {"sub", absl::StrCat(i)}}));
  };
  const std::string known = Good();
  ASSERT_OK(ask(known));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(ask(bad(i)), HasReason("TOKEN_AUDIENCE"));
  }
  EXPECT_THAT(ask(bad(3)), HasReason("TOO_MANY_FAILURES"));
  // One that is known to be bad costs itself.
  EXPECT_THAT(ask(bad(0)), HasReason("TOKEN_AUDIENCE"));
  // Others of the address get in: one that did before, and a new one.
  EXPECT_OK(ask(known));
  EXPECT_OK(ask(RsaKey().Sign("RS256", With({{"sub", "bob"}}))));
}

TEST(TokenCacheTest, ATokenOfFormerKeysIsNotGoodButWas) {
  TokenCache cache(2);
  const absl::Time now = absl::Now();
  Principal ada;
  ada.expires = now + absl::Minutes(5);
  cache.Keep("token", 1, ada);
  EXPECT_TRUE(cache.Find("token", 1, now).has_value());
  EXPECT_FALSE(cache.Find("token", 2, now).has_value());
  EXPECT_TRUE(cache.WasGood("token", now));
  EXPECT_FALSE(cache.WasGood("token", ada.expires));
  cache.Forget("token");
  EXPECT_FALSE(cache.WasGood("token", now));
}

TEST_F(TokenTest, AnOutageOfTheIssuerIsNobodysFailure) {
  Make([](auto& options) {
    options.failures.rate = {.per_second = 0.001, .burst = 2};
  });
  web_.GoDown();
  TestCaller caller;
  caller.peer = "ipv4:192.0.2.1:4000";
  for (int i = 0; i < 5; ++i) {
    caller.authorization =
        "Bearer " + RsaKey().Sign("RS256", With({{"sub", absl::StrCat(i)}}));
    EXPECT_THAT(Ask(caller), HasReason("ISSUER_UNAVAILABLE"));
  }
}

TEST_F(TokenTest, TheRequiredScopesMustBeThere) {
  Make([](auto& options) {
    options.rules.scopes = {"howdah:read", "howdah:base"};
  });
  const auto refused = AskWith(Good());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(refused, HasReason("SCOPE_MISSING"));
  EXPECT_OK(AskWithClaims({{"scope", "howdah:base howdah:read"}}));
}

TEST_F(TokenTest, ANewKeyIsFoundAndAWithdrawnOneTakesItsTokensAlong) {
  const std::string old_token = Good();
  ASSERT_OK(AskWith(old_token));
  const TestKey fresh = TestKey::Rsa("fresh");
  Publish({&fresh});
  const std::string new_token = fresh.Sign("RS256", Claims());
  // Too soon after the last fetch.
  EXPECT_THAT(AskWith(new_token), HasReason("TOKEN_KEY_UNKNOWN"));
  EXPECT_TRUE(IsRemembered(old_token));
  clock_.Advance(absl::Seconds(10));
  EXPECT_OK(AskWith(new_token));
  EXPECT_FALSE(IsRemembered(old_token));
  EXPECT_THAT(AskWith(old_token), HasReason("TOKEN_KEY_UNKNOWN"));
}

TEST_F(TokenTest, StrangeKeysAreNoFloodForTheIssuer) {
  ASSERT_OK(AskWith(Good()));
  const size_t before = web_.asked().size();
  const TestKey strange = TestKey::Ec("strange", "P-256");
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(AskWith(strange.Sign("ES256", With({{"jti", i}}))),
                HasReason("TOKEN_KEY_UNKNOWN"));
  }
  EXPECT_EQ(web_.asked().size(), before);
}

TEST_F(TokenTest, AnOutageIsBridgedThenNobodyIsLetIn) {
  ASSERT_OK(AskWith(Good()));
  web_.GoDown();
  clock_.Advance(absl::Minutes(50));
  EXPECT_OK(AskWith(Good()));
  clock_.Advance(absl::Minutes(11));
  const auto refused = AskWith(Good());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(refused, HasReason("ISSUER_UNAVAILABLE"));
}

TEST_F(TokenTest, AnIssuerThatWasNeverThereLetsNobodyIn) {
  web_.GoDown();
  EXPECT_THAT(AskWith(Good()), HasReason("ISSUER_UNAVAILABLE"));
}

TEST_F(TokenTest, MetadataOfAnotherIssuerIsNotBelieved) {
  web_.Set(
      absl::StrCat(kIssuer, "/.well-known/openid-configuration"),
      json{{"issuer", "https://other.example"}, {"jwks_uri", kKeysUrl}}.dump());
  EXPECT_THAT(AskWith(Good()), StatusIs(absl::StatusCode::kUnavailable,
                                        HasSubstr("other.example")));
}

TEST_F(TokenTest, KeysAreNotFetchedOverPlainHttp) {
  web_.Set(absl::StrCat(kIssuer, "/.well-known/openid-configuration"),
           json{{"issuer", kIssuer}, {"jwks_uri", "http://id.example.com/k"}}
               .dump());
  EXPECT_THAT(AskWith(Good()), HasReason("ISSUER_UNAVAILABLE"));
}

TEST_F(TokenTest, OAuthMetadataServesWhereOpenIdsIsMissing) {
  web_.GoDown();
  Publish({&RsaKey()});
  web_.Set(
      "https://id.example.com/.well-known/oauth-authorization-server/realms/a",
      json{{"issuer", kIssuer}, {"jwks_uri", kKeysUrl}}.dump());
  EXPECT_OK(AskWith(Good()));
}

TEST(IssuerUrlTest, OnlyHttpsOrThisMachine) {
  for (const char* good : {"https://id.example.com", "https://id.example/a/b/",
                           "http://127.0.0.1:3000", "http://localhost:1/x"}) {
    EXPECT_OK(CheckIssuerUrl(good)) << good;
  }
  for (const char* bad :
       {"http://id.example.com", "id.example.com", "", "ftp://localhost",
        "https://a@id.example.com", "https://id.example.com?x=1",
        "https://id.example.com/#a"}) {
    EXPECT_THAT(CheckIssuerUrl(bad),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

}  // namespace
}  // namespace howdah::auth
