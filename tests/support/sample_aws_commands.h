// For tests that walk an index: each command with values that it may have.
//
//   ForEachCommand([](const Command& command) {
//     const auto parsed = Parse(Minimal(command)); … });
//
// The index is Debian's, or that in the file HOWDAH_TEST_AWS_INDEX.
#ifndef HOWDAH_TESTS_SUPPORT_SAMPLE_AWS_COMMANDS_H_
#define HOWDAH_TESTS_SUPPORT_SAMPLE_AWS_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/aws/command_index.h"
#include "backend/aws/command_line.h"

namespace howdah::aws {

bool IsDebians();
const CommandIndex& Index();
void ForEachCommand(const std::function<void(const Command&)>& visit);

// The words as one command, and what our parser makes of it.
std::string Line(const std::vector<std::string>& words);
absl::StatusOr<ParsedCommand> Parse(const std::vector<std::string>& words);

// Words of an option with a value that it may have.
std::vector<std::string> Sample(const Option& option);
// The command with nothing but what it needs.
std::vector<std::string> Minimal(const Command& command);
// Whether it cannot be called without a file to read.
bool NeedsAFile(const Command& command);
// The parsed command as words again.
std::vector<std::string> Canonical(const ParsedCommand& parsed);

}  // namespace howdah::aws

#endif  // HOWDAH_TESTS_SUPPORT_SAMPLE_AWS_COMMANDS_H_
