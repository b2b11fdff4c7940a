// Generated passwords.
//
//   std::string password = GeneratePassword([](absl::Span<uint8_t> bytes) {
//     RAND_bytes(bytes.data(), bytes.size());
//   });
#ifndef HOWDAH_BACKEND_CNPG_PASSWORD_H_
#define HOWDAH_BACKEND_CNPG_PASSWORD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/types/span.h"

namespace howdah::cnpg {

// Fills the span with bytes nobody can guess.
using RandomBytes = std::function<void(absl::Span<uint8_t>)>;

// 32 characters of [A-Za-z0-9], each equally likely: 190 bits. They need no
// quoting in a URI, a shell or a connection string.
std::string GeneratePassword(const RandomBytes& random);

}  // namespace howdah::cnpg

#endif  // HOWDAH_BACKEND_CNPG_PASSWORD_H_
