// How an issuer is asked: over HTTPS with the system's authorities, not
// following redirects, not for long, and not for much.
//
//   Issuer issuer({.url = "https://id.example.com"}, MakeHttpGet(), clock);
#ifndef HOWDAH_BACKEND_AUTH_HTTP_GET_H_
#define HOWDAH_BACKEND_AUTH_HTTP_GET_H_

#include "backend/auth/issuer.h"

namespace howdah::auth {

// Begins no thread before the first request. An answer that is not 200 is
// UNAVAILABLE; errors name scheme, host and port, no more of the URL.
HttpGet MakeHttpGet();

}  // namespace howdah::auth

#endif  // HOWDAH_BACKEND_AUTH_HTTP_GET_H_
