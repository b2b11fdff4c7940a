#include "adapter/transports/tls_identity.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace howdah::transports {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// Changes with the files, also when a symbolic link turns to others.
std::string LookOf(const TlsFiles& files) {
  std::string look;
  for (const std::string& path : {files.certificate_chain, files.key}) {
    struct stat file = {};
    if (stat(path.c_str(), &file) != 0) {
      look += "none;";
      continue;
    }
    absl::StrAppend(&look, file.st_dev, ",", file.st_ino, ",", file.st_size,
                    ",", file.st_mtim.tv_sec, ".", file.st_mtim.tv_nsec, ";");
  }
  return look;
}

absl::Status Unusable(absl::string_view what, absl::string_view path,
                      const error_code& why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "The ", what, " in ", path, " cannot be used: ", why.message(), "."));
}

// HTTP/1.1 is all there is; clients that offer it are told so.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* in, unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  return SSL_select_next_proto(const_cast<unsigned char**>(out), out_size,
                               kHttp11, sizeof(kHttp11) - 1, in,
                               in_size) == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsIdentity>> TlsIdentity::Load(TlsFiles files) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(std::move(files)));
  identity->seen_ = LookOf(identity->files_);
  if (absl::Status status = identity->Read(); !status.ok()) return status;
  return identity;
}

absl::Status TlsIdentity::Read() {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  error_code error;
  context->set_options(ssl::context::default_workarounds |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1,
                       error);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &ChooseProtocol,
                             nullptr);
  context->use_certificate_chain_file(files_.certificate_chain, error);
  if (error) return Unusable("certificate", files_.certificate_chain, error);
  // Fails for the key of another certificate too.
  context->use_private_key_file(files_.key, ssl::context::pem, error);
  if (error) return Unusable("private key", files_.key, error);
  context_ = std::move(context);
  return absl::OkStatus();
}

absl::StatusOr<bool> TlsIdentity::Refresh() {
  std::string look = LookOf(files_);
  if (look == seen_) return false;
  seen_ = std::move(look);
  if (absl::Status status = Read(); !status.ok()) return status;
  return true;
}

}  // namespace howdah::transports
