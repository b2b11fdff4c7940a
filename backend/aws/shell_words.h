// Splits a command as a POSIX shell splits words, and expands nothing.
//
//   SplitWords("s3api head-object --key 'a b'")
//       -> {"s3api", "head-object", "--key", "a b"}
//   SplitWords("s3 ls | wc")   -> INVALID_ARGUMENT, SHELL_SYNTAX
//
// No shell runs here. Whatever a shell would do with more than the words
// (pipes, redirections, several commands, $variables, command substitution, ~,
// comments) is refused with the way to write the plain character; it is never
// taken as if it were meant. Globs, braces and `!` stay as they are, as a shell
// leaves them that matches no file.
#ifndef HOWDAH_BACKEND_AWS_SHELL_WORDS_H_
#define HOWDAH_BACKEND_AWS_SHELL_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace howdah::aws {

inline constexpr size_t kMaxCommandBytes = size_t{64} << 10;
inline constexpr size_t kMaxWords = 2000;

// INVALID_ARGUMENT with reason SHELL_SYNTAX or COMMAND_TOO_LONG.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view command);

// `word` so that SplitWords, and any POSIX shell, gives it back unchanged.
std::string QuoteWord(absl::string_view word);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_SHELL_WORDS_H_
