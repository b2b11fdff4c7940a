// What a command does, and how that is known.
//
//   const Classification what = Classify(parsed);
//   what.command_class   // CommandClass::kRead
//   what.rule            // "read-verb"
//
// Derived from the CLI's own models by the rules of docs/aws.md, after a table
// of curated entries (curated_commands.h); the first rule that speaks decides.
// Nothing is a read that is not proven to be one: unknown means write.
#ifndef HOWDAH_BACKEND_AWS_CLASSIFIER_H_
#define HOWDAH_BACKEND_AWS_CLASSIFIER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/aws/command_index.h"
#include "backend/aws/command_line.h"

namespace howdah::aws {

enum class CommandClass {
  kRead,
  kWrite,
  kDestructive,  // ends, removes or interrupts something
  kExecute,      // runs somebody's code or statement: any effect
  kForbidden,    // never run here
};

// Facts beside the class, as bits.
using CommandFlags = std::uint32_t;
// Its result is or holds a credential or secret.
inline constexpr CommandFlags kReturnsSecret = 1u << 0;
// The model marks fields of the result as sensitive: they are redacted.
inline constexpr CommandFlags kSensitiveFields = 1u << 1;
// Its result is stored data: objects, messages, rows, log lines.
inline constexpr CommandFlags kReturnsData = 1u << 2;
// Touches files where the CLI runs.
inline constexpr CommandFlags kLocalFile = 1u << 3;
inline constexpr CommandFlags kExecutesCode = 1u << 4;
// Runs until it is stopped: ended by the deadline.
inline constexpr CommandFlags kNeverEnds = 1u << 5;
// Can begin or raise charges.
inline constexpr CommandFlags kCosts = 1u << 6;
// A read by its name that changes something.
inline constexpr CommandFlags kSideEffect = 1u << 7;
// Polls until a state is reached.
inline constexpr CommandFlags kWaits = 1u << 8;
// Only asks whether the call would be allowed (--dry-run).
inline constexpr CommandFlags kPreview = 1u << 9;

struct Classification {
  CommandClass command_class = CommandClass::kWrite;
  CommandFlags flags = 0;
  // Stable name of the rule that decided.
  std::string rule = {};
  // Why, for people: "the operation's name begins with Describe".
  std::string reason = {};
  // One sentence on what the call does.
  std::string effect = {};
  bool Has(CommandFlags flag) const { return (flags & flag) != 0; }
};

// Of the command as such.
Classification ClassifyCommand(const Command& command);
// With its arguments: --dry-run, --with-decryption, s3://… to a file, ….
Classification Classify(const ParsedCommand& parsed);

// "READ", "WRITE", "DESTRUCTIVE", "EXECUTE", "FORBIDDEN"
absl::string_view ClassName(CommandClass command_class);
// Names of the set flags, "RETURNS_SECRET", in the order above.
std::vector<std::string> FlagNames(CommandFlags flags);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_CLASSIFIER_H_
