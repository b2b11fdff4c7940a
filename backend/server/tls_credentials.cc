#include "backend/server/tls_credentials.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backend/observability/log.h"
#include "grpc/grpc.h"
#include "grpc/grpc_security.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::server {
namespace {

using observability::Log;
using observability::LogLevel;

absl::Status Unusable(absl::string_view message) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "TLS_FILE_UNUSABLE", support::kHowdahDomain)
      .Message(message)
      .Build();
}

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  if (!file || text.find("-----BEGIN ") == std::string::npos) {
    return Unusable(absl::StrCat(path, " is not a readable PEM file."));
  }
  return text;
}

struct Pem {
  std::string certificate_chain;
  std::string key;
  std::string client_authority;
};

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* pointer) const { Free(pointer); }
};
void FreeBio(BIO* bio) { BIO_free(bio); }
using BioPointer = std::unique_ptr<BIO, Freer<BIO, &FreeBio>>;
using X509Pointer = std::unique_ptr<X509, Freer<X509, &X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, &EVP_PKEY_free>>;

BioPointer Reader(const std::string& text) {
  return BioPointer(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// gRPC would take a key of another certificate, and then serve nobody.
absl::Status CheckPair(const Pem& pem, const TlsFiles& files) {
  const X509Pointer certificate(PEM_read_bio_X509(
      Reader(pem.certificate_chain).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Unusable(
        absl::StrCat(files.certificate_file, " begins with no certificate."));
  }
  const KeyPointer key(PEM_read_bio_PrivateKey(Reader(pem.key).get(), nullptr,
                                               nullptr, nullptr));
  if (key == nullptr) {
    return Unusable(
        absl::StrCat(files.key_file, " holds no private key that opens."));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Unusable(absl::StrCat("The private key in ", files.key_file,
                                 " is not that of the certificate in ",
                                 files.certificate_file, "."));
  }
  return absl::OkStatus();
}

absl::StatusOr<Pem> ReadAll(const TlsFiles& files) {
  Pem pem;
  ASSIGN_OR_RETURN(pem.key, ReadPem(files.key_file));
  ASSIGN_OR_RETURN(pem.certificate_chain, ReadPem(files.certificate_file));
  if (!files.client_authority_file.empty()) {
    ASSIGN_OR_RETURN(pem.client_authority,
                     ReadPem(files.client_authority_file));
  }
  RETURN_IF_ERROR(CheckPair(pem, files));
  return pem;
}

// Changes with the files, also when a symbolic link turns to others.
std::string LookOf(const TlsFiles& files) {
  std::string look;
  for (const std::string& path :
       {files.certificate_file, files.key_file, files.client_authority_file}) {
    struct stat file = {};
    if (path.empty() || ::stat(path.c_str(), &file) != 0) {
      look += "none;";
      continue;
    }
    absl::StrAppend(&look, file.st_dev, ",", file.st_ino, ",", file.st_size,
                    ",", file.st_mtim.tv_sec, ".", file.st_mtim.tv_nsec, ";");
  }
  return look;
}

// Gives gRPC a configuration whenever the files have changed.
//
// Threads: safe. Owns: nothing but what it remembers.
class FileSource {
 public:
  explicit FileSource(const TlsFiles& files) : files_(files) {}

  // Asked by gRPC before each handshake.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* source, grpc_ssl_server_certificate_config** config) {
    return static_cast<FileSource*>(source)->Fetch(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status Fetch(
      grpc_ssl_server_certificate_config** config) {
    std::lock_guard lock(mutex_);
    std::string look = LookOf(files_);
    if (look == seen_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const bool first = seen_.empty();
    seen_ = std::move(look);
    const absl::StatusOr<Pem> pem = ReadAll(files_);
    if (!pem.ok()) {
      Log(LogLevel::kError, "TLS files not taken; the last good ones stay",
          {{"why", pem.status().message()}});
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const grpc_ssl_pem_key_cert_pair pair = {pem->key.c_str(),
                                             pem->certificate_chain.c_str()};
    // gRPC insists on an authority, also where no client is asked.
    const std::string& authority = pem->client_authority.empty()
                                       ? pem->certificate_chain
                                       : pem->client_authority;
    *config =
        grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
    if (!first) Log(LogLevel::kInfo, "TLS files read again");
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const TlsFiles files_;
  std::mutex mutex_;
  // What the files looked like when they were last read.
  std::string seen_;
};

// gRPC's C++ face has TLS from texts only; its C face asks again.
class ReloadingCredentials : public grpc::ServerCredentials {
 public:
  explicit ReloadingCredentials(const TlsFiles& files)
      : source_(files),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                files.client_authority_file.empty()
                    ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                    : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
                &FileSource::Fetch, &source_))) {}
  ~ReloadingCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  // Nobody asks for one: calls are authenticated in the call chain.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  FileSource source_;
  grpc_server_credentials* const credentials_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(
    const TlsFiles& files) {
  if (files.certificate_file.empty()) return grpc::InsecureServerCredentials();
  RETURN_IF_ERROR(ReadAll(files).status());
  return std::make_shared<ReloadingCredentials>(files);
}

}  // namespace howdah::server
