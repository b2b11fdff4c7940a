// Files of the server that a command would touch. None is read; what a command
// writes goes, by a bare name, into the folder of its call.
//
//   RETURN_IF_ERROR(TakeFiles(argument, parsed));   // LOCAL_FILE_REFUSED
//   parsed.output_files                             // {"out.bin"}
#ifndef HOWDAH_BACKEND_AWS_LOCAL_FILES_H_
#define HOWDAH_BACKEND_AWS_LOCAL_FILES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backend/aws/parsed_command.h"

namespace howdah::aws {

// file:// and fileb://, which the CLI replaces by a file's content.
bool IsFileReference(absl::string_view value);

// Refuses an option that names a file to read; of one that names a file to
// write, makes the name a bare one and notes it.
absl::Status TakeFiles(Argument& argument, ParsedCommand& parsed);

// The commands of `s3` take local paths beside s3:// ones. There is nothing
// local to read; one file may be written, and comes back with the result.
absl::Status TakeS3Paths(ParsedCommand& parsed);

}  // namespace howdah::aws

#endif  // HOWDAH_BACKEND_AWS_LOCAL_FILES_H_
