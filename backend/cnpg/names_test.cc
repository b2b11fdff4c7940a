#include "backend/cnpg/names.h"

#include <algorithm>
#include <set>
#include <string>

#include "backend/cnpg/password.h"
#include "gmock/gmock.h"

namespace howdah::cnpg {
namespace {

using ::testing::Each;
using ::testing::Lt;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

TEST(NamesTest, APlainNameIsKept) {
  EXPECT_EQ(SecretNames("demo", "reporting")[0], "cnpg-demo-user-reporting");
  EXPECT_EQ(ObjectNames("demo", "orders")[0], "demo-orders");
}

TEST(NamesTest, EveryCandidateIsALegalObjectName) {
  for (const std::string& role :
       {std::string("app_user"), std::string("Äpfel"), std::string("-x-"),
        std::string("UPPER"), std::string(63, '_'), std::string(63, 'z')}) {
    EXPECT_THAT(SecretNames(std::string(50, 'c'), role),
                Each(MatchesRegex("[a-z0-9]([-a-z0-9]*[a-z0-9])?")));
    EXPECT_THAT(SecretNames(std::string(50, 'c'), role),
                Each(SizeIs(Lt(254u))));
  }
}

TEST(NamesTest, NamesThatSanitiseAlikeStayApart) {
  std::set<std::string> names;
  for (const char* role : {"app_user", "app user", "App_User", "app__user"}) {
    names.insert(SecretNames("demo", role)[0]);
  }
  EXPECT_THAT(names, SizeIs(4));
}

TEST(NamesTest, PairsThatRunTogetherHaveACandidateOfTheirOwn) {
  std::vector<std::string> one = SecretNames("demo", "user-x");
  std::vector<std::string> other = SecretNames("demo-user", "x");
  EXPECT_EQ(one[0], other[0]) << "this is the ambiguity";
  EXPECT_NE(one[1], other[1]);
}

TEST(NamesTest, WhatPostgresAndTheOperatorOwnIsReserved) {
  EXPECT_TRUE(IsReservedRole("postgres"));
  EXPECT_TRUE(IsReservedRole("pg_monitor"));
  EXPECT_TRUE(IsReservedRole("cnpg_x"));
  EXPECT_TRUE(IsReservedRole("streaming_replica"));
  EXPECT_FALSE(IsReservedRole("pgbouncer"));
  EXPECT_TRUE(IsReservedDatabase("template1"));
  EXPECT_FALSE(IsReservedDatabase("template2"));
}

TEST(PasswordTest, UsesTheRandomBytesWithoutBias) {
  // 248 and above would make some letters likelier and are thrown away.
  int calls = 0;
  std::string password = GeneratePassword([&](absl::Span<uint8_t> bytes) {
    ++calls;
    std::fill(bytes.begin(), bytes.end(), calls == 1 ? 255 : 61);
  });
  EXPECT_EQ(password, std::string(32, '9'));
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace howdah::cnpg
