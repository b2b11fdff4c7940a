#include "backend/local/private_files.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "proto/support/status_macros.h"

namespace howdah::local {
namespace {

absl::Status Failed(absl::string_view what, const std::string& path) {
  int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("Cannot ", what, " ", path));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Failed("open", path);
  std::string content;
  char buffer[4096];
  ssize_t got;
  while ((got = read(file, buffer, sizeof(buffer))) > 0) {
    content.append(buffer, static_cast<size_t>(got));
  }
  absl::Status status = got < 0 ? Failed("read", path) : absl::OkStatus();
  close(file);
  if (!status.ok()) return status;
  return content;
}

absl::Status WritePrivateFile(const std::string& path,
                              absl::string_view content) {
  std::string next = path + ".new";
  int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", next);
  bool good = true;
  while (good && !content.empty()) {
    ssize_t put = write(file, content.data(), content.size());
    good = put > 0;
    if (good) content.remove_prefix(static_cast<size_t>(put));
  }
  good = good && fchmod(file, 0600) == 0 && fsync(file) == 0;
  absl::Status status = good ? absl::OkStatus() : Failed("write", next);
  close(file);
  if (status.ok() && rename(next.c_str(), path.c_str()) != 0) {
    status = Failed("replace", path);
  }
  if (!status.ok()) unlink(next.c_str());
  return status;
}

absl::StatusOr<std::string> LoadOrMakeSecret(const std::string& path) {
  absl::StatusOr<std::string> secret = ReadFile(path);
  if (secret.ok() && secret->size() >= 32) {
    return std::string(absl::StripAsciiWhitespace(*secret));
  }
  std::string bytes(32, '\0');
  if (getrandom(bytes.data(), bytes.size(), 0) !=
      static_cast<ssize_t>(bytes.size())) {
    return absl::InternalError("The system gives no random bytes");
  }
  std::string made = absl::BytesToHexString(bytes);
  RETURN_IF_ERROR(WritePrivateFile(path, made));
  return made;
}

absl::Status MakeDirectory(const std::string& path, unsigned mode) {
  std::error_code error;
  bool created = std::filesystem::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("Cannot create ", path, ": ", error.message()));
  }
  if (created && chmod(path.c_str(), mode) != 0) return Failed("protect", path);
  return absl::OkStatus();
}

}  // namespace howdah::local
