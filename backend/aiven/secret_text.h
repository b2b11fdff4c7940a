// Secrets that stand in texts from outside: logs, messages, settings.
//
//   HideSecrets("connect to postgres://app:pw@db/x failed")
//       // "connect to postgres://app:(hidden)@db/x failed"
//
// The second line only: secrets of the API are fields of their own, which are
// not read in the first place. Just the secret is replaced, never the whole
// line, and no name of a field is guessed at.
#ifndef HOWDAH_BACKEND_AIVEN_SECRET_TEXT_H_
#define HOWDAH_BACKEND_AIVEN_SECRET_TEXT_H_

#include <string>

namespace howdah::aiven {

// Replaces Aiven's generated passwords (AVNS_…), its tokens, PEM private keys
// and passwords in URIs.
std::string HideSecrets(std::string text);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_SECRET_TEXT_H_
