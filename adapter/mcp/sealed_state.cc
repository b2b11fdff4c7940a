#include "adapter/mcp/sealed_state.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace howdah::mcp {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kShortestSecret = 32;

// Keeps keys of other uses of the same secret apart.
constexpr char kPurpose[] = "howdah sealed state 1";

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Without randomness or the cipher nothing may be sealed at all.
void Demand(bool works) {
  if (!works) std::abort();
}

// Straight from the kernel: OpenSSL's own generator takes time to start.
void FillRandom(unsigned char* bytes, std::size_t size) {
  Demand(getrandom(bytes, size, 0) == static_cast<ssize_t>(size));
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string TimeBytes(absl::Time time) {
  std::uint64_t seconds = absl::ToUnixSeconds(time);
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(seconds >> shift);
  }
  return out;
}

absl::Time ReadTime(absl::string_view bytes) {
  std::uint64_t seconds = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    seconds = seconds << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return absl::FromUnixSeconds(static_cast<std::int64_t>(seconds));
}

std::string Encrypt(const SealingKeys::Key& key, absl::string_view plain,
                    absl::string_view binding) {
  std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
  FillRandom(Bytes(out), kNonceBytes);
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  unsigned char* text = Bytes(out) + kNonceBytes;
  int size = 0;
  Demand(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                            key.data(), Bytes(out)) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(binding),
                           static_cast<int>(binding.size())) == 1 &&
         EVP_EncryptUpdate(context.get(), text, &size, Bytes(plain),
                           static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), text + plain.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                             text + plain.size()) == 1);
  return out;
}

// Nothing if the key or the binding is another, or a bit was changed.
std::optional<std::string> Decrypt(const SealingKeys::Key& key,
                                   absl::string_view sealed,
                                   absl::string_view binding) {
  const std::size_t size = sealed.size() - kNonceBytes - kTagBytes;
  std::string plain(size, '\0');
  std::string tag(sealed.substr(kNonceBytes + size));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0;
  if (EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                         Bytes(sealed)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &written, Bytes(binding),
                        static_cast<int>(binding.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), Bytes(plain), &written,
                        Bytes(sealed) + kNonceBytes,
                        static_cast<int>(size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                          tag.data()) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + size, &written) != 1) {
    return std::nullopt;
  }
  return plain;
}

SealingKeys::Key Derive(absl::string_view secret) {
  const std::string text = absl::StrCat(kPurpose, "\n", secret);
  SealingKeys::Key key;
  SHA256(Bytes(text), text.size(), key.data());
  return key;
}

absl::Status NotOurs() {
  return absl::InvalidArgumentError(
      "It was not given out by this server for this request, or it was "
      "changed.");
}

}  // namespace

SealingKeys SealingKeys::Random() {
  SealingKeys keys;
  keys.keys_.emplace_back();
  FillRandom(keys.keys_[0].data(), keys.keys_[0].size());
  return keys;
}

absl::StatusOr<SealingKeys> SealingKeys::FromText(absl::string_view text) {
  SealingKeys keys;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    if (line.size() < kShortestSecret) {
      return absl::InvalidArgumentError(absl::StrCat(
          "A secret for sealing must have ", kShortestSecret,
          " characters at least; make one with: openssl rand -base64 32"));
    }
    keys.keys_.push_back(Derive(line));
  }
  if (keys.keys_.empty()) {
    return absl::InvalidArgumentError("There is no secret for sealing.");
  }
  return keys;
}

std::string Binding(std::initializer_list<absl::string_view> parts) {
  std::string out;
  for (absl::string_view part : parts) {
    absl::StrAppend(&out, part.size(), ":", part);
  }
  return out;
}

std::string StateSealer::Seal(absl::string_view text, absl::string_view binding,
                              absl::Time expires) const {
  return absl::WebSafeBase64Escape(Encrypt(
      keys_.keys().front(), absl::StrCat(TimeBytes(expires), text), binding));
}

absl::StatusOr<std::string> StateSealer::Open(absl::string_view sealed,
                                              absl::string_view binding,
                                              absl::Time now) const {
  std::string bytes;
  // Abseil forgives several ways of writing the same bytes; one is enough.
  if (!absl::WebSafeBase64Unescape(sealed, &bytes) ||
      absl::WebSafeBase64Escape(bytes) != sealed ||
      bytes.size() < kNonceBytes + kTimeBytes + kTagBytes) {
    return NotOurs();
  }
  for (const SealingKeys::Key& key : keys_.keys()) {
    std::optional<std::string> plain = Decrypt(key, bytes, binding);
    if (!plain) continue;
    if (now >= ReadTime(*plain)) {
      return absl::InvalidArgumentError("It has expired; begin anew.");
    }
    return plain->substr(kTimeBytes);
  }
  return NotOurs();
}

}  // namespace howdah::mcp
