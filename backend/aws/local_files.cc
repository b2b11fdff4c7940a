#include "backend/aws/local_files.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/aws/errors.h"

namespace howdah::aws {
namespace {

// What the CLI writes a streamed result into where the caller named stdout.
constexpr absl::string_view kStandardOutputFile = "outfile";

// The CLI itself opens what these options name.
bool WritesFile(const Option& option) {
  return option.handler == "StreamingOutputArgument" ||
         option.handler == "S3SelectStreamOutputArgument" ||
         option.handler == "QueryOutFileArgument" ||
         (option.handler == "FileArgument" && option.type == "string");
}

bool ReadsFile(const Option& option) {
  return option.streams_file || option.handler == "LaunchKeyArgument";
}

bool IsBareFileName(absl::string_view name) {
  constexpr absl::string_view kAllowed = "._-";
  if (name.empty() || name.size() > 100) return false;
  if (!absl::ascii_isalnum(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return absl::ascii_isalnum(c) ||
           kAllowed.find(c) != absl::string_view::npos;
  });
}

bool IsS3Url(absl::string_view value) {
  return absl::StartsWith(value, "s3://");
}

}  // namespace

bool IsFileReference(absl::string_view value) {
  return absl::StartsWithIgnoreCase(value, "file://") ||
         absl::StartsWithIgnoreCase(value, "fileb://");
}

absl::Status TakeFiles(Argument& argument, ParsedCommand& parsed) {
  const Option& option = *argument.option;
  if (ReadsFile(option)) {
    return LocalFileRefused(option.name,
                            "it names a file to read; the caller has none "
                            "here.");
  }
  if (!WritesFile(option)) return absl::OkStatus();
  for (std::string& value : argument.values) {
    if (value == "-" || value == "/dev/stdout") {
      value = std::string(kStandardOutputFile);
    }
    if (!IsBareFileName(value)) {
      return LocalFileRefused(option.name,
                              "give a bare file name (or -); what is written "
                              "comes back with the result.");
    }
    const auto& files = parsed.output_files;
    if (std::count(files.begin(), files.end(), value) > 0) {
      return CommandInvalid(parsed.command->Name(),
                            absl::StrCat("two options write ", value, "."));
    }
    parsed.output_files.push_back(value);
  }
  return absl::OkStatus();
}

absl::Status TakeS3Paths(ParsedCommand& parsed) {
  const Command& command = *parsed.command;
  if (command.service != "s3" || command.path.size() != 1) {
    return absl::OkStatus();
  }
  const std::string& verb = command.path[0];
  Argument* paths = nullptr;
  for (Argument& argument : parsed.arguments) {
    if (argument.option->positional) paths = &argument;
  }
  if (paths == nullptr) return absl::OkStatus();
  if (verb != "cp" && verb != "mv" && verb != "sync") return absl::OkStatus();
  if (paths->values.size() != 2) {
    return CommandInvalid(command.Name(), "it needs two paths.");
  }
  if (!IsS3Url(paths->values[0])) {
    return LocalFileRefused(
        paths->values[0],
        "the source is a local file, and the caller has none here; it has to "
        "begin with s3://.");
  }
  std::string& target = paths->values[1];
  if (IsS3Url(target)) return absl::OkStatus();
  if (verb == "cp" && target == "-") return absl::OkStatus();
  const bool many = verb == "sync" || parsed.Find("--recursive") != nullptr;
  if (many || !IsBareFileName(target)) {
    return LocalFileRefused(
        target,
        "the target has to begin with s3://, or be - or a bare file name for "
        "one object, which comes back with the result.");
  }
  parsed.output_files.push_back(target);
  return absl::OkStatus();
}

}  // namespace howdah::aws
