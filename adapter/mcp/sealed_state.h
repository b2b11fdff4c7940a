// Seals what clients carry for the server, so that they can neither read nor
// change it, nor use it elsewhere or too late.
//
//   StateSealer sealer(SealingKeys::Random());
//   std::string text = sealer.Seal("orders@7", binding, now + 10min);
//   sealer.Open(text, binding, now)           -> "orders@7"
//   sealer.Open(text, other_binding, now)     -> INVALID_ARGUMENT
//
// Replicas that are given the same keys open what another has sealed; nothing
// is stored. docs/decisions/0006-sealed-state.md tells why and how.
#ifndef HOWDAH_ADAPTER_MCP_SEALED_STATE_H_
#define HOWDAH_ADAPTER_MCP_SEALED_STATE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::mcp {

// The first key seals, all of them open: a new key is put in front of the old
// one, which is taken away when nothing sealed with it can matter any more.
class SealingKeys {
 public:
  using Key = std::array<std::uint8_t, 32>;

  // A key that nobody else has; what it seals ends with the process.
  static SealingKeys Random();

  // One secret a line, each of 32 characters at least; blank lines and those
  // that begin with # do not count.
  static absl::StatusOr<SealingKeys> FromText(absl::string_view text);

  const std::vector<Key>& keys() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

// Joins what a sealed text is bound to; no two lists give the same binding.
std::string Binding(std::initializer_list<absl::string_view> parts);

// AES-256-GCM with a random nonce; the binding is the additional data.
//
// Threads: any.
// Limits: 2^32 texts for each key, by the nonce's length.
class StateSealer {
 public:
  explicit StateSealer(SealingKeys keys) : keys_(std::move(keys)) {}

  // URL-safe characters only.
  std::string Seal(absl::string_view text, absl::string_view binding,
                   absl::Time expires) const;

  // INVALID_ARGUMENT if it was not sealed here with this binding, or is too
  // old.
  absl::StatusOr<std::string> Open(absl::string_view sealed,
                                   absl::string_view binding,
                                   absl::Time now) const;

 private:
  SealingKeys keys_;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SEALED_STATE_H_
