#include "backend/local/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "backend/local/private_files.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

constexpr absl::Duration kCaLife = absl::Hours(24 * 3650);
constexpr absl::Duration kServerLife = absl::Hours(24 * 365);
constexpr absl::Duration kRenewBefore = absl::Hours(24 * 30);
// Clocks of clients may be a little behind.
constexpr absl::Duration kBackdate = absl::Hours(1);

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<&X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<&BIO_free_all>>;

struct Identity {
  Key key;
  Certificate certificate;
};

absl::Status OpenSslFailed(absl::string_view what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  return absl::InternalError(absl::StrCat("OpenSSL cannot ", what, ": ", text));
}

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string CertificatePem(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Contents(bio.get());
}

std::string KeyPem(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  return Contents(bio.get());
}

absl::StatusOr<Identity> Load(const std::string& stem) {
  ASSIGN_OR_RETURN(std::string certificate_pem, ReadFile(stem + ".crt"));
  ASSIGN_OR_RETURN(std::string key_pem, ReadFile(stem + ".key"));
  Bio certificate(BIO_new_mem_buf(certificate_pem.data(),
                                  static_cast<int>(certificate_pem.size())));
  Bio key(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  Identity identity;
  identity.certificate.reset(
      PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  identity.key.reset(
      PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  if (identity.certificate == nullptr || identity.key == nullptr ||
      X509_check_private_key(identity.certificate.get(), identity.key.get()) !=
          1) {
    return OpenSslFailed(absl::StrCat("read ", stem));
  }
  return identity;
}

absl::Status Save(const std::string& stem, const Identity& identity) {
  RETURN_IF_ERROR(WritePrivateFile(stem + ".key", KeyPem(identity.key.get())));
  return WritePrivateFile(stem + ".crt",
                          CertificatePem(identity.certificate.get()));
}

bool LastsLongEnough(X509* certificate, absl::Time now) {
  time_t start = absl::ToTimeT(now);
  time_t end = absl::ToTimeT(now + kRenewBefore);
  return X509_cmp_time(X509_get0_notBefore(certificate), &start) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &end) > 0;
}

bool AddExtension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freed<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A new key with a certificate signed by `issuer`, or by itself.
absl::StatusOr<Identity> Make(const char* name, const Identity* issuer,
                              absl::Time now, absl::Duration life) {
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  if (made.key == nullptr || certificate == nullptr) {
    return OpenSslFailed("make a key");
  }
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof(serial)) != 1) {
    return OpenSslFailed("make a serial number");
  }
  serial[0] &= 0x7f;
  std::unique_ptr<BIGNUM, Freed<&BN_free>> number(
      BN_bin2bn(serial, sizeof(serial), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  X509_set_version(certificate, 2);
  X509_set_pubkey(certificate, made.key.get());
  time_t from = absl::ToTimeT(now - kBackdate);
  time_t until = absl::ToTimeT(now + life);
  ASN1_TIME_set(X509_getm_notBefore(certificate), from);
  ASN1_TIME_set(X509_getm_notAfter(certificate), until);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1,
                             -1, 0);
  bool authority = issuer == nullptr;
  X509* signer = authority ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  bool good =
      AddExtension(certificate, signer, NID_subject_key_identifier, "hash") &&
      AddExtension(certificate, signer, NID_authority_key_identifier,
                   authority ? "keyid" : "keyid:always") &&
      AddExtension(
          certificate, signer, NID_basic_constraints,
          authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
      AddExtension(certificate, signer, NID_key_usage,
                   authority ? "critical,keyCertSign,cRLSign"
                             : "critical,digitalSignature");
  if (!authority) {
    good = good &&
           AddExtension(certificate, signer, NID_ext_key_usage, "serverAuth") &&
           AddExtension(certificate, signer, NID_subject_alt_name,
                        "DNS:localhost,IP:127.0.0.1,IP:::1");
  }
  EVP_PKEY* key = authority ? made.key.get() : issuer->key.get();
  if (!good || X509_sign(certificate, key, EVP_sha256()) == 0) {
    return OpenSslFailed("sign a certificate");
  }
  return made;
}

}  // namespace

absl::StatusOr<Certificates> LoadOrMakeCertificates(
    const std::string& directory, absl::Time now) {
  RETURN_IF_ERROR(MakeDirectory(directory, 0700));
  std::string ca_stem = directory + "/ca";
  std::string server_stem = directory + "/server";

  absl::StatusOr<Identity> ca = Load(ca_stem);
  if (!ca.ok() || !LastsLongEnough(ca->certificate.get(), now)) {
    ca = Make("howdah-local-ca", nullptr, now, kCaLife);
    if (!ca.ok()) return ca.status();
    RETURN_IF_ERROR(Save(ca_stem, *ca));
  }
  absl::StatusOr<Identity> server = Load(server_stem);
  if (!server.ok() || !LastsLongEnough(server->certificate.get(), now) ||
      X509_verify(server->certificate.get(), ca->key.get()) != 1) {
    server = Make("howdah-local", &*ca, now, kServerLife);
    if (!server.ok()) return server.status();
    RETURN_IF_ERROR(Save(server_stem, *server));
  }
  return Certificates{CertificatePem(ca->certificate.get()),
                      CertificatePem(server->certificate.get()),
                      KeyPem(server->key.get())};
}

}  // namespace howdah::local
