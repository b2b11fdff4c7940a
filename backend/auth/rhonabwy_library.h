// rhonabwy, the JOSE library, loaded when a server begins to take tokens and
// not before: with it come GnuTLS and a second libcurl
// (docs/decisions/0005-rhonabwy-for-tokens.md).
//
//   RETURN_IF_ERROR(LoadRhonabwy());
//   Rhonabwy().jws_init(&jws);
//
// The members are named as rhonabwy names its functions, without "r_".
#ifndef HOWDAH_BACKEND_AUTH_RHONABWY_LIBRARY_H_
#define HOWDAH_BACKEND_AUTH_RHONABWY_LIBRARY_H_

#include <rhonabwy.h>

#include "absl/status/status.h"

namespace howdah::auth {

struct RhonabwyLibrary {
  decltype(&r_global_init) global_init;
  decltype(&r_jwk_free) jwk_free;
  decltype(&r_jwk_import_from_json_str) jwk_import_from_json_str;
  decltype(&r_jwk_init) jwk_init;
  decltype(&r_jwk_key_type) jwk_key_type;
  decltype(&r_jws_advanced_compact_parsen) jws_advanced_compact_parsen;
  decltype(&r_jws_free) jws_free;
  decltype(&r_jws_get_alg) jws_get_alg;
  decltype(&r_jws_get_payload) jws_get_payload;
  decltype(&r_jws_init) jws_init;
  decltype(&r_jws_verify_signature) jws_verify_signature;
  decltype(&r_str_to_jwa_alg) str_to_jwa_alg;
};

// Loads and initialises rhonabwy, once; FAILED_PRECONDITION if this machine has
// none. Threads: safe.
absl::Status LoadRhonabwy();

// Limits: only after LoadRhonabwy has said OK.
const RhonabwyLibrary& Rhonabwy();

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_RHONABWY_LIBRARY_H_
