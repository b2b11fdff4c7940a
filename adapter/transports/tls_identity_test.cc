#include "adapter/transports/tls_identity.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/self_signed.h"

namespace howdah::transports {
namespace {

using ::testing::HasSubstr;

class TlsIdentityTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  void Write(const testing::SelfSigned& pair) {
    Write(files_.certificate_chain, pair.certificate);
    Write(files_.key, pair.key);
  }

  const TlsFiles files_ = {::testing::TempDir() + "/tls.crt",
                           ::testing::TempDir() + "/tls.key"};
  const testing::SelfSigned first_ = testing::MakeSelfSigned("IP:127.0.0.1");
  const testing::SelfSigned second_ =
      testing::MakeSelfSigned("DNS:a-longer-name.example");
};

TEST_F(TlsIdentityTest, ChangedFilesAreReadAgain) {
  Write(first_);
  auto identity = TlsIdentity::Load(files_);
  ASSERT_TRUE(identity.ok()) << identity.status();
  SSL_CTX* before = (*identity)->context().native_handle();
  EXPECT_FALSE(*(*identity)->Refresh());
  Write(second_);
  EXPECT_TRUE(*(*identity)->Refresh());
  EXPECT_NE((*identity)->context().native_handle(), before);
  EXPECT_FALSE(*(*identity)->Refresh());
}

TEST_F(TlsIdentityTest, TheLastGoodPairStays) {
  Write(first_);
  auto identity = TlsIdentity::Load(files_);
  ASSERT_TRUE(identity.ok());
  SSL_CTX* before = (*identity)->context().native_handle();
  // Half of a change.
  Write(files_.certificate_chain, second_.certificate);
  EXPECT_THAT(std::string((*identity)->Refresh().status().message()),
              HasSubstr("mismatch"));
  EXPECT_EQ((*identity)->context().native_handle(), before);
  // Told once.
  EXPECT_FALSE(*(*identity)->Refresh());
  Write(files_.key, second_.key + "\n");
  EXPECT_TRUE(*(*identity)->Refresh());
}

TEST_F(TlsIdentityTest, UnusableFilesAreNamed) {
  Write(first_);
  Write(files_.key, "no key");
  EXPECT_THAT(std::string(TlsIdentity::Load(files_).status().message()),
              HasSubstr(files_.key));
  EXPECT_THAT(
      std::string(
          TlsIdentity::Load({"/nowhere/a", "/nowhere/b"}).status().message()),
      HasSubstr("/nowhere/a"));
}

}  // namespace
}  // namespace howdah::transports
