#include "backend/cnpg/password.h"

#include "absl/strings/string_view.h"

namespace howdah::cnpg {
namespace {

constexpr size_t kLength = 32;
constexpr absl::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
// The largest multiple of the alphabet's size that a byte can hold: bytes from
// here on are thrown away, since they would make the first letters likelier.
constexpr uint8_t kLimit = 256 / kAlphabet.size() * kAlphabet.size();

}  // namespace

std::string GeneratePassword(const RandomBytes& random) {
  std::string password;
  while (password.size() < kLength) {
    uint8_t bytes[kLength];
    random(absl::MakeSpan(bytes));
    for (uint8_t byte : bytes) {
      if (byte >= kLimit || password.size() == kLength) continue;
      password += kAlphabet[byte % kAlphabet.size()];
    }
  }
  return password;
}

}  // namespace howdah::cnpg
