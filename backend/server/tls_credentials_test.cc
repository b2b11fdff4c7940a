#include "backend/server/tls_credentials.h"

#include <chrono>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "tests/support/self_signed.h"
#include "tests/support/status_matchers.h"

namespace howdah::server {
namespace {

using howdah::testing::HasReason;
using howdah::testing::MakeSelfSigned;
using howdah::testing::SelfSigned;

class TlsCredentialsTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  void Write(const SelfSigned& pair) {
    Write(files_.certificate_file, pair.certificate);
    Write(files_.key_file, pair.key);
  }
  void Serve() {
    auto credentials = MakeTlsCredentials(files_);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    credentials_ = *credentials;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", *credentials, &port_);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  // Whether the server shows this certificate to a new connection.
  bool Shows(const SelfSigned& pair) {
    grpc::SslCredentialsOptions trust;
    trust.pem_root_certs = pair.certificate;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel =
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port_),
                                  grpc::SslCredentials(trust), arguments);
    grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
    const auto deadline =
        std::chrono::system_clock::now() + std::chrono::seconds(10);
    while (state != GRPC_CHANNEL_READY &&
           state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
      if (!channel->WaitForStateChange(state, deadline)) break;
      state = channel->GetState(true);
    }
    return state == GRPC_CHANNEL_READY;
  }

  const TlsFiles files_ = {
      .certificate_file = ::testing::TempDir() + "/tls.crt",
      .key_file = ::testing::TempDir() + "/tls.key",
      .client_authority_file = {}};
  const SelfSigned first_ = MakeSelfSigned("IP:127.0.0.1");
  const SelfSigned second_ = MakeSelfSigned("IP:127.0.0.1,DNS:second.example");
  int port_ = 0;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  // A server without any is none.
  grpc::CallbackGenericService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(TlsCredentialsTest, NewFilesAreShownToNewConnections) {
  Write(first_);
  Serve();
  EXPECT_TRUE(Shows(first_));
  EXPECT_FALSE(Shows(second_));
  Write(second_);
  EXPECT_TRUE(Shows(second_));
  EXPECT_FALSE(Shows(first_));
}

TEST_F(TlsCredentialsTest, BrokenFilesKeepTheLastGoodOnes) {
  Write(first_);
  Serve();
  Write(files_.certificate_file, second_.certificate);
  EXPECT_TRUE(Shows(first_));
  Write(files_.key_file, "no key");
  EXPECT_TRUE(Shows(first_));
  Write(files_.key_file, second_.key);
  EXPECT_TRUE(Shows(second_));
}

TEST_F(TlsCredentialsTest, NothingIsServedWithUnusableFiles) {
  Write(first_);
  Write(files_.key_file, second_.key);
  EXPECT_THAT(MakeTlsCredentials(files_).status(),
              HasReason("TLS_FILE_UNUSABLE"));
  TlsFiles none = files_;
  none.client_authority_file = "/nowhere/ca.crt";
  Write(first_);
  EXPECT_THAT(MakeTlsCredentials(none).status(),
              HasReason("TLS_FILE_UNUSABLE"));
}

}  // namespace
}  // namespace howdah::server
