// What is known about single commands, by people: where the models of the CLI
// say too little or their names mislead. Each entry has its reason.
//
//   const CuratedCommand* entry = FindCurated(command);
//
// Operations are named as in the API ("lambda Invoke"), so that all commands
// that call one share its entry; customizations as they are called ("s3 cp").
#ifndef HOWDAH_BACKEND_AWS_CURATED_COMMANDS_H_
#define HOWDAH_BACKEND_AWS_CURATED_COMMANDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "backend/aws/classifier.h"
#include "backend/aws/command_index.h"

namespace howdah::aws {

struct CuratedCommand {
  absl::string_view name;
  CommandClass command_class;
  CommandFlags flags;
  absl::string_view reason;
};

// Null if there is no entry.
const CuratedCommand* FindCurated(const Command& command);

// All entries, so that a test can see which meet no command.
const std::vector<CuratedCommand>& CuratedCommands();

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_CURATED_COMMANDS_H_
